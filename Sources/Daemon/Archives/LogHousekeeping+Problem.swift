internal import EventLoop
internal import Rotation
internal import Timekeeping

extension LogHousekeeping {
  /// Reports a problem of an archive, and not again while it stays the same, although each rotation renames the
  /// archive.
  func say(
    _ entry: PendingArchive, _ problem: PendingArchive.Problem, _ what: String, errno: Errno? = nil,
    nextTry: MonotonicTime? = nil, isCommand: Bool = false
  ) {
    // An archive that was removed meanwhile has no problem.
    guard pending[entry.file] === entry else { return }
    entry.problem = problem
    let message = "job \(order.job): \(path.printable): \(what)"
    let kind: Report.Kind = isCommand ? .hookFailed : errno == nil ? .note : .failed
    platform.problems.note(
      subject(entry),
      Report(kind, isCommand ? .error : .warning, message, job: order.job, log: path, errno: errno),
      key: problem.key, nextTry: nextTry)
  }

  private func subject(_ entry: PendingArchive) -> Problems.Subject {
    Problems.Subject(.archive, of: order.job, path, part: "\(entry.file.inode) \(entry.file.isOnLogsFileSystem)")
  }

  /// Ends the problem of an archive.
  func settled(_ entry: PendingArchive) {
    guard entry.problem != nil else { return }
    entry.problem = nil
    platform.problems.clear(subject(entry))
  }

  /// Tries an archive again later. Returns the time of that try.
  @discardableResult
  func postpone(
    _ entry: PendingArchive, _ what: String, _ errno: Errno? = nil, because reason: String? = nil,
    isCommand: Bool = false
  ) -> MonotonicTime {
    let time = entry.retry.postpone(Limits.retryDelays, from: platform.loop.now())
    entry.hold = nil
    let why = reason ?? errno.map(\.description) ?? ""
    say(
      entry, .failed(why), "\(what): \(why); trying again later", errno: errno, nextTry: time,
      isCommand: isCommand)
    return time
  }
}
