package import Rotation
package import Timekeeping

/// What the daemon says of itself in one line, and the figures behind it.
package final class StatusBoard {
  package var jobs = 0
  /// Rotations since start.
  package private(set) var rotations = 0
  private var last: (log: FilePath, at: WallTime)?
  /// Jobs of which some log could not be rotated, with what went wrong.
  private var failing: [String: String] = [:]
  /// Jobs of which some archive waits for its writer, or could not be compressed.
  private var waiting: [String: String] = [:]
  /// Jobs of which some archive could not be removed.
  private var unremoved: [String: String] = [:]
  /// File systems that are low on space, in words.
  package var lowSpace: [String] = []
  /// Notices that have failed, by their description, with what went wrong.
  private var owed: [String: String] = [:]
  /// Why the config in force is not the one on disk; nil when it is.
  package var configProblem: String?

  /// The error of the state file that was last reported; nil when it is written well.
  package var stateFailure: Errno?

  package init() {}

  /// Counts a rotation, and remembers it as the last.
  package func noteRotation(of log: FilePath, at time: WallTime) {
    rotations += 1
    last = (log, time)
  }

  /// The job's present trouble; nil when it has none.
  package func note(job: String, failure: String?) {
    failing[job] = failure
  }

  /// What holds up the job's archives; nil when nothing does.
  package func note(housekeepingOf job: String, _ problem: String?) {
    waiting[job] = problem
  }

  /// What retention could not remove of the job's archives; nil when nothing is left.
  package func note(retentionOf job: String, _ problem: String?) {
    unremoved[job] = problem
  }

  /// Why a notice could not be told; nil when it could.
  package func note(hook: String, _ problem: String?) {
    owed[hook] = problem
  }

  /// Forgets the troubles of jobs that are no more.
  package func forget(jobs names: some Sequence<String>) {
    for name in names { (failing[name], waiting[name], unremoved[name]) = (nil, nil, nil) }
  }

  /// For `STATUS=`: `4 jobs, 12 rotations, last /tmp/file1 at 12:00:30; failing: file3`.
  package func text(zone: Zone) -> String {
    var text = "\(jobs) job\(jobs == 1 ? "" : "s"), \(rotations) rotation\(rotations == 1 ? "" : "s")"
    if let last { text += ", last \(last.log.printable) at \(zone.clockTime(at: last.at))" }
    text += Self.list("low on space", lowSpace) + Self.list("failing", failing.keys.sorted())
    text += Self.list("not notified", owed.keys.sorted()) + Self.list("archives still open", waiting.keys.sorted())
    text += Self.list("archives not removed", unremoved.keys.sorted())
    if let configProblem { text += "; \(configProblem)" }
    return text
  }

  /// The first three of what there is, and how many more there are.
  private static func list(_ what: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return "; \(what): " + names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}
