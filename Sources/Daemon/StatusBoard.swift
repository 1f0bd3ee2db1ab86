package import Rotation

/// What the daemon says of itself in one line, and the figures behind it.
package struct StatusBoard {
  package var jobs = 0
  /// Rotations since start.
  package private(set) var rotations = 0
  private var last: (log: String, at: WallTime)?
  /// Jobs of which some log could not be rotated, with what went wrong.
  private var failing: [String: String] = [:]
  /// Jobs of which some archive waits for its writer, or could not be compressed.
  private var waiting: [String: String] = [:]
  /// Why the config in force is not the one on disk; nil when it is.
  package var configProblem: String?

  /// The error of the state file that was last reported; nil when it is written well.
  package var stateFailure: Errno?

  /// Counts a rotation, and remembers it as the last.
  package mutating func noteRotation(of log: String, at time: WallTime) {
    rotations += 1
    last = (log, time)
  }

  /// The job's present trouble; nil when it has none.
  package mutating func note(job: String, failure: String?) {
    failing[job] = failure
  }

  /// What holds up the job's archives; nil when nothing does.
  package mutating func note(upkeepOf job: String, _ trouble: String?) {
    waiting[job] = trouble
  }

  /// Forgets the troubles of jobs that are no more.
  package mutating func forget(jobs names: some Sequence<String>) {
    for name in names { (failing[name], waiting[name]) = (nil, nil) }
  }

  /// For `STATUS=`: `4 jobs, 12 rotations, last /tmp/file1 at 12:00:30; failing: file3`.
  package func text(zone: Zone) -> String {
    var text = "\(jobs) job\(jobs == 1 ? "" : "s"), \(rotations) rotation\(rotations == 1 ? "" : "s")"
    if let last { text += ", last \(last.log.printable) at \(zone.clockTime(at: last.at))" }
    if !failing.isEmpty {
      let names = failing.keys.sorted()
      text += "; failing: " + names.prefix(3).joined(separator: ", ")
      if names.count > 3 { text += " and \(names.count - 3) more" }
    }
    if !waiting.isEmpty {
      let names = waiting.keys.sorted()
      text += "; archives held up: " + names.prefix(3).joined(separator: ", ")
      if names.count > 3 { text += " and \(names.count - 3) more" }
    }
    if let configProblem { text += "; \(configProblem)" }
    return text
  }
}
