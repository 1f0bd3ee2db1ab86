import Rotation

/// The names that a pattern must not match, because they are those of the archives of its own logs: `/var/log/samba/log.*`
/// matches `log.smbd.1`. logrotate rotates such a file again; here it stays an archive.
struct OwnArchives {
  let policy: Policy

  /// Patterns of the archives that a pattern matches; none for most patterns.
  func excluded(by pattern: LogPattern) -> [LogPattern] {
    guard pattern.hasWildcard, policy.archiveDirectory == nil || policy.archiveDirectory?.path.isAbsolute == false
    else {
      return []
    }
    let directory = pattern.text.split.directory
    let log = pattern.example.split
    let suffixes = [""] + policy.naming.suffixes
    let isMatched = suffixes.contains { suffix in
      let archive = policy.naming.example(of: log.name)
      return pattern.matches(path: log.directory.appending(FileName(archive.bytes + Array(suffix.utf8))))
    }
    guard isMatched, policy.archiveDirectory == nil else { return [] }
    return versions.flatMap { version in
      suffixes.map {
        LogPattern(directory.appending(FileName([UInt8(ascii: "*")] + version + ending + Array($0.utf8))))
      }
    }
  }

  /// What stands at the end of an archive's name after its version: the extension that the job keeps last.
  private var ending: [UInt8] {
    if case .suffix(let text) = policy.naming.naming.ending { text.bytes } else { [] }
  }

  /// Patterns of versions: numbers up to three digits, or dates with and without the number of a further one.
  private var versions: [[UInt8]] {
    guard case .dated(let format) = policy.naming.naming.style else {
      let first = policy.naming.naming.first
      return (1...max(3, String(first).utf8.count + 1)).map { digits in
        Array((first == 0 && digits == 1 ? ".[0-9]" : ".[1-9]").utf8)
          + Array(repeating: Array("[0-9]".utf8), count: digits - 1).flatMap(\.self)
      }
    }
    let date = format.string(of: 0).utf8.flatMap { $0.isDigit ? Array("[0-9]".utf8) : [$0] }
    return [date, date + Array("~[0-9]*".utf8)]
  }
}
