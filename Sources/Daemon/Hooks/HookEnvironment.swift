internal import Rotation

/// The variables in the environment of a `notify` command.
enum HookEnvironment {
  /// `ROTATED_JOB`, `ROTATED_LOG` and `ROTATED_ARCHIVE`, and `ROTATED_COUNT`, the number of logs.
  ///
  /// With several logs, line n of `ROTATED_LOG` and line n of `ROTATED_ARCHIVE` belong together; `ROTATED_JOB` has each
  /// job once. A path with a newline in it is left out: a command that reads lines would take it for two paths, and
  /// whoever made the file chooses the second. Paths that do not fit are left out too; `ROTATED_COUNT` counts all logs.
  static func variables(of logs: [RotatedLog]) -> [String: ExactText] {
    var (paths, archives, bytes) = ([FilePath](), [FilePath](), 0)
    for log in logs {
      let path = LogFinder.join(log.directory, log.name)
      let archive = log.archivePath
      guard !isSplit(path), !isSplit(archive) else { continue }
      bytes += max(path.bytes.count, archive.bytes.count) + 1
      if bytes > Limits.maxVariableBytes { break }
      paths.append(path)
      archives.append(archive)
    }
    let jobs = HookWork.jobs(of: logs).map { ExactText($0) }.filter { !isSplit($0) }
    return [
      "ROTATED_JOB": lines(jobs), "ROTATED_LOG": lines(paths), "ROTATED_ARCHIVE": lines(archives),
      "ROTATED_COUNT": "\(logs.count)",
    ]
  }

  private static func isSplit(_ text: some ExactBytes) -> Bool { text.bytes.contains(UInt8(ascii: "\n")) }

  private static func lines(_ texts: [some ExactBytes]) -> ExactText {
    var count = 0
    let fitting = texts.prefix { text in
      count += text.bytes.count + 1
      return count <= Limits.maxVariableBytes
    }
    return ExactText(fitting.map(\.bytes).joined(separator: [UInt8(ascii: "\n")]))
  }
}
