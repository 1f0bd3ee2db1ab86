package import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

extension Supervisor {
  /// What `rotatectl explain` and `plan` show where no daemon runs: what a daemon would reply to a call that only looks. The caller
  /// has loaded the state, if there is one, and nothing else is asked of this supervisor. Nothing is changed.
  package func answerOnce(
    _ method: OperatorMethod, _ parameters: Wire.Parameters
  ) async -> Result<[Wire.Reply], VarlinkError> {
    precondition(!method.acts, "whoever acts is a daemon")
    let now = Now(platform.loop)
    for runtime in registry.runtimes {
      guard let schedule = runtime.job.schedule else { continue }
      // A daemon that starts counts a job that it has never seen from its start.
      runtime.clock = JobClock(schedule, served: state.served(job: runtime.name) ?? now.wall, now: now, zone: zone)
    }
    let replies = KeptReplies()
    do throws(VarlinkError) {
      try await operators.answer(OperatorCall(method, parameters), takesMany: true, to: replies)
      return .success(replies.all)
    } catch {
      return .failure(error)
    }
  }
}

/// Takes every reply at once.
private final class KeptReplies: ReplySink {
  private(set) var all: [Wire.Reply] = []

  func send(_ reply: Wire.Reply, continues: Bool) async -> Bool {
    all.append(reply)
    return true
  }

  func wait() async -> Bool { false }
  func wake() {}
}
