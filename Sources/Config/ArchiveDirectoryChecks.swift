import Rotation

/// Refuses logs whose archives would have the same names in the same directory: nobody could tell them apart again.
struct ArchiveDirectoryChecks {
  let jobs: [Job]
  /// One for every log of every job, in their order.
  let places: [Place]
  let findings: Findings

  func report() {
    guard jobs.contains(where: { $0.policy.handling.archiveDirectory != nil }) else { return }
    // Archives by the path that the log would have in their directory, with the log that has them.
    var families: [PathKey: (log: String, place: Place)] = [:]
    for (log, place, archives) in plainLogs() {
      let key = PathKey(archives[...])
      guard let other = families[key] else {
        families[key] = (log, place)
        continue
      }
      guard !other.log.utf8.elementsEqual(log.utf8) else { continue }
      findings.error(
        "the archives of \(Wording.quoted(log)) and of \(Wording.quoted(other.log)) (line \(other.place.line)) would have "
          + "the same names in the same directory", at: place, hint: "give one of them another `archive-dir`")
    }
    warnOfWildcards()
  }

  private func plainLogs() -> [(log: String, place: Place, archives: String)] {
    var found: [(String, Place, String)] = []
    var place = 0
    for job in jobs {
      for pattern in job.logs {
        defer { place += 1 }
        guard !pattern.hasWildcard, let slash = pattern.text.utf8.lastIndex(of: UInt8(ascii: "/")) else { continue }
        let name = pattern.text[slash...]
        let archives =
          switch job.policy.handling.archiveDirectory?.path {
          case nil: pattern.text
          case let path? where path.utf8.first == UInt8(ascii: "/"): (path == "/" ? "" : path) + name
          case let path?: "\(pattern.text[..<slash])/\(path)" + name
          }
        found.append((pattern.text, places[place], archives))
      }
    }
    return found
  }

  /// A pattern that leads to several directories may lead to two logs of one name.
  private func warnOfWildcards() {
    var place = 0
    for job in jobs {
      for pattern in job.logs {
        defer { place += 1 }
        guard let path = job.policy.handling.archiveDirectory?.path, path.utf8.first == UInt8(ascii: "/"),
          pattern.hasWildcard, pattern.components.count > 1
        else { continue }
        findings.warning(
          "\(Wording.quoted(pattern.text)) may match logs of one name in several directories, and `archive-dir` is one "
            + "for them all: of such logs only the first that is rotated ever is", at: places[place],
          hint: "an `archive-dir` without a slash in front lies beside each log")
      }
    }
  }
}
