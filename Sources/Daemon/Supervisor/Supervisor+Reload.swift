import Config
import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Reads the config and takes it into use. A stop that is asked for meanwhile cuts it short, and then READY is not told.
  /// With a span it is on trial for that time; without, a trial that is under way ends, and what is read stays.
  func reload(onTrialFor span: Span? = nil) async -> Reply {
    let former = span == nil ? nil : trial?.former ?? configuration
    let failing = trial?.failing ?? platform.problems.failing
    lifecycle = .reloading
    platform.serviceManager.notify(.reloading)
    platform.problems.clear(Problems.Subject(.config))
    let result = platform.loadConfig()
    lastReload = ReloadOutcome(diagnostics: result.diagnostics)
    for diagnostic in result.diagnostics { platform.report(Report(diagnostic)) }
    guard let configuration = result.configuration else {
      platform.problems.note(
        Problems.Subject(.config), Report(.configRejected, .error, "config rejected: the previous one stays in force"),
        name: "the new config was rejected, the previous one is in force")
      strayConfig = StrayConfig(text: platform.configOnDisk(), looked: platform.loop.now())
      return endReload() ?? .refused
    }
    _ = endTrial(isConfirmed: false)
    if let span, let former { beginTrial(span, former: former, failing: failing) }
    return await take(configuration)
  }

  /// Takes a config into use.
  func take(_ configuration: Configuration) async -> Reply {
    if lifecycle != .reloading {
      lifecycle = .reloading
      platform.serviceManager.notify(.reloading)
    }
    await announceRemovals(by: configuration)
    if !isStopping { await adopt(configuration) }
    return endReload() ?? .done
  }

  private func endReload() -> Reply? {
    lifecycle = .running
    if isStopping { return .stopping }
    platform.serviceManager.notify(.ready(status: status.text(zone: zone)))
    return nil
  }

  /// Takes the new config into use, job by job: what has not changed goes on undisturbed.
  ///
  /// First every part goes by the new config, without a suspension in between; then the jobs that are new are recovered
  /// and begun, and what has changed is looked at.
  private func adopt(_ configuration: Configuration) async {
    adoptZone()
    let former = registry
    let (registry, changes) = former.next(configuration, on: platform)
    change(changes, configuration, former)
    self.registry = registry
    noteConfig(configuration)
    lastReload.changes = changes
    for subsystem in subsystems { subsystem.adopt(registry, changes) }
    let added = registry.runtimes(of: changes.added)
    guard await goOnFromLogrotate(added) else { return }
    setClocks(of: added)
    await recover(Set(changes.added))
    notifyRecovered()
    resumeWaiting(of: Set(changes.added))
    begin(added)
    if isStopping { return }
    platform.report(RunReport.reloaded(changes, jobs: registry.runtimes.count))
    let touched = added + registry.runtimes(of: changes.changed)
    await sweep(touched)
    await findOtherRotators()
    if isStopping { return }
    beginRetention(touched)
    platform.releaseMemory()
  }

  /// Gives the jobs that stay what the config says of them now, and ends those that go.
  private func change(_ changes: JobChanges, _ configuration: Configuration, _ former: JobRegistry) {
    let changed = Set(changes.changed)
    for job in configuration.jobs where changed.contains(job.name) {
      if let runtime = former[job.name] { change(runtime, to: job) }
    }
    for runtime in former.runtimes(of: changes.removed) {
      runtime.isRetired = true
      runtime.alarm.ring()
      runtime.retention?.worker.stop()
    }
  }

  /// Gives a job its new settings. The phase of its schedule stays if the schedule does.
  private func change(_ runtime: JobRuntime, to job: Job) {
    let before = runtime.job
    runtime.job = job
    let now = Now(platform.loop)
    if before.schedule != job.schedule {
      let known = runtime.clock?.served ?? state.served(job: job.name)
      if known == nil, job.schedule != nil { state.record([.served(job: job.name, now.wall)]) }
      runtime.clock = job.schedule.map { JobClock($0, served: known ?? now.wall, now: now, zone: zone) }
      skipMissed(runtime)
      runtime.retry = nil
    }
    if before.sizeLimit != job.sizeLimit { runtime.nextCheck = job.sizeLimit?.check.map { _ in now.monotonic } }
    runtime.looksNow = true
    runtime.alarm.ring()
  }
}
