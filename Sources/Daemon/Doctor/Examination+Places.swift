internal import Control
internal import Rotation

// What is wrong with directories of logs and archives.

extension Examination {
  /// Directories that the daemon cannot change: by their mount, their flags, their mode, or the sandbox of its unit.
  func writable() -> [Wire.Finding] {
    places.flatMap { place -> [Wire.Finding] in
      var found: [Wire.Finding] = []
      func add(_ message: String, advice: String) {
        found.append(Wire.Finding(.error, job: place.jobs.first, path: place.path, message, advice: advice))
      }
      let facts = place.facts
      if facts.isReadOnly {
        add("its file system is mounted read-only", advice: "mount it read-write, or take its logs out of the config")
      }
      switch facts.flag {
      case .immutable: add("the directory is immutable", advice: "chattr -i \(Shell.quoted(place.path))")
      case .appendOnly:
        add(
          "the directory is append-only, so that no file in it can be renamed",
          advice: "chattr -a \(Shell.quoted(place.path))")
      case nil: break
      }
      if let obstacle = host.sandbox?.obstacle(in: place.path) {
        add(
          obstacle,
          advice: "systemctl edit rotated, and add to [Service]: ReadWritePaths=\(place.path.printable)")
      }
      let mayOwner = facts.user == 0 || facts.mode & 0o200 != 0
      if !facts.isReadOnly, facts.flag == nil, !facts.isWritable || host.user == 0 && !mayOwner {
        let who = facts.isWritable ? "its owner, as whom rotated acts there," : "user \(host.user)"
        add(
          "\(who) may not create and rename files in it",
          advice: "chmod u+wx \(Shell.quoted(place.path)), or run the daemon as the user who may")
      }
      return found
    }
  }

  /// Directories in which everybody can change names.
  func openDirectories() -> [Wire.Finding] {
    places.filter { $0.facts.mode & 0o002 != 0 }.map { place in
      let isSticky = place.facts.mode & 0o1000 != 0
      return Wire.Finding(
        .warning, job: place.jobs.first, path: place.path,
        isSticky
          ? "every user can make files in it, also under names that archives will have"
          : "every user can rename and remove the logs and archives in it",
        advice: "chmod o-w \(Shell.quoted(place.path)), or move the logs to a directory of their own")
    }
  }

  /// File systems that lack what a rotation uses.
  func fileSystems() -> [Wire.Finding] {
    places.flatMap { place -> [Wire.Finding] in
      guard let kind = FileSystemKind(place.facts) else { return [] }
      var found: [Wire.Finding] = []
      func add(_ severity: Wire.Severity, _ message: String, advice: String) {
        found.append(
          Wire.Finding(severity, job: place.jobs.first, path: place.path, "\(kind.name) \(message)", advice: advice))
      }
      let advice = "nothing has to be changed; logs on a local file system do not have this limit"
      if kind.exchanges == false {
        add(.notice, "cannot exchange two names: a rotation takes links and renames instead", advice: advice)
      }
      if kind.leases == false {
        add(
          .notice,
          "has no leases: an archive is compressed after `reopen-timeout`, when no process of this machine writes to it",
          advice: "make sure that no process of another machine writes to these logs")
      }
      let ways = Set(
        logs.filter { $0.path.split.directory == place.path }.compactMap { log -> TruncationMethod? in
          if case .truncate(by: let way) = log.job.policy.method { way } else { nil }
        })
      if kind.collapses == false, ways.contains(.collapse) {
        add(
          .error, "cannot collapse a file: these logs are not rotated",
          advice: "set `truncate-by = \"auto\"` or \"punch\""
        )
      }
      if kind.punches == false, ways.contains(.punch) {
        add(.error, "cannot punch holes: these logs are not rotated", advice: "set `truncate-by = \"auto\"`")
      }
      if kind.collapses == false, kind.punches == false, ways.contains(.auto) {
        add(
          .warning, "can neither collapse a file nor punch holes: truncation \(TruncationMethod.copy.risk)",
          advice: "have the writer reopen its log, and rotate with `method = \"move\"`")
      }
      return found
    }
  }

  /// Directories whose SELinux label is not one of logs.
  func labels() -> [Wire.Finding] {
    guard host.hasLabels else { return [] }
    return places.compactMap { place in
      guard let label = place.facts.label, !label.hasSuffix("log_t") else { return nil }
      let pattern = Shell.quoted(FilePath(bytes: Shell.escapedPattern(place.path.bytes) + Array("(/.*)?".utf8)))
      return Wire.Finding(
        .warning, job: place.jobs.first, path: place.path,
        "its SELinux type is \(label.printable), which is no type of logs: a confined daemon may not rotate there",
        advice: "semanage fcontext -a -t var_log_t \(pattern) && restorecon -R \(Shell.quoted(place.path))")
    }
  }
}

/// Texts that are pasted to a shell.
enum Shell {
  /// A word of sh(1): in quotes where it has other characters than those of ordinary paths.
  static func quoted(_ path: FilePath) -> String {
    let text = path.printable
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "/._-+:@%,".utf8.contains(byte)
    }
    guard !isPlain else { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// A regular expression that matches these bytes alone.
  static func escapedPattern(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { ".^$*+?()[]{}|\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
  }
}
