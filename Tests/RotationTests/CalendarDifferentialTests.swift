import Glibc
import Rotation
import Testing
import Timekeeping

/// Calendar expressions compared with systemd's own answers, on generated triples of expression, zone and moment.
///
/// `ROTATED_CALENDAR_TRIPLES` sets how many, `ROTATED_SEED` which ones. Only faults of systemd that `SystemdCalendar`
/// names are accepted, and each kind has its bound.
@Suite(.enabled(if: SystemdCalendar.isInstalled && ZoneSamples.areInstalled, "needs systemd-analyze and tzdata"))
struct CalendarDifferentialTests {
  static let zones = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "Europe/Dublin",
    "Pacific/Auckland", "Asia/Gaza", "America/Nuuk", "Africa/Casablanca", "Pacific/Apia", "UTC",
  ]
  static let triples = setting("ROTATED_CALENDAR_TRIPLES") ?? 2000
  static let seed = UInt64(setting("ROTATED_SEED") ?? 1)
  static let iterations = 4

  private static func setting(_ name: String) -> Int? {
    unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
  }

  @Test("normal forms and moments are those of systemd")
  func elapses() throws {
    var generator = CalendarGenerator(seed: Self.seed, zones: Self.zones.dropLast())
    var refused = 0
    var gaveUp = 0
    var faults: [SystemdCalendar.Fault: Int] = [:]
    for round in 0..<(Self.triples / 20) {
      let zone = try ZoneSamples.zone(Self.zones[round % Self.zones.count])
      let base = generator.base(in: zone)
      let texts = (0..<20).map { _ in generator.expression() }
      let answers = SystemdCalendar.answers(for: texts, zone: zone.name, base: base, iterations: Self.iterations)
      #expect(answers.count == texts.count)
      for (text, answer) in zip(texts, answers) {
        let place: Comment = "seed \(Self.seed): '\(text)' from \(show(base, in: .utc)) in \(zone.name)"
        let expression = try #require(try? CalendarExpression.parse(text, zones: ZoneSamples.cached), place)
        switch answer {
        case .refused:
          #expect(SystemdCalendar.refusesWrongly(expression.description), place)
          refused += 1
        case .gaveUp:
          // systemd does not say which of the moments it did not find.
          #expect(!["UTC", "Asia/Kolkata"].contains((expression.zone ?? zone).name), place)
          gaveUp += 1
        case .elapses(let normalForm, let elapses):
          #expect(expression.description == normalForm, place)
          let fault = Self.compare(expression, with: elapses, from: base, in: zone, place)
          fault.map { faults[$0, default: 0] += 1 }
        }
      }
    }
    #expect(refused < Self.triples / 20)
    #expect(gaveUp < Self.triples / 50)
    #expect(faults.values.reduce(0, +) <= Self.triples / 200, "\(faults)")
  }

  /// Compares the moments one by one, each searched from the one before.
  ///
  /// - Returns: the fault of systemd that ends the comparison.
  private static func compare(
    _ expression: CalendarExpression, with elapses: [Int64], from base: WallTime, in zone: Zone, _ place: Comment
  ) -> SystemdCalendar.Fault? {
    var time = base
    for elapse in elapses.map(Optional.some) + (elapses.count < iterations ? [nil] : []) {
      let next = expression.next(after: time, in: zone, clockChangeRule: .asSystemd)
      guard next?.seconds == elapse else {
        if let fault = SystemdCalendar.fault(
          of: expression, after: time, next: next, elapse: elapse, in: expression.zone ?? zone)
        {
          return fault
        }
        let found = next.map { show($0, in: .utc) } ?? "never"
        let expected = elapse.map { show(WallTime(seconds: $0), in: .utc) } ?? "never"
        Issue.record("\(place): after \(show(time, in: .utc)) \(found), systemd: \(expected)")
        return nil
      }
      // The exact moment, where systemd shows whole seconds.
      time = next ?? time
    }
    return nil
  }

  /// Rewrites CalendarCorpus.swift: `ROTATED_RECORD_CALENDAR=Tests/RotationTests/CalendarCorpus.swift swift test`.
  @Test(
    "answers of systemd are recorded",
    .enabled(if: unsafe getenv("ROTATED_RECORD_CALENDAR") != nil, "only with ROTATED_RECORD_CALENDAR"))
  func record() throws {
    var generator = CalendarGenerator(seed: Self.seed, zones: Self.zones.dropLast())
    var text = """
      /// Answers of systemd-analyze 252 that `CalendarDifferentialTests.record` has written down: the zone, the moment
      /// asked from and the expression; below them its normal form and the next moments, four or all there are.
      enum CalendarCorpus {
        static let text = \"\"\"

      """
    for round in 0..<120 {
      let zone = try ZoneSamples.zone(Self.zones[round % Self.zones.count])
      let base = generator.base(in: zone)
      let expression = generator.expression()
      let answers = SystemdCalendar.answers(
        for: [expression], zone: zone.name, base: base, iterations: Self.iterations)
      guard case .elapses(let normalForm, let elapses) = answers[0] else { continue }
      text += "    \(zone.name) @\(base.seconds) \(expression)\n"
      text += "    = \(normalForm)\(elapses.map { " @\($0)" }.joined())\n"
    }
    text += "    \"\"\"\n}\n"
    guard let file = unsafe fopen(getenv("ROTATED_RECORD_CALENDAR"), "we") else {
      Issue.record("the file cannot be written")
      return
    }
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  @Test("what systemd refuses is refused, and what it accepts is accepted")
  func damagedExpressions() {
    var generator = CalendarGenerator(seed: Self.seed, zones: Self.zones.dropLast())
    var refused = 0
    for _ in 0..<(Self.triples / 100) {
      let texts = (0..<100).map { _ in generator.damagedExpression() }
      let answers = SystemdCalendar.answers(for: texts, zone: "UTC", base: utc("2026-01-01"), iterations: 1)
      #expect(answers.count == texts.count)
      for (text, answer) in zip(texts, answers) where !text.contains("@ ") {
        let expression = try? CalendarExpression.parse(text, zones: ZoneSamples.cached)
        refused += expression == nil ? 1 : 0
        let place: Comment = "seed \(Self.seed): '\(text)'"
        switch answer {
        case .refused:
          #expect(expression.map { SystemdCalendar.refusesWrongly($0.description) } ?? true, place)
        case .gaveUp:
          #expect(expression != nil, place)
        case .elapses(let normalForm, _):
          #expect(expression?.description == normalForm, place)
        }
      }
    }
    #expect((Self.triples / 10...Self.triples * 9 / 10).contains(refused))
  }
}
