internal import Rotation
internal import Timekeeping

// Reports about retention and free space.

extension RunReport {
  private static func name(_ archive: Retention.Archive, _ path: FilePath) -> String {
    "\(path.printable) (\(ByteSize.describe(archive.bytes)))"
  }

  /// After a reload, the rules of a job remove archives that the former rules kept.
  static func willRemove(_ new: RemovalTally.Count, _ old: RemovalTally.Count, of job: Job, before former: Job)
    -> Report
  {
    let (now, then) = (job.policy.rules, former.policy.rules)
    var changes: [String] = []
    if job.policy.keep != former.policy.keep {
      changes.append("`keep` is \(job.policy.keep), was \(former.policy.keep)")
    }
    func change(_ key: String, _ new: String?, _ old: String?) {
      if new != old { changes.append("`\(key)` is \(new ?? "none"), was \(old ?? "none")") }
    }
    change("max-age", now.maxAge.map { TimeSpan.describe($0) }, then.maxAge.map { TimeSpan.describe($0) })
    change("max-total", now.maxTotal.map(ByteSize.describe), then.maxTotal.map(ByteSize.describe))
    change("keep-min", "\(now.keepMin)", "\(then.keepMin)")
    let more = RemovalTally.Count(archives: new.archives - old.archives, bytes: max(0, new.bytes - old.bytes))
    return Report(
      .note, .warning,
      "job \(job.name): the new config removes \(more.description), more than the old one: "
        + changes.joined(separator: "; "), job: job.name, bytes: more.bytes)
  }

  /// An archive that was removed by a rule of its job, or because the disk is low on space; with the readers that keep
  /// its space from becoming free.
  static func removed(
    _ removal: Retention.Removal, _ path: FilePath, openIn readers: [String], isOneOfMany: Bool = false
  ) -> Report {
    let archive = removal.archive
    let reason = removal.reason.description
    let isForRoom = if case .free = removal.reason { true } else { false }
    var message = "job \(archive.job): removed \(name(archive, path))\(isForRoom ? " to free space" : ""): "
    message += reason.printable
    if !readers.isEmpty {
      message +=
        "; it is still open in \(readers.joined(separator: ", ")), so its space is free only when that closes it"
    }
    return Report(
      isForRoom ? .madeRoom : .removed, isForRoom ? .warning : isOneOfMany ? .debug : .info, message,
      job: archive.job, log: archive.log,
      archive: path, bytes: archive.bytes, reason: reason)
  }

  /// An archive that could not be removed; the removal is tried again.
  static func notRemoved(_ removal: Retention.Removal, _ path: FilePath, _ errno: Errno) -> Report {
    Report(
      .failed, .error,
      "job \(removal.archive.job): cannot remove \(path.printable) (\(removal.reason.description.printable)): \(errno); "
        + "trying again later", job: removal.archive.job, log: removal.archive.log, archive: path, errno: errno)
  }

  /// An archive that stays because a writer has it open: a removal would free nothing.
  static func notRemoved(_ removal: Retention.Removal, _ path: FilePath, openIn writers: [String]) -> Report {
    let who = writers.isEmpty ? "a process that cannot be seen" : writers.joined(separator: ", ")
    return Report(
      .note, .warning,
      "job \(removal.archive.job): \(path.printable) is still open for writing in \(who), so it is not removed "
        + "(\(removal.reason.description.printable))", job: removal.archive.job, log: removal.archive.log, archive: path
    )
  }

  /// Removals work again after a problem.
  static func removesAgain(job: String) -> Report {
    Report(.resolved, .notice, "job \(job): archives can be removed again", job: job)
  }

  /// A file system has less free space than `warn-free` or `keep-free`.
  static func lowSpace(_ path: FilePath, _ gauge: SpaceGauge) -> Report {
    let what =
      gauge.stage == .acting
      ? "`keep-free` is \(gauge.bound), so the oldest archives are removed" : "`warn-free` is \(gauge.bound)"
    return Report(
      .lowSpace, .warning, "low on space: \(gauge.description) on the file system of \(path.printable); \(what)")
  }

  /// Nothing is left to remove, and too little space is free.
  static func noRoomToMake(_ path: FilePath, _ gauge: SpaceGauge) -> Report {
    Report(
      .lowSpace, .error,
      "low on space: \(gauge.description) on the file system of \(path.printable), and no archive is left that may be "
        + "removed: those of `keep-min` stay, and those that a writer has open")
  }

  /// A file system has enough free space again.
  static func enoughSpace(_ path: FilePath, _ gauge: SpaceGauge) -> Report {
    Report(.resolved, .notice, "enough space again: \(gauge.description) on the file system of \(path.printable)")
  }

  /// The free space of a file system cannot be measured.
  static func unmeasured(_ path: FilePath, _ errno: Errno) -> Report {
    Report(
      .failed, .warning, "cannot measure the free space of \(path.printable): \(errno); trying again later",
      errno: errno)
  }
}

// Reports about jobs with `retain`.

extension RunReport {
  /// A job that is not confirmed would remove files.
  static func unconfirmed(_ sums: RetainedSums, job: String) -> Report {
    Report(
      .note, .notice,
      "job \(job): would remove \(files(sums.surplus)) of \(sums.files), and removes none, because `retain-confirmed` is "
        + "false; see `rotatectl plan \(job)`", job: job, bytes: sums.surplus.bytes)
  }

  /// What a job will remove when it is due next.
  static func willClear(_ sums: RetainedSums, at next: String?, job: String) -> Report {
    Report(
      .note, .info,
      "job \(job): will remove \(files(sums.surplus)) of \(sums.files)\(next.map { " at \($0)" } ?? "")", job: job,
      bytes: sums.surplus.bytes)
  }

  /// The totals of a run that has removed more files than `Limits.maxSingleReports`; nil for any other run.
  static func cleared(_ removed: RemovalTally.Count, job: String) -> Report? {
    guard removed.archives > Limits.maxSingleReports else { return nil }
    return Report(.ran, .info, "job \(job): removed \(files(removed))", job: job, bytes: removed.bytes)
  }

  private static func files(_ count: RemovalTally.Count) -> String {
    "\(count.archives) file\(count.archives == 1 ? "" : "s") (\(ByteSize.describe(count.bytes)))"
  }
}
