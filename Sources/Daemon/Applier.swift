package import Rotation

/// A step that failed.
package struct StepFailure: Error, Hashable {
  package var step: Step
  package var errno: Errno
}

/// Carries out the steps of a plan, in order, and stops at the first that fails.
package struct Applier {
  private let fileSystem: any FileSystem

  package init(fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// Applies the steps; returns those that could not be, of the kind that others need not wait for: a surplus version
  /// that stays costs room, and is met again by the next rotation. `live` is the log's name, whose extended attributes
  /// the new file takes over; `publish` gives a copy of it its name.
  package func apply(
    _ steps: some Sequence<Step>, live: String, in directory: OpenDirectory,
    publish: (_ name: String) throws(Errno) -> Void = { _ throws(Errno) in throw .invalid }
  ) throws(StepFailure) -> [StepFailure] {
    var leftUndone: [StepFailure] = []
    for step in steps {
      do throws(Errno) {
        if case .copy(_, let archive) = step {
          try publish(archive)
        } else {
          try apply(step, live: live, in: directory)
        }
      } catch {
        let failure = StepFailure(step: step, errno: error)
        guard case .remove(_, .prune) = step else { throw failure }
        // What is gone already needs no removal.
        if error != .noEntry { leftUndone.append(failure) }
      }
    }
    return leftUndone
  }

  private func apply(_ step: Step, live: String, in directory: OpenDirectory) throws(Errno) {
    switch step {
    case .prepare(let name, let attributes):
      try fileSystem.create(name, attributes, like: live, in: directory)
    case .rename(let old, let new, _):
      try fileSystem.rename(old, to: new, in: directory)
    case .exchange(let staging, let live):
      try fileSystem.exchange(staging, live, in: directory)
    case .link(let old, let new, _):
      try link(old, to: new, in: directory)
    case .replace(let live, let staging):
      try fileSystem.replace(live, with: staging, in: directory)
    case .discard(let copy, let source):
      // Another rotated may have come to the end of this very compression since the look.
      guard try fileSystem.status(of: source, in: directory) != nil else { throw .noEntry }
      try fileSystem.remove(copy, in: directory)
    case .copy: throw .invalid
    case .remove(let name, .prune):
      try fileSystem.removeReleased(name, in: directory)
    case .remove(let name, .leftover):
      try removeEmpty(name, in: directory)
    case .remove(let name, _):
      try fileSystem.remove(name, in: directory)
    }
  }

  /// Removes a staging file that was empty when the plan was made. Another rotated, with a state of its own, may have
  /// exchanged it for a log since then: then the plan is as stale as when a name is taken.
  private func removeEmpty(_ name: String, in directory: OpenDirectory) throws(Errno) {
    if let status = try fileSystem.status(of: name, in: directory), status.size > 0, status.links == 1 { throw .exists }
    try fileSystem.remove(name, in: directory)
  }

  /// A link that an interrupted rotation has made already is as good as a new one.
  private func link(_ old: String, to new: String, in directory: OpenDirectory) throws(Errno) {
    do throws(Errno) {
      try fileSystem.link(old, to: new, in: directory)
    } catch .exists {
      let (first, second) = (
        try fileSystem.status(of: old, in: directory), try fileSystem.status(of: new, in: directory)
      )
      guard let first, first.inode == second?.inode else { throw .exists }
    }
  }
}
