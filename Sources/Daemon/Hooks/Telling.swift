internal import Rotation

/// What one turn of a job has to tell: its logs, and the notices that are still to be told of them. It has its own copy
/// of the notices: a job that changes or goes meanwhile does not take them along.
final class Telling {
  let job: String
  let notices: [Notice]
  /// Told before, to a writer that does not let go: nothing waits for it, and a failure is not tried again.
  let isRepeat: Bool
  var logs: [RotatedLog]
  /// Notices that were not yet tried.
  private var unended: Set<Notice>
  /// Notices that have not yet succeeded.
  private var untold: Set<Notice>

  init(_ logs: [RotatedLog], of job: String, notices: [Notice], isRepeat: Bool = false) {
    self.job = job
    self.notices = notices
    self.isRepeat = isRepeat
    self.logs = logs
    self.unended = Set(notices)
    self.untold = Set(notices)
  }

  /// Takes in how a notice has ended. `isEnded` is true once, when each was tried; `isTold` once, when each has succeeded.
  func end(_ notice: Notice, succeeded: Bool) -> (isEnded: Bool, isTold: Bool) {
    let wasWaiting = !unended.isEmpty
    let wasUntold = !untold.isEmpty
    unended.remove(notice)
    if succeeded { untold.remove(notice) }
    return (wasWaiting && unended.isEmpty, wasUntold && untold.isEmpty)
  }
}
