package import Rotation

/// One step of a takeover, or of the way back. Each can be done again without harm.
package enum TakeoverStep: Hashable, Sendable, CustomStringConvertible {
  /// The record is on disk.
  case writeRecord(TakeoverRecord)
  /// systemctl stop logrotate.timer: `mask --now` masks first, and a timer that is masked while it runs fails (systemd 252 to 257).
  case stopTimer
  /// systemctl mask logrotate.timer
  case maskTimer
  /// Cron's script loses its executable bits.
  case silenceCron
  /// A logrotate that works has ended.
  case awaitLogrotate
  /// The config of rotated includes that of logrotate, and names its state file.
  case writeFragment([UInt8], state: FilePath?)
  /// The daemon has the config of now, whether it ran or not.
  case reload(isRunning: Bool)
  /// The config of rotated does not include that of logrotate.
  case removeFragment
  /// The state file of logrotate has what rotated has rotated.
  case handBack(state: FilePath, config: FilePath?)
  /// Cron's script has its mode again.
  case restoreCron(mode: UInt32)
  /// systemctl unmask logrotate.timer
  case unmaskTimer
  /// systemctl start logrotate.timer
  case startTimer
  /// The record is gone.
  case removeRecord

  package var description: String {
    switch self {
    case .writeRecord: "write down in \(Takeover.recordPath) what is changed"
    case .stopTimer: "systemctl stop logrotate.timer"
    case .maskTimer: "systemctl mask logrotate.timer"
    case .silenceCron: "chmod a-x \(Takeover.cronPath)"
    case .awaitLogrotate: "wait until no logrotate works"
    case .writeFragment(_, let state):
      "write \(Takeover.fragmentPath), which includes the config of logrotate"
        + (state.map { ", so that each log goes on from its last rotation in \($0.printable)" } ?? "")
    case .reload(true): "rotatectl reload"
    case .reload(false): "systemctl start rotated.service"
    case .removeFragment: "remove \(Takeover.fragmentPath)"
    case .handBack(let state, _): "write the last rotations by rotated into \(state.printable)"
    case .restoreCron(let mode): "chmod \(String(mode, radix: 8)) \(Takeover.cronPath)"
    case .unmaskTimer: "systemctl unmask logrotate.timer"
    case .startTimer: "systemctl start logrotate.timer"
    case .removeRecord: "remove \(Takeover.recordPath)"
    }
  }
}

/// The way from logrotate to rotated and back, as steps that are planned from what is on the machine.
///
/// In each order of steps, the one program has stopped before the other begins, so at no moment both rotate. After a step that fails,
/// or a kill, planning again gives the steps that are left.
package enum Takeover {
  package static let recordPath: FilePath = "/var/lib/rotated/takeover"
  package static let fragmentPath: FilePath = "/etc/rotated/conf.d/00-logrotate.toml"
  package static let cronPath: FilePath = "/etc/cron.daily/logrotate"

  /// The steps that make rotated rotate what logrotate does; empty when all is so.
  package static func steps(_ facts: TakeoverFacts) -> [TakeoverStep] {
    guard let config = facts.config else { return [] }
    var steps: [TakeoverStep] = []
    if facts.record == nil { steps.append(.writeRecord(TakeoverRecord(facts))) }
    switch facts.timer {
    case .enabled(isActive: true): steps += [.stopTimer, .maskTimer]
    case .enabled(isActive: false), .disabled: steps.append(.maskTimer)
    case .missing, .masked: break
    }
    if case .runs = facts.cron { steps.append(.silenceCron) }
    let fragment = fragment(config: config, state: facts.state)
    // A fragment is written after logrotate has ended, so with one that is there, nothing has to be waited for.
    if facts.fragment == nil { steps.append(.awaitLogrotate) }
    if facts.fragment != fragment { steps.append(.writeFragment(fragment, state: facts.state)) }
    // Also where nothing else is left: a kill may have come before it.
    return steps + [.reload(isRunning: facts.isRunning)]
  }

  /// The steps that give all back.
  package static func stepsBack(_ facts: TakeoverFacts) -> [TakeoverStep] {
    guard facts.fragment != nil || facts.record != nil else { return [] }
    var steps: [TakeoverStep] = []
    if facts.fragment != nil { steps.append(.removeFragment) }
    // A daemon that does not run reads its config when it starts.
    if facts.isRunning { steps.append(.reload(isRunning: true)) }
    // rotated rotates none of them any more, and logrotate does not yet.
    if let state = facts.state { steps.append(.handBack(state: state, config: facts.config)) }
    if let mode = facts.record?.cronMode, facts.cron == .notExecutable { steps.append(.restoreCron(mode: mode)) }
    if facts.record?.masksTimer == true, facts.timer == .masked { steps.append(.unmaskTimer) }
    if facts.record?.startsTimer == true { steps.append(.startTimer) }
    return steps + (facts.record == nil ? [] : [.removeRecord])
  }

  /// The text of the fragment.
  private static func fragment(config: FilePath, state: FilePath?) -> [UInt8] {
    var text = """
      # Written by `rotatectl takeover`: rotated rotates what logrotate did. `rotatectl takeover --undo` gives it back.
      [logrotate]
      include = "\(config.printable)"

      """
    if let state { text += "state = \"\(state.printable)\"\n" }
    return Array(text.utf8)
  }
}
