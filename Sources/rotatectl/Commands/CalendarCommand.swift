internal import ArgumentParser
internal import Control
internal import Daemon
internal import EventLoop
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl calendar`: what calendar expressions mean, and when they elapse, as systemd-analyze(1) shows it.
struct CalendarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "Show the normal form of calendar expressions, and when they elapse next.",
    discussion: """
      Expressions are those of systemd.time(7), as the keys `calendar` of a config takes them: "Mon..Fri 22:30",
      "*-*~01 23:00", "02:30 Europe/Berlin". On days on which clocks change, the moments are those at which rotated
      acts: a time that does not exist runs at the first moment after the gap, one that exists twice runs once.
      """)

  @Argument(help: "Calendar expressions, each in quotes.")
  var expressions: [String]

  @Option(help: "How many times to show, 1 to 10000.")
  var iterations = 1

  @Option(
    help: "Start from this time instead of now: a date, or a date and time, with or without a zone, or @SECONDS.")
  var base: String?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(iterations) else { throw ValidationError("--iterations must be 1 to 10000") }
  }

  func run() throws {
    let (local, problem) = LocalZone.load()
    if let problem { Output.error("rotatectl: \(problem)") }
    let zones = SystemZones()
    let now = SystemClock.wall
    let start = try base.map { try moment($0, zones, local) } ?? now
    var objects: [JSON] = []
    var isFirst = true
    var hasFailed = false
    for text in expressions {
      do throws(CalendarError) {
        let expression = try CalendarExpression.parse(text, zones: { zones.zone($0) })
        let elapses = moments(of: expression, after: start, in: local)
        if json {
          objects.append(object(text, expression, elapses, local))
        } else {
          if !isFirst { Output.line("") }
          table(text, expression, elapses, local, now).forEach(Output.line)
        }
        isFirst = false
      } catch {
        hasFailed = true
        Output.misfit("not a calendar expression", text, column: error.column, expected: error.expected)
      }
    }
    if json { Output.json(JSON.array(objects)) }
    if hasFailed { throw ExitCode.failure }
  }

  private func moments(of expression: CalendarExpression, after start: WallTime, in zone: Zone) -> [WallTime] {
    var moments: [WallTime] = []
    while moments.count < iterations, let next = expression.next(after: moments.last ?? start, in: zone) {
      moments.append(next)
    }
    return moments
  }

  /// A moment that a person wrote: an expression that elapses once and never again.
  private func moment(_ text: String, _ zones: SystemZones, _ local: Zone) throws -> WallTime {
    do throws(CalendarError) {
      if let moment = try PointInTime.once(text, zones, local) { return moment }
      Output.error("rotatectl: --base \"\(text.printable)\" is not a single time; write it as \"2026-03-29 01:30:00\"")
    } catch {
      Output.misfit("not a time for --base", text, column: error.column, expected: error.expected)
    }
    throw ExitCode.failure
  }

  // MARK: Printing

  private func table(
    _ text: String, _ expression: CalendarExpression, _ elapses: [WallTime], _ local: Zone, _ now: WallTime
  ) -> [String] {
    var rows: [(label: String, value: String)] = []
    if text != expression.description { rows.append(("Original form", text.printable)) }
    rows.append(("Normalized form", expression.description))
    if elapses.isEmpty { rows.append(("Next elapse", "never")) }
    for (index, moment) in elapses.enumerated() {
      rows.append((index == 0 ? "Next elapse" : "Iter. #\(index + 1)", TimeText.dateAndTime(moment, in: local)))
      if let zone = expression.zone, zone.name != "UTC", zone.offset(at: moment) != local.offset(at: moment) {
        rows.append(("(in \(zone.name))", TimeText.dateAndTime(moment, in: zone)))
      }
      if local.abbreviation(at: moment) != "UTC" {
        rows.append(("(in UTC)", TimeText.dateAndTime(moment, in: .utc)))
      }
      rows.append(("From now", TimeText.distance(from: now, to: moment)))
    }
    return TimeText.aligned(rows)
  }

  private func object(
    _ text: String, _ expression: CalendarExpression, _ elapses: [WallTime], _ local: Zone
  ) -> JSON {
    .object([
      .init("original", .string(ExactText(text))), .init("normalized", .string(ExactText(expression.description))),
      .init("zone", expression.zone.map { .string(ExactText($0.name)) } ?? .null),
      .init(
        "elapses",
        .array(
          elapses.map { moment in
            .object([
              .init("microseconds", .integer(moment.nanoseconds / 1000)),
              .init("utc", .string(ExactText(TimeText.internetTime(moment, in: .utc)))),
              .init("local", .string(ExactText(TimeText.internetTime(moment, in: local)))),
            ])
          })),
    ])
  }
}
