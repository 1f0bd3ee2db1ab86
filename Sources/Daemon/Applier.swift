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

  /// `live` is the log's name, whose extended attributes the new file takes over.
  package func apply(_ plan: Plan, live: String, in directory: OpenDirectory) throws(StepFailure) {
    for step in plan.steps {
      do throws(Errno) {
        try apply(step, live: live, in: directory)
      } catch {
        throw StepFailure(step: step, errno: error)
      }
    }
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
    case .remove(let name, _):
      try fileSystem.remove(name, in: directory)
    }
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
