internal import Rotation

/// The logs of one run for the hooks of its job, and the hooks that are still to be sent. The hooks are a copy: the job
/// may change or be removed meanwhile.
final class HookBatch {
  let job: String
  let hooks: [Hook]
  /// Whether its writers were notified before and did not close the archive: nothing waits for it, and a failure is not
  /// tried again.
  let isRepeat: Bool
  var logs: [RotatedLog]
  /// Hooks that were not tried yet.
  private var unended: Set<Hook>
  /// Hooks that have not succeeded yet.
  private var owed: Set<Hook>
  /// Called with the logs when each hook was tried, with or without success.
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

  /// Records the result of a hook. `isEnded` is true once, when each hook was tried; `isNotified` once, when each has
  /// succeeded.
  func end(_ hook: Hook, succeeded: Bool) -> (isEnded: Bool, isNotified: Bool) {
    let wasWaiting = !unended.isEmpty
    let wasOwed = !owed.isEmpty
    unended.remove(hook)
    if succeeded { owed.remove(hook) }
    return (wasWaiting && unended.isEmpty, wasOwed && owed.isEmpty)
  }
}
