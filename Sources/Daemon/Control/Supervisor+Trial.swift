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

/// A config that was on disk and did not stay in force.
struct StrayConfig {
  /// Its SHA-256; nil where that is not known.
  var text: String?
  /// When the one on disk was last looked at.
  var looked: MonotonicTime?
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
    let what = "the config on trial is dropped: \(reason); the one before is in force again"
    strayConfig = StrayConfig(text: platform.configOnDisk(), looked: platform.loop.now())
    if let text = strayConfig.text, text == dropped.former.sha256 {
      platform.report(Report(.configRejected, .notice, "\(what), and on disk"))
    } else {
      platform.problems.note(
        Problems.Subject(.config),
        Report(.configRejected, .error, "\(what); the next reload or start takes what is on disk"),
        name: "the config on trial was dropped, the one before is in force")
    }
    return await take(dropped.former)
  }

  /// Ends the problem with the config when the one in force was put back on disk. Reading it takes time, so that it is looked at
  /// once a minute at most, and only when somebody asks. A text that was refused although it is in force stays a problem.
  func settleConfigProblem() {
    let (subject, now) = (Problems.Subject(.config), platform.loop.now())
    guard platform.problems[subject] != nil, let stray = strayConfig.text, stray != configDigest,
      let looked = strayConfig.looked, now >= looked.advanced(by: Limits.configLook)
    else { return }
    strayConfig.looked = now
    guard platform.configOnDisk() == configDigest else { return }
    platform.problems.clear(subject, Report(.resolved, .notice, "the config on disk is the one in force again"))
  }

  /// Drops a config on trial under which something fails that did not fail before.
  func watchTrial() {
    guard let trial, let failed = platform.problems.failing.subtracting(trial.failing).sorted().first else { return }
    submit(.dropConfig(reason: "\(failed) fails"))
  }
}
