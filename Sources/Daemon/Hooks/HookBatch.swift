internal import Rotation

/// What one run has for the hooks of its job: its logs, and the hooks that are still to be sent. It has its own copy
/// of the hooks: a job that changes or goes meanwhile does not take them along.
final class HookBatch {
  let job: String
  let hooks: [Hook]
  /// Told before, to a writer that does not let go: nothing waits for it, and a failure is not tried again.
  let isRepeat: Bool
  var logs: [RotatedLog]
  /// Notices that were not yet tried.
  private var unended: Set<Hook>
  /// Notices that have not yet succeeded.
  private var owed: Set<Hook>
  /// Called with the logs when each hook was tried, with success or not.
  let onEnd: ([RotatedLog]) -> Void

  init(
    _ logs: [RotatedLog], of job: String, hooks: [Hook], isRepeat: Bool = false,
    onEnd: @escaping ([RotatedLog]) -> Void = { _ in }
  ) {
    self.job = job
    self.onEnd = onEnd
    self.hooks = hooks
    self.isRepeat = isRepeat
    self.logs = logs
    self.unended = Set(hooks)
    self.owed = Set(hooks)
  }

  /// Takes in how a notice has ended. `isEnded` is true once, when each was tried; `isNotified` once, when each has succeeded.
  func end(_ hook: Hook, succeeded: Bool) -> (isEnded: Bool, isNotified: Bool) {
    let wasWaiting = !unended.isEmpty
    let wasOwed = !owed.isEmpty
    unended.remove(hook)
    if succeeded { owed.remove(hook) }
    return (wasWaiting && unended.isEmpty, wasOwed && owed.isEmpty)
  }
}
