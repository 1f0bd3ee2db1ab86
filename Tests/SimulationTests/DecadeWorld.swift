import Daemon
import EventLoop
import Rotation
import Simulation
import Timekeeping

/// Ten years of job clocks as the Supervisor uses them, on clocks that are set, suspended and changed in zone, beside
/// an oracle that goes through the due times one by one and does not know how a clock works.
final class DecadeWorld {
  static let minute: Int64 = 60_000_000_000
  static let hour = 60 * minute
  static let day = 24 * hour

  /// A job, its clock, and what the oracle expects of it.
  struct Subject {
    var schedule: Schedule
    var catchesUp: Bool
    var clock: JobClock
    /// The served time that the state file would keep over a restart.
    var remembered: WallTime
    /// All due times of a calendar up to here are done; for an interval, the last due time on the monotonic clock.
    var line: Int64
    /// The first due time of a calendar after the line; nil until it is computed.
    var upcoming: WallTime?
  }

  private(set) var subjects: [Subject] = []
  private(set) var violations: [String] = []
  private(set) var services = 0
  private(set) var catchUps = 0
  private(set) var skips = 0
  private var generator: SeededGenerator
  private var now = Now(
    monotonic: MonotonicTime(nanoseconds: hour), wall: WallTime(nanoseconds: 1_767_225_600_000_000_000))
  private var zone: Zone
  private let zones: [String: Zone]

  init(seed: UInt64, calendars: [[String]], intervals: [Int64]) throws {
    generator = SeededGenerator(seed: seed)
    zones = try [
      "Berlin": Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3"), "New_York": Zone(posix: "EST5EDT,M3.2.0,M11.1.0"),
      "Lord_Howe": Zone(posix: "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
      "Santiago": Zone(posix: "<-04>4<-03>,M9.1.6/24,M4.1.6/24"),
    ]
    zone = zones["Berlin"] ?? .utc
    for texts in calendars {
      let expressions = try texts.map { try CalendarExpression.parse($0, zones: { zones[$0] }) }
      let delay = Bool.random(using: &generator) ? Int64.random(in: 0..<7200, using: &generator) : 0
      let name = texts.joined(separator: "; ")
      add(.calendar(CalendarSchedule(name: name, expressions, delay: .seconds(delay))))
    }
    for hours in intervals { add(.interval(.seconds(hours * 3600))) }
  }

  private func add(_ schedule: Schedule) {
    subjects.append(
      Subject(
        schedule: schedule, catchesUp: subjects.count % 3 != 2,
        clock: JobClock(schedule, served: now.wall, now: now, zone: zone), remembered: now.wall,
        line: schedule.isInterval ? now.monotonic.nanoseconds : now.wall.nanoseconds))
  }

  // MARK: Time

  /// Runs for this many days.
  func run(days: Int64) {
    let end = now.monotonic.nanoseconds + days * Self.day
    while now.monotonic.nanoseconds < end, violations.count < 5 {
      live(until: min(end, now.monotonic.nanoseconds + random(1...(12 * 24)) * Self.hour + random(0...Self.hour)))
      switch random(0...9) {
      case 0...2: suspend()
      case 3...4: setClock()
      case 5: changeZone()
      default: restart()
      }
      serve()
    }
  }

  /// Undisturbed time: the daemon wakes at each of its deadlines.
  private func live(until end: Int64) {
    while now.monotonic.nanoseconds < end, violations.count < 5 {
      let deadlines = subjects.compactMap { subject -> Int64? in
        switch subject.clock.next {
        case .monotonic(let time): time.nanoseconds - now.monotonic.nanoseconds
        case .wall(let time): (time - now.wall).nanoseconds
        case .never: nil
        }
      }
      // A wake-up is a little late.
      let wait = max(0, deadlines.min() ?? .max)
      pass(min(wait, end - now.monotonic.nanoseconds) + random(0...1000) * 1_000_000)
      serve()
    }
  }

  private func pass(_ nanoseconds: Int64) {
    now.monotonic.nanoseconds += nanoseconds
    now.wall = now.wall + Span(nanoseconds: nanoseconds)
  }

  private func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }

  // MARK: Faults

  private func suspend() { pass(random(1...(72 * 60)) * Self.minute) }

  private func step() {
    let steps = [
      Self.minute, 3 * Self.minute, Self.hour, 20 * Self.hour, 26 * Self.hour, 40 * Self.day, 700 * Self.day,
    ]
    let step = steps[Int(random(0...Int64(steps.count - 1)))]
    now.wall = now.wall + Span(nanoseconds: random(0...1) == 0 ? step : -step)
  }

  private func setClock() {
    step()
    for index in subjects.indices {
      subjects[index].clock.lookUpAgain(now: now, zone: zone)
      lookAgain(index)
    }
  }

