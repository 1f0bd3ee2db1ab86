internal import Config
internal import Control
internal import Rotation
internal import Timekeeping

// What a rotation now would do, by the finder and the planner of the runs, and what a path is to the jobs.

extension Operators {
  func plan(_ selection: Selection, _ replies: Replies) async throws(VarlinkError) {
    for runtime in selection.runtimes {
      if runtime.job.policy.retained != nil { try await planRetained(runtime, replies) }
      try await visit(runtime, selection) { view throws(VarlinkError) in
        try await replies.add { $0.plan = self.plan(view, runtime) }
      }
    }
  }

  private func preview(_ view: LogView, _ job: Job) -> DryRun.Preview {
    DryRun.Preview(
      of: view.inventory, job, view.path, supervisor.state, at: Moment(now.wall, in: supervisor.zone),
      renames: view.renames)
  }

  private func plan(_ view: LogView, _ runtime: JobRuntime) -> Wire.LogPlan {
    let (job, plan) = (runtime.job, preview(view, runtime.job).plan)
    var value = Wire.LogPlan()
    (value.path, value.job, value.due) = (view.path, job.name, next(runtime, reached: reached(view, job)))
    value.refusal = plan.skip?.description
    let (before, hooks) = plan.takesLive ? (job.policy.before, job.policy.hooks) : ([], [])
    value.now = before.map { Wire.Step(.run, "run \($0)") } + plan.now.map { Wire.Step($0) }
    value.now = Array((value.now + hooks.map { Wire.Step(.notify, "notify \($0)") }).prefix(Limits.maxShown))
    value.later = plan.whenReleased.prefix(Limits.maxShown).map { Wire.Step($0.step) }
    return value
  }

  // MARK: Explain

  func explain(_ paths: [FilePath], _ replies: Replies) async throws(VarlinkError) {
    guard !paths.isEmpty else { throw .invalidParameter("logs") }
    for path in paths {
      var explanation = try await explain(path)
      if explanation.standing == .unclaimed { try await explainRetained(path, &explanation) }
      try await replies.add { $0.explanation = explanation }
    }
  }

  private func explain(_ path: FilePath) async throws(VarlinkError) -> Wire.Explanation {
    var value = Wire.Explanation()
    value.path = path
    guard path.isAbsolute else {
      value.remark = "it is not an absolute path"
      return value
    }
    let registry = supervisor.registry
    let (directory, name) = path.split
    let claims = registry.claims.claims(on: path)
    value.pattern = claims.first.map { registry.claims.pattern(of: $0).text.printable }
    value.claims = others(claims)
    let status: FileStatus?
    do throws(Errno) { status = try platform.fileSystem.look(at: path) } catch {
      value.remark = "cannot look at it: \(error)"
      return value
    }
    guard let runtime = registry.owner(of: path), registry.isLog(name, in: directory, of: runtime.name) else {
      explainOther(path, status, &value)
      return value
    }
    switch status?.kind {
    case nil: value.standing = .missing
    case .regular: value.standing = .log
    case .symbolicLink: (value.standing, value.remark) = (.symbolicLink, Skip.notRegular(.symbolicLink).description)
    case .some(let kind): (value.standing, value.remark) = (.notRegular, Skip.notRegular(kind).description)
    }
    try await explainLog(name, in: directory, runtime, &value)
    return value
  }

  /// The other jobs that match a path, and why each comes after the first.
  private func others(_ claims: [Claims.Claim]) -> [Wire.Claim] {
    let registry = supervisor.registry
    guard let first = claims.first else { return [] }
    let (owner, pattern) = (registry.runtimes[Int(first.job)].name, registry.claims.pattern(of: first))
    return claims.filter { $0.job != first.job }.prefix(Limits.maxShown).map { claim in
      var other = Wire.Claim()
      let its = registry.claims.pattern(of: claim)
      (other.job, other.pattern) = (registry.runtimes[Int(claim.job)].name, its.text.printable)
      if its.hasWildcard && !pattern.hasWildcard {
        other.reason = "job \(owner) names the path itself"
      } else if its.fixedPrefix.bytes.count < pattern.fixedPrefix.bytes.count {
        other.reason = "the pattern of job \(owner) has more characters before its first wildcard"
      } else {
        other.reason = "job \(owner) comes first in the config"
      }
      return other
    }
  }

