internal import EventLoop
internal import Rotation

extension World {
  private static let minute: Int64 = 60_000_000_000

  /// Minutes may pass between two writes to a log, so one that is watched is below its limit when the second comes: in
  /// peace, when the daemon has had time to try again what had failed.
  func checkGrowth(of path: String) {
    let now = driver.now().nanoseconds
    guard isCalm, now > max(peace, lifeBegan) + 10 * Self.minute, !disk.isDead, !scenario.stepsClock else { return }
    guard let name = scenario.logs.first(where: { $0.path == path })?.job,
      let job = configuration.jobs.first(where: { $0.name == name }), let limit = job.sizeLimit, limit.check == nil,
      limit.minInterval == nil, let status = disk.inode(of: path).flatMap({ disk.status(of: $0) }),
      case let size = status.size(under: job.policy.handling.method), size >= limit.bytes
    else { return }
    checker.complain("\(path) has \(size) bytes at a limit of \(limit.bytes), and was not rotated at once")
  }
}
