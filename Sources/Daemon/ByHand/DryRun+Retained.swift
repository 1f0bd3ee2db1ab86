internal import Config
internal import Rotation
internal import Timekeeping

// What a job with `retain` would remove, by the search and the plan of the daemon.

extension DryRun {
  /// What was found of a job with `retain`.
  struct RetainedLook {
    /// What a due time now would remove, in its order.
    var doomed: [Doomed] = []
    var files = 0
    var bytes: Int64 = 0
    /// The groups that have files, and of each the time of its oldest and its newest.
    var groups: [RetainedFiles] = []
    var failures: [LookFailure] = []
  }

  /// Searches for the files of a job with `retain`. Nothing is changed.
  func retained(_ job: Job, now: WallTime) -> RetainedLook {
    var look = RetainedLook()
    guard var plan = RetainedPlan(job, now: now, limit: .max) else { return look }
    func note(_ removal: Retention.Removal) {
      plan.note(gone: removal)
      look.doomed.append((removal, LogFinder.join(removal.archive.log.split.directory, removal.archive.location.name)))
    }
    var walk = RetainedWalk(job, fileSystem, claimed.claims, now: now, limit: .max)
    while let step = walk.next() {
      switch step {
      case .working: break
      case .failed(let failure): look.failures.append(failure)
      case .group(let group, _):
        if group.all > 0 { look.groups.append(group) }
        look.files += group.all
        look.bytes = look.bytes.saturatingAdd(group.bytes)
        for removal in plan.add(group) { note(removal) }
      }
    }
    while !plan.settle(.max) {}
    while let removal = plan.next() { note(removal) }
    return look
  }

  /// Doubts about a job with `retain`: directories that do not exist, patterns that match nothing, and files that it would
  /// remove if it were confirmed.
  func retainedDoubts(of job: Job, now: WallTime) -> [String] {
    guard let rule = job.policy.retained else { return [] }
    let look = retained(job, now: now)
    var doubts = look.failures.map { failure in
      failure.errno == .noEntry
        ? "there is no directory \(failure.path.printable)"
        : "cannot list \(failure.path.printable): \(failure.reason)"
    }
    for pattern in rule.patterns where look.failures.isEmpty {
      let isMatched = look.groups.contains { $0.path.split.name.bytes == pattern.text.split.name.bytes }
      if !isMatched { doubts.append("\"\(pattern.text.printable)\" matches no file now") }
    }
    if !rule.isConfirmed {
      let bytes = look.doomed.reduce(Int64(0)) { $0.saturatingAdd($1.removal.archive.bytes) }
      let count = look.doomed.count
      doubts.append(
        "`retain-confirmed` is false, so it removes nothing; it would remove \(count) of \(look.files) "
          + "files (\(ByteSize.describe(bytes))) now")
    }
    return doubts
  }
}
