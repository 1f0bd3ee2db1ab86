internal import EventLoop
internal import Rotation
internal import Timekeeping

extension LogHousekeeping {
  /// Says something of an archive, once as long as it stays the same: its name changes with each rotation.
  func say(_ entry: PendingArchive, _ problem: PendingArchive.Problem, _ what: String, errno: Errno? = nil) {
    guard entry.problem != problem else { return }
    entry.problem = problem
    let message = "job \(order.job): \(path.printable): \(what)"
    housekeeper.onProblem(order.job, message)
    platform.report(
      Report(errno == nil ? .note : .failed, .warning, message, job: order.job, log: path, errno: errno))
  }

  /// An archive that is in no trouble any more.
  func settled(_ entry: PendingArchive) {
    guard entry.problem != nil else { return }
    entry.problem = nil
    if !pending.values.contains(where: { $0.problem != nil }) { housekeeper.onProblem(order.job, nil) }
  }

  /// Tries an archive again later; returns when.
  @discardableResult
  func postpone(
    _ entry: PendingArchive, _ what: String, _ errno: Errno? = nil, because reason: String? = nil
  ) -> MonotonicTime {
    let time = entry.retry.postpone(Limits.retryDelays, from: platform.loop.now())
    entry.hold = nil
    let why = reason ?? errno.map(\.description) ?? ""
    say(entry, .failed(why), "\(what): \(why); trying again later", errno: errno)
    return time
  }
}
