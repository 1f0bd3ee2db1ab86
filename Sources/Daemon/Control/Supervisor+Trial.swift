import Config
import EventLoop
import Rotation
import Timekeeping

// A config on trial: the one before comes back by itself when the time is over, or when something fails that did not fail
// before. A trial is not kept when the daemon ends: it starts with the config on disk.

/// A config in force that is not confirmed yet.
final class ConfigTrial {
  /// The last config that was not on trial.
  let former: Configuration
  /// Jobs and hooks that have failed before.
  let failing: Set<String>
  let ends: WallTime
  let worker: Worker

  init(_ former: Configuration, failing: Set<String>, ends: WallTime, on loop: LoopExecutor) {
    self.former = former
    self.failing = failing
    self.ends = ends
    worker = Worker(on: loop)
  }
}

/// What came of the last reload.
struct ReloadOutcome {
  var changes: JobChanges?
  var diagnostics: [Diagnostic] = []
}

extension Supervisor {
  /// The config in force.
  var configuration: Configuration {
    var configuration = Configuration(jobs: registry.runtimes.map(\.job), daemon: settings)
    configuration.sha256 = configDigest
    return configuration
  }

  /// Takes note of the config that comes into force.
  func noteConfig(_ configuration: Configuration) {
    (settings, configDigest) = (configuration.daemon, configuration.sha256)
    configLoaded = platform.loop.wallClock()
  }

  /// Begins a trial of the config that has just come into force. During another trial it takes its place: what comes back is
  /// still the last config that was not on trial.
  func beginTrial(_ span: Span, former: Configuration, failing: Set<String>) {
    let now = Now(platform.loop)
    let begun = ConfigTrial(former, failing: failing, ends: now.wall + span, on: platform.loop)
    trial = begun
    platform.report(
      Report(
        .note, .notice,
        "the config is on trial for \(TimeSpan.show(span)): unless it is confirmed, the one before comes back"))
    let end = now.monotonic.advanced(by: span)
    begun.worker.start((self, end)) { supervisor, end in
      guard supervisor.platform.loop.now() >= end else { return .sleep(until: .monotonic(end)) }
      supervisor.submit(.dropConfig(reason: "it was not confirmed in time"))
      return .end
    }
  }

  /// The config that is on trial stays; false where none is.
  func endTrial(isConfirmed: Bool) -> Bool {
    guard let ended = trial else { return false }
    trial = nil
    ended.worker.stop()
    if isConfirmed { platform.report(Report(.note, .notice, "the config on trial is confirmed")) }
    return true
  }

  /// Takes the config from before the trial into use again.
  func dropConfig(reason: String) async -> Reply {
    guard let dropped = trial else { return .unknown }
    _ = endTrial(isConfirmed: false)
    let report = Report(
      .configRejected, .error, "the config on trial is dropped: \(reason); the one before is in force again")
    let name = "the config on trial was dropped, the one before is in force"
    platform.problems.note(Problems.Subject(.config), report, name: name)
    return await take(dropped.former)
  }

  /// Drops a config on trial under which something fails that did not fail before.
  func watchTrial() {
    guard let trial, let failed = platform.problems.failing.subtracting(trial.failing).sorted().first else { return }
    submit(.dropConfig(reason: "\(failed) fails"))
  }
}
