internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

extension World {
  private static let minute: Int64 = 60_000_000_000

  /// Minutes may pass between two writes to a log, so a watched log is below its limit at the second one: in peace,
  /// when the daemon has had time to try again what had failed. (A truncated log keeps a block of its content, and one
  /// with an undone rotation pauses.)
  func checkGrowth(of path: FilePath) {
    let now = driver.now().nanoseconds
    guard isCalm, now > max(peace, lifeBegan) + 10 * Self.minute, !disk.isDead, !scenario.stepsClock else { return }
    guard let name = scenario.logs.first(where: { $0.path == path })?.job,
      let job = configuration.jobs.first(where: { $0.name == name }), let limit = job.sizeLimit, limit.check == nil,
      limit.minInterval == nil, job.policy.method == .move, !job.policy.undoesWhenStuck,
      let size = disk.inode(of: path).flatMap({ disk.status(of: $0)?.size }), size >= limit.bytes
    else { return }
    checker.warn("\(path) has \(size) bytes at a limit of \(limit.bytes), and was not rotated at once")
  }

  /// Checks the whole disk every other day; a line that is lost stays lost. While calls fail, and right after, a log
  /// may have been copied and not yet truncated.
  func scheduleLook() {
    driver.schedule(after: 2 * 24 * 60 * Self.minute) { [unowned self] in
      let quiet = max(faultsEnd, lifeBegan) + 60 * Self.minute
      checker.checkLines(mayBeTruncated: disk.isDead || driver.now().nanoseconds < quiet)
      if !isOver { scheduleLook() }
    }
  }
}
