package import Config
internal import EventLoop
package import Rotation
package import Timekeeping

/// One run over the stanzas of logrotate's files, as logrotate makes it: what is due is decided by its state file, and scripts run
/// in its order. The rotations themselves, compression and removal are those of every run (`Runs`, `Housekeeper`).
///
/// The order in a stanza is that of logrotate: `firstaction`; for each log, or once for all with `sharedscripts`: `prerotate`, the
/// rotation, `postrotate`; then compression and removal; `lastaction`.
package final class LogrotateRun {
  /// What is asked for.
  package struct Options: Sendable {
    /// Every log is due that has bytes or may be empty.
    package var isForced: Bool
    /// Nothing is changed.
    package var isDry: Bool
    /// Details are told, not only errors.
    package var isVerbose: Bool

    package init(isForced: Bool, isDry: Bool, isVerbose: Bool) {
      (self.isForced, self.isDry, self.isVerbose) = (isForced, isDry, isVerbose)
    }
  }

  /// A line for whoever runs the command.
  package enum Message {
    /// Something has failed.
    case error(String)
    /// A line that a script has written to its standard error.
    case said(String)
    /// What happens, in logrotate's words.
    case detail(String)
  }

  /// What the daemon that runs has to do with the logs.
  package struct Running {
    /// The logs that it has.
    package var logs: Set<FilePath> = []
    /// When it has rotated them last, where that is known.
    package var rotated: [FilePath: WallTime] = [:]
    /// Has it rotate these; returns those that it has rotated. The others have failed, and that was said.
    package var rotate: ([FilePath]) -> Set<FilePath> = { _ in [] }

    package init() {}
  }

  let supervisor: Supervisor
  let terms: [String: LogrotateTerms]
  let options: Options
  let due: LogrotateDue
  let running: Running
  let tell: (Message) -> Void
  /// When each log was rotated last.
  package private(set) var state: LogrotateState
  /// Whether anything has failed.
  package private(set) var hasFailed = false
  /// The logs that were there.
  private var seen: Set<FilePath> = []

  /// A run over the jobs of a supervisor that does nothing else, by the terms of their stanzas.
  package init(
    _ supervisor: Supervisor, _ configuration: Configuration, _ state: LogrotateState, _ options: Options,
    running: Running = Running(), tell: @escaping (Message) -> Void
  ) {
    self.supervisor = supervisor
    self.terms = configuration.terms
    self.options = options
    self.state = state
    self.running = running
    self.tell = tell
    due = LogrotateDue(
      now: supervisor.platform.loop.wallClock(), zone: supervisor.zone, isForced: options.isForced)
  }

  /// What is reported of a failure.
  func fail(_ text: String) {
    hasFailed = true
    tell(.error(text))
  }

  /// Tells a detail, if details are wanted.
  func detail(_ text: @autoclosure () -> String) {
    if options.isVerbose { tell(.detail(text())) }
  }

  /// Makes the run. Afterwards `state` has what is to be written.
  package func carryOut() async {
    detail("\nHandling \(supervisor.registry.runtimes.count) logs")
    let store = supervisor.state
    if !options.isDry, store.beginRun() || !store.openIntents.isEmpty || !store.openTruncations.isEmpty {
      await supervisor.recover(supervisor.registry.names)
    }
    for runtime in supervisor.registry.runtimes {
      guard let terms = terms[runtime.name] else { continue }
      await LogrotateStanzaRun(self, runtime, terms).carryOut()
      await supervisor.platform.loop.yield()
    }
    if !options.isDry { store.endRun() }
    // logrotate forgets after a year what it has not seen.
    let limit = supervisor.zone.localTime(at: due.now - .seconds(31_556_926))
    state.forget(before: limit, except: seen)
  }

  /// When a log was rotated last, by the state file or by the daemon; one that is seen for the first time counts from the present
  /// hour.
  func last(_ path: FilePath) -> LocalTime {
    if let rotated = running.rotated[path] { state.take(path, rotated: rotated, now: due.now, zone: due.zone) }
    if let last = state[path] { return last }
    state.record(path, due.hour)
    return due.hour
  }

  func noteSeen(_ path: FilePath) { seen.insert(path) }

  func noteRotated(_ path: FilePath) { state.record(path, due.local) }
}
