internal import EventLoop
internal import Rotation
internal import Timekeeping

extension LogUpkeep {
  /// Says something of an archive, once as long as it stays the same: its name changes with each rotation.
  func say(_ entry: PendingArchive, _ trouble: PendingArchive.Trouble, _ what: String, errno: Errno? = nil) {
    guard entry.trouble != trouble else { return }
    entry.trouble = trouble
    let message = "job \(order.job): \(path.printable): \(what)"
    finisher.onTrouble(order.job, message)
    platform.report(
      Report(errno == nil ? .note : .failed, .warning, message, job: order.job, log: path, errno: errno))
  }

  /// An archive that is in no trouble any more.
  func settled(_ entry: PendingArchive) {
    guard entry.trouble != nil else { return }
    entry.trouble = nil
    if !pending.values.contains(where: { $0.trouble != nil }) { finisher.onTrouble(order.job, nil) }
  }

  /// Tries an archive again later; returns when.
  @discardableResult
  func postpone(
    _ entry: PendingArchive, _ what: String, _ errno: Errno? = nil, because reason: String? = nil
  ) -> MonotonicTime {
    let time = platform.loop.now().advanced(by: Limits.retryDelay(attempts: entry.failures))
    entry.failures += 1
    entry.notBefore = time
    entry.hold = nil
    let why = reason ?? errno.map(\.description) ?? ""
    say(entry, .failed(why), "\(what): \(why); trying again later", errno: errno)
    return time
  }
}
