package import Rotation
package import Timekeeping

/// The status line of the daemon, and the figures behind it.
package final class StatusBoard {
  package var jobs = 0
  /// Rotations since start.
  package private(set) var rotations = 0
  private var last: (log: FilePath, at: WallTime)?
  private let problems: Problems

  package init(_ problems: Problems) {
    self.problems = problems
  }

  /// Counts a rotation, and remembers it as the last.
  package func noteRotation(of log: FilePath, at time: WallTime) {
    rotations += 1
    last = (log, time)
  }

  /// The text of `STATUS=`: `4 jobs, 12 rotations, last /tmp/file1 at 12:00:30; failing: file3`.
  package func text(zone: Zone) -> String {
    let count = jobs == 0 ? "no jobs yet" : "\(jobs) job\(jobs == 1 ? "" : "s")"
    var text = "\(count), \(rotations) rotation\(rotations == 1 ? "" : "s")"
    if let last { text += ", last \(last.log.printable) at \(zone.clockTime(at: last.at))" }
    return text + problems.line
  }
}