  private func changeZone() {
    zone = zones.keys.sorted().randomElement(using: &generator).flatMap { zones[$0] } ?? zone
    for index in subjects.indices {
      subjects[index].clock.zoneWasChanged(now: now, zone: zone)
      guard case .calendar(let calendar) = subjects[index].schedule else { continue }
      subjects[index].remembered = max(subjects[index].remembered, now.wall - calendar.delay)
      lookAgain(index)
    }
  }

  private func restart() {
    if random(0...2) == 0 { pass(random(1...(20 * 24)) * Self.hour) } else { pass(random(1...50) * 1_000_000_000) }
    if random(0...5) == 0 { step() }
    if random(0...9) == 0 { zone = zones.values.randomElement(using: &generator) ?? zone }
    for index in subjects.indices {
      let subject = subjects[index]
      if subject.remembered != subject.clock.served { warn("\(subject.schedule) remembers another due time") }
      subjects[index].clock = JobClock(subject.schedule, served: subject.remembered, now: now, zone: zone)
      lookAgain(index)
      guard case .interval(let span) = subject.schedule else { continue }
      // The phase is continued on the wall clock; a served time in the future says nothing of missed times.
      let passed = (now.wall - subject.remembered).nanoseconds
      let sincePhase = ((passed % span.nanoseconds) + span.nanoseconds) % span.nanoseconds
      let hasMissed = passed >= span.nanoseconds
      subjects[index].line = now.monotonic.nanoseconds - sincePhase - (hasMissed ? span.nanoseconds : 0)
    }
  }

  /// The oracle's reaction to a set clock, a new zone and a start: it continues from the served time.
  private func lookAgain(_ index: Int) {
    guard !subjects[index].schedule.isInterval else { return }
    let isCredible = subjects[index].remembered <= now.wall + .seconds(25 * 3600)
    subjects[index].line = (isCredible ? subjects[index].remembered : now.wall).nanoseconds
    subjects[index].upcoming = nil
  }

  // MARK: Service

  /// What the Supervisor does at a wake-up, compared with the due times of the oracle.
  private func serve() {
    for index in subjects.indices {
      let subject = subjects[index]
      var expected = come(index)
      let count = expected.count
      if !subject.catchesUp, let last = expected.last, late(last, subject.schedule) {
        expected = []
        skips += 1
        _ = subjects[index].clock.skipMissed(now: now, zone: zone)
        subjects[index].remembered = last
      } else if !subject.catchesUp, subjects[index].clock.skipMissed(now: now, zone: zone) != nil {
        warn("\(subject.schedule) has skipped what was not late, at \(now.wall.seconds)")
      }
      let due = subjects[index].clock.due(now, zone: zone)
      if due != expected.last {
        warn(
          "\(subject.schedule) at \(now.wall.seconds) in \(zone.name): due is \(due.map { "\($0.seconds)" } ?? "nothing"), "
            + "and should be \(expected.last.map { "\($0.seconds)" } ?? "nothing")")
      }
      if let due {
        services += 1
        catchUps += count > 1 ? 1 : 0
        subjects[index].clock.advance(past: due, now: now, zone: zone)
        subjects[index].clock.markServed(due)
        subjects[index].remembered = due
      }
      guard count > 0 else { continue }
      switch subject.schedule {
      case .calendar: subjects[index].line = subjects[index].remembered.nanoseconds
      case .interval(let span): subjects[index].line += Int64(count) * span.nanoseconds
      }
    }
  }

  /// The due times that have come since the line, one by one.
  private func come(_ index: Int) -> [WallTime] {
    let subject = subjects[index]
    var due: [WallTime] = []
    switch subject.schedule {
    case .calendar(let calendar):
      func next(_ time: WallTime) -> WallTime {
        calendar.expressions.compactMap { $0.next(after: time, in: zone) }.min() ?? WallTime(nanoseconds: .max)
      }
      var upcoming = subject.upcoming ?? next(WallTime(nanoseconds: subject.line))
      while upcoming <= now.wall - calendar.delay {
        due.append(upcoming)
        upcoming = next(upcoming)
      }
      subjects[index].upcoming = upcoming
    case .interval(let span):
      var turn = subject.line + span.nanoseconds
      while turn <= now.monotonic.nanoseconds {
        due.append(now.wall + Span(nanoseconds: turn - now.monotonic.nanoseconds))
        turn += span.nanoseconds
      }
    }
    return due
  }

  private func late(_ due: WallTime, _ schedule: Schedule) -> Bool {
    let delay = if case .calendar(let calendar) = schedule { calendar.delay } else { Span.zero }
    return now.wall - (due + delay) > .seconds(60)
  }

  private func warn(_ text: String) { violations.append(text) }
}

extension Schedule {
  fileprivate var isInterval: Bool { if case .interval = self { true } else { false } }
}