  /// What is not a log of any job.
  private func explainOther(_ path: FilePath, _ status: FileStatus?, _ value: inout Wire.Explanation) {
    let (directory, name) = path.split
    if let log = supervisor.registry.log(ofArchive: name, in: directory) {
      value.standing = .archive
      value.remark = "it has the name of an archive of \(log.printable)"
    } else if StagingName.log(of: name) != nil || SetAsideName.isOne(name) {
      value.remark = "it has a name that rotated uses for files of its own"
    } else if let job = supervisor.registry.claims.excluder(of: path) {
      value.standing = .excluded
      value.remark = "job \(supervisor.registry.runtimes[job].name) excludes it"
    } else if status?.kind == .symbolicLink {
      (value.standing, value.remark) = (.symbolicLink, "no job has it, and a link is never followed")
    }
  }

  private func explainLog(
    _ name: FileName, in directory: FilePath, _ runtime: JobRuntime, _ value: inout Wire.Explanation
  ) async throws(VarlinkError) {
    let job = runtime.job
    guard let directories = supervisor.open(directory, for: job),
      let view = try? view(of: name, job, in: directories, nil, reader)
    else {
      value.remark = value.remark ?? "its directory cannot be read"
      return
    }
    value.conditions = conditions(view, runtime)
    value.log = log(view, runtime)
    value.plan = plan(view, runtime)
    value.archives = view.archives.prefix(Limits.maxShown).map { archive in
      var shown = Wire.Archive()
      (shown.path, shown.modified, shown.bytes) = (archive.path, archive.status.modified, archive.status.allocated)
      shown.isCompressed = archive.version.suffix == job.policy.compression?.suffix || !archive.version.suffix.isEmpty
      if let age = job.policy.maxAge {
        var removal = Wire.Due()
        (removal.at, removal.reason) = (archive.status.modified + age, "max-age \(TimeSpan.show(age))")
        shown.removal = removal
      }
      return shown
    }
    try await addHolders(view, runtime, &value)
  }

  /// Every condition of a rotation, with its value now.
  private func conditions(_ view: LogView, _ runtime: JobRuntime) -> [Wire.Condition] {
    let (job, now) = (runtime.job, now)
    var conditions: [Wire.Condition] = []
    func add(_ name: String, _ wanted: String, _ value: String, _ holds: Bool) {
      var condition = Wire.Condition()
      (condition.name, condition.wanted, condition.value, condition.holds) = (name, wanted, value, holds)
      conditions.append(condition)
    }
    if runtime.pause != nil { add("pause", "not paused", "paused", false) }
    if let clock = runtime.clock {
      let zone = supervisor.zone
      let due = clock.due(now, zone: zone)
      let value =
        due.map { "due since \(zone.dateAndTime(at: $0))" }
        ?? clock.next.wall(now: now).map { "next at \(zone.dateAndTime(at: $0))" } ?? "never again"
      add("schedule", clock.schedule.description, value, due != nil)
    }
    let live = view.inventory.live
    let size = live.map { job.policy.method.cutsLog ? $0.sizeByRoom : $0.size } ?? 0
    if let limit = job.sizeLimit {
      add("size", ">= \(ByteSize.describe(limit.bytes))", ByteSize.describe(size), size >= limit.bytes)
    }
    let measures = Rotation.Condition.Measures(size: size, begun: view.inventory.begun, now: now.wall)
    for condition in job.policy.conditions {
      let isMet = condition.unmet(by: measures) == nil
      switch condition {
      case .minSize(let least): add("min-size", ">= \(ByteSize.describe(least))", ByteSize.describe(size), isMet)
      case .minAge(let least):
        let age = view.inventory.begun.map { TimeSpan.show(max(.zero, now.wall - $0)) } ?? "unknown"
        add("min-age", ">= \(TimeSpan.show(least))", age, isMet)
      }
    }
    if let obstacle = Planner.obstacle(view.inventory, job.policy) {
      let isEmpty = obstacle == .empty
      add(
        isEmpty ? "if-empty" : "log", isEmpty ? "not empty, or true" : "a log that can be rotated",
        obstacle.description, false)
    }
    return conditions
  }
}
