internal import Control
internal import Rotation
internal import Timekeeping

// Jobs that only remove files of another program.

extension Operators {
  /// What the last search of a job has found, or one that is made now.
  func retainedSums(of runtime: JobRuntime) async throws(VarlinkError) -> RetainedSums {
    if let known = runtime.retained { return known }
    guard let sums = await supervisor.lookAtRetained(of: runtime.job, { _ in }) else {
      throw OperatorError.stopping.with()
    }
    return sums
  }

  /// What a job with `retain` would remove now: one plan for each group of files.
  func planRetained(_ runtime: JobRuntime, _ replies: Replies) async throws(VarlinkError) {
    var groups: [FilePath: [Retention.Removal]] = [:]
    var counts: [FilePath: Int] = [:]
    let sums = await supervisor.lookAtRetained(of: runtime.job) { removal in
      counts[removal.archive.log, default: 0] += 1
      if counts[removal.archive.log, default: 0] <= Limits.maxShown {
        groups[removal.archive.log, default: []].append(removal)
      }
    }
    guard sums != nil else { throw OperatorError.stopping.with() }
    for (path, removals) in groups.sorted(by: { $0.key < $1.key }) {
      var plan = Wire.LogPlan()
      (plan.path, plan.job, plan.due) = (path, runtime.name, next(runtime, reached: nil))
      if runtime.job.policy.retained?.isConfirmed == false { plan.refusal = "`retain-confirmed` is false" }
      plan.now = removals.map { Wire.Step($0) }
      try await replies.add { $0.plan = plan }
    }
  }

  /// What a path that no job has for a log is to a job with `retain`.
  func explainRetained(_ path: FilePath, _ value: inout Wire.Explanation) async throws(VarlinkError) {
    let runtime = supervisor.registry.runtimes.first { runtime in
      runtime.job.policy.retained?.patterns.contains { $0.matches(path: path) } == true
        && !runtime.job.exclude.contains { $0.matches(path: path) }
    }
    guard let runtime, let retained = runtime.job.policy.retained, let status = try? platform.fileSystem.look(at: path)
    else { return }
    guard status.kind == .regular, status.links == 1 else {
      value.remark =
        "job \(runtime.name) never removes it: it is \(status.links > 1 ? "a file with two names" : "no regular file")"
      return
    }
    value.standing = .retained
    value.pattern = retained.patterns.first { $0.matches(path: path) }?.text.printable
    var found: Retention.Removal?
    let sums = await supervisor.lookAtRetained(of: runtime.job) { removal in
      if removal.archive.inode == status.inode, removal.archive.log.split.directory == path.split.directory {
        found = removal
      }
    }
    guard sums != nil else { throw OperatorError.stopping.with() }
    let next = next(runtime, reached: nil)?.at.map { " at \(supervisor.zone.dateAndTime(at: $0))" } ?? ""
    value.remark =
      if let found {
        retained.isConfirmed
          ? "job \(runtime.name) removes it\(next): \(found.reason)"
          : "job \(runtime.name) would remove it: \(found.reason); its `retain-confirmed` is false"
      } else {
        "no rule of job \(runtime.name) removes it now"
      }
  }
}

extension Wire.Step {
  /// The removal of a file that is no archive.
  init(_ removal: Retention.Removal) {
    self.init(Rotation.Step.remove(removal.archive.location, removal.reason))
    bytes = removal.archive.bytes
  }
}
