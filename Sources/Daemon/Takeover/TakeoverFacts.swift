package import Rotation

/// What decides on the steps of `rotatectl takeover`, as it is on the machine.
package struct TakeoverFacts: Hashable, Sendable {
  /// The timer of logrotate (systemd.timer(5)).
  package enum Timer: Hashable, Sendable {
    case missing
    case masked
    /// It starts logrotate, now or after the next start of the system.
    case enabled(isActive: Bool)
    /// Nobody starts it.
    case disabled
  }

  /// The script that cron(8) runs each day.
  package enum Cron: Hashable, Sendable {
    case missing
    /// It ends at once where systemd runs, as Debian's does.
    case idle
    /// run-parts(8) leaves out a script that cannot be executed.
    case notExecutable
    case runs(mode: UInt32)
  }

  /// What starts logrotate where systemd runs.
  package var timer = Timer.missing
  /// What starts it elsewhere.
  package var cron = Cron.missing
  /// Whether the service manager is systemd.
  package var hasSystemd = false
  /// Whether logrotate works at the moment.
  package var isRotating = false
  /// Whether rotated runs.
  package var isRunning = false
  /// The config of logrotate; nil when there is none.
  package var config: FilePath?
  /// The state file of logrotate, which may be yet to come; nil when it is not known.
  package var state: FilePath?
  /// The text of the fragment that includes the config; nil when there is none.
  package var fragment: [UInt8]?
  /// What an earlier takeover has written down before it changed anything.
  package var record: TakeoverRecord?

  package init() {}
}

/// What a takeover has to give back. It is on disk before the first step, and goes with the last step of `--undo`.
package struct TakeoverRecord: Hashable, Sendable {
  /// Whether the timer of logrotate has been masked, which was not before.
  package var masksTimer: Bool
  /// Whether it was active.
  package var startsTimer: Bool
  /// The mode of cron's script, which is not executable meanwhile.
  package var cronMode: UInt32?

  /// For a machine as it is before a takeover.
  package init(_ facts: TakeoverFacts) {
    (masksTimer, startsTimer, cronMode) = (false, false, nil)
    if case .enabled(let isActive) = facts.timer { (masksTimer, startsTimer) = (true, isActive) }
    // A timer that nobody starts could be enabled later, so it is masked, too.
    if case .disabled = facts.timer { masksTimer = true }
    if case .runs(let mode) = facts.cron { cronMode = mode }
  }

  /// The text of the file.
  package var text: String {
    "What `rotatectl takeover` has changed, for `rotatectl takeover --undo`.\n"
      + (masksTimer ? "mask logrotate.timer\n" : "")
      + (startsTimer ? "stop logrotate.timer\n" : "")
      + (cronMode.map { "chmod \(String($0, radix: 8)) /etc/cron.daily/logrotate\n" } ?? "")
  }

  /// Reads that text; a line that is none of it is passed over.
  package init(_ text: [UInt8]) {
    (masksTimer, startsTimer, cronMode) = (false, false, nil)
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      if words == ["mask", "logrotate.timer"] { masksTimer = true }
      if words == ["stop", "logrotate.timer"] { startsTimer = true }
      if words.count == 3, words[0] == "chmod", let mode = UInt32(words[1], radix: 8), mode <= 0o7777 {
        cronMode = mode
      }
    }
  }
}
