import Daemon
import Rotation
import Testing

@Suite("A takeover from logrotate")
struct TakeoverTests {
  /// A machine on which steps are done, and which can be looked at.
  private struct Machine: Hashable {
    var facts: TakeoverFacts
    /// What an `unmask` gives back.
    var timer: TakeoverFacts.Timer
    /// Whether the daemon has the config of logrotate.
    var isLoaded = false
    /// When a log was rotated last, as the state of each program has it.
    var (theirs, ours) = (1, 0)

    init(_ facts: TakeoverFacts) { (self.facts, timer) = (facts, facts.timer) }

    var logrotateRotates: Bool {
      var rotates = facts.isRotating
      if case .enabled = facts.timer { rotates = true }
      if case .runs = facts.cron { rotates = true }
      return rotates
    }

    mutating func apply(_ step: TakeoverStep) {
      switch step {
      case .writeRecord(let record): facts.record = TakeoverRecord(Array(record.text.utf8))
      case .removeRecord: facts.record = nil
      case .stopTimer: facts.timer = .enabled(isActive: false)
      case .maskTimer:
        #expect(facts.timer != .enabled(isActive: true), "systemd has a timer fail that is masked while it runs")
        facts.timer = .masked
      case .silenceCron: facts.cron = .notExecutable
      case .restoreCron(let mode): facts.cron = .runs(mode: mode)
      case .awaitLogrotate: facts.isRotating = false
      case .writeFragment(let text, _): facts.fragment = text
      case .removeFragment: facts.fragment = nil
      case .reload:
        (isLoaded, facts.isRunning) = (facts.fragment != nil, true)
        if let text = facts.fragment, String(decoding: text, as: UTF8.self).contains("state = ") {
          ours = max(ours, theirs)
        }
      case .handBack:
        // Before logrotate may rotate, it has what rotated has rotated.
        #expect(!isLoaded && (!logrotateRotates || theirs >= ours))
        theirs = max(ours, theirs)
      case .unmaskTimer:
        facts.timer = timer
        if case .enabled = timer { facts.timer = .enabled(isActive: false) }
      case .startTimer: facts.timer = .enabled(isActive: true)
      }
    }
  }

  private static let machines: [Machine] = {
    var machines: [Machine] = []
    let timers: [TakeoverFacts.Timer] = [
      .missing, .masked, .disabled, .enabled(isActive: true), .enabled(isActive: false),
    ]
    for timer in timers {
      for cron: TakeoverFacts.Cron in [.missing, .idle, .notExecutable, .runs(mode: 0o755)] {
        for bits in 0..<8 {
          var facts = TakeoverFacts()
          (facts.timer, facts.cron, facts.hasSystemd) = (timer, cron, true)
          facts.config = "/etc/logrotate.conf"
          facts.state = bits & 1 == 0 ? nil : "/var/lib/logrotate/status"
          facts.isRunning = bits & 2 == 0
          facts.isRotating = bits & 4 != 0
          machines.append(Machine(facts))
        }
      }
    }
    return machines
  }()

  /// Does the steps with a kill after each number of them, and again; never do both programs rotate.
  private func go(_ start: Machine, _ plan: (TakeoverFacts) -> [TakeoverStep]) -> Machine {
    var ends: Set<Machine> = []
    for kill in 0...plan(start.facts).count {
      var machine = start
      for steps in [plan(start.facts).prefix(kill), nil] {
        for step in steps ?? plan(machine.facts)[...] {
          machine.apply(step)
          #expect(!(machine.logrotateRotates && machine.isLoaded), "\(step) of \(start)")
        }
      }
      ends.insert(machine)
    }
    #expect(ends.count == 1, "\(ends)")
    return ends.first ?? start
  }

  @Test("from every machine, with a kill after each step and a second call: rotated alone rotates")
  func takeover() {
    for machine in Self.machines {
      let end = go(machine, Takeover.steps)
      #expect(end.isLoaded && !end.logrotateRotates, "\(machine)")
      #expect(end.ours == (machine.facts.state == nil ? 0 : 1))
      // What is done already is not done again.
      #expect(Takeover.steps(end.facts) == [.reload(isRunning: true)])
    }
  }

  @Test("--undo gives everything back, also in the middle of a takeover, with a kill after each step")
  func undo() {
    for machine in Self.machines {
      let steps = Takeover.steps(machine.facts)
      for count in 1...steps.count {
        var middle = machine
        for step in steps.prefix(count) { middle.apply(step) }
        if middle.isLoaded { middle.ours = 2 }
        let end = go(middle, Takeover.stepsBack)
        #expect(!end.isLoaded && end.facts.fragment == nil && end.facts.record == nil)
        #expect(end.facts.timer == machine.facts.timer, "\(machine) \(count)")
        #expect(end.facts.cron == machine.facts.cron)
        #expect(end.theirs == (middle.isLoaded && machine.facts.state != nil ? 2 : 1), "\(machine) \(count)")
      }
      #expect(Takeover.stepsBack(machine.facts) == [])
    }
  }

  @Test("the steps are written as one would do them by hand, and without logrotate there are none")
  func words() {
    var facts = TakeoverFacts()
    #expect(Takeover.steps(facts) == [])
    (facts.config, facts.timer, facts.cron) = ("/etc/logrotate.conf", .enabled(isActive: true), .runs(mode: 0o755))
    #expect(
      Takeover.steps(facts).map(\.description) == [
        "write down in /var/lib/rotated/takeover what is changed", "systemctl stop logrotate.timer",
        "systemctl mask logrotate.timer",
        "chmod a-x /etc/cron.daily/logrotate", "wait until no logrotate works",
        "write /etc/rotated/conf.d/00-logrotate.toml, which includes the config of logrotate",
        "systemctl start rotated.service",
      ])
    facts.state = "/var/lib/logrotate/status"
    #expect(
      Takeover.steps(facts).map(\.description).contains(
        "write /etc/rotated/conf.d/00-logrotate.toml, which includes the config of logrotate, "
          + "so that each log goes on from its last rotation in /var/lib/logrotate/status"))
    facts.record = TakeoverRecord(facts)
    #expect(
      Takeover.stepsBack(facts).map(\.description).first
        == "write the last rotations by rotated into /var/lib/logrotate/status")
  }

  @Test("a record that is not one of ours gives nothing back that was not taken")
  func record() {
    let record = TakeoverRecord(Array("mask logrotate.timer \nchmod 99999 x\nchmod 755 /x\n\u{FF}\nstop\n".utf8))
    #expect(record.masksTimer && !record.startsTimer && record.cronMode == 0o755)
  }
}
