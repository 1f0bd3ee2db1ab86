import Rotation

/// Refuses logs whose archives would have the same names in the same directory: nobody could distinguish them.
struct ArchiveDirectoryChecks {
  let jobs: [Job]
  /// One position for every log of every job, in their order.
  let places: [Position]
  let findings: Findings

  func report() {
    guard jobs.contains(where: { $0.policy.archiveDirectory != nil }) else { return }
    // Archives by the path that the log would have in their directory, with the log that has them.
    var namespaces: [FilePath: (log: FilePath, place: Position)] = [:]
    for (log, place, archives) in plainLogs() {
      guard let other = namespaces[archives] else {
        namespaces[archives] = (log, place)
        continue
      }
      guard other.log != log else { continue }
      findings.error(
        "the archives of \(Wording.quoted(log)) and of \(Wording.quoted(other.log)) (\(findings.mention(other.place, at: place))) would have "
          + "the same names in the same directory", at: place, hint: "give one of them another `archive-dir`")
    }
    warnOfWildcards()
  }

  private func plainLogs() -> [(log: FilePath, place: Position, archives: FilePath)] {
    var found: [(FilePath, Position, FilePath)] = []
    var place = 0
    for job in jobs {
      for pattern in job.logs {
        defer { place += 1 }
        guard !pattern.hasWildcard else { continue }
        let (directory, name) = pattern.text.split
        let archives = directory.resolving(job.policy.archiveDirectory?.path).appending(name)
        found.append((pattern.text, places[place], archives))
      }
    }
    return found
  }

  /// A pattern for several directories may match two logs with the same name.
  private func warnOfWildcards() {
    var place = 0
    for job in jobs {
      for pattern in job.logs {
        defer { place += 1 }
        guard let path = job.policy.archiveDirectory?.path, path.isAbsolute,
          pattern.hasWildcard, pattern.components.count > 1
        else { continue }
        findings.warning(
          "\(Wording.quoted(pattern.text)) may match logs with the same name in several directories, and they share "
            + "one `archive-dir`: only the first of such logs to be rotated is ever rotated", at: places[place],
          hint: "an `archive-dir` that does not begin with a slash is beside each log")
      }
    }
  }
}
