import EventLoop
import Rotation
import Timekeeping

// A pause: no run of a job begins. What is due waits, and a job that catches up serves it when the pause ends. A pause is kept when
// the config is reloaded, as long as the job stays, and ends with the daemon.

extension Supervisor {
  /// Pauses jobs; false where none of them exists now.
  func pause(_ names: [String], for span: Span?) -> Bool {
    let runtimes = registry.runtimes(of: names)
    let end = span.map { platform.loop.now().advanced(by: $0) }
    for runtime in runtimes {
      runtime.pause = JobPause(end: end)
      runtime.alarm.ring()
    }
    let length = span.map { "for \(TimeSpan.show($0))" } ?? "until it is resumed"
    tell(runtimes, "paused \(length)")
    return !runtimes.isEmpty
  }

  /// Ends pauses; false where none of these jobs exists now.
  func resume(_ names: [String]) -> Bool {
    let runtimes = registry.runtimes(of: names)
    let paused = runtimes.filter { $0.pause != nil }
    for runtime in paused {
      runtime.pause = nil
      runtime.alarm.ring()
    }
    tell(paused, "resumed")
    return !runtimes.isEmpty
  }

  /// Whether the job is paused, and so makes no run now. Ends a pause whose time is over, and answers the clients that wait
  /// for a run of the job.
  @inline(never)
  func isPaused(_ runtime: JobRuntime) -> Bool {
    guard let pause = runtime.pause else { return false }
    if let end = pause.end, end <= platform.loop.now() {
      runtime.pause = nil
      tell([runtime], "resumed")
      return false
    }
    let asked = runtime.asked
    runtime.asked = []
    for entry in asked { entry.answer(.paused) }
    return true
  }

  private func tell(_ runtimes: [JobRuntime], _ what: String) {
    for runtime in runtimes.prefix(Limits.maxWarnings) {
      platform.report(Report(.note, .notice, "job \(runtime.name): \(what)", job: runtime.name))
    }
    guard runtimes.count > Limits.maxWarnings else { return }
    platform.report(Report(.note, .notice, "\(runtimes.count - Limits.maxWarnings) more jobs: \(what)"))
  }
}
