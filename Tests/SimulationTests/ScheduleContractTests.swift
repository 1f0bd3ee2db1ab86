import Daemon
import EventLoop
import Glibc
import Rotation
import Testing
import Timekeeping

/// The tables of the article Schedules, row by row.
@Suite("The contract of schedules", .enabled(if: ContractText.hasZones, "needs tzdata under /usr/share/zoneinfo"))
struct ScheduleContractTests {
  @Test(
    "on days with a clock change a job is due as the article says",
    arguments: ContractText.rows(of: "Days with a clock change"))
  func dayOfChange(_ row: [String]) throws {
    let zone = try #require(ContractText.zone(row[1]))
    let expression = try CalendarExpression.parse(row[0], zones: ContractText.zone)
    var time = ContractText.moment(row[2], in: .utc)
    for expected in row[3].split(separator: ", ") {
      time = try #require(expression.next(after: time, in: zone))
      #expect("\(ContractText.show(time, in: zone)) \(zone.abbreviation(at: time))" == expected)
    }
  }

  @Test(
    "whatever happens to the clock, a job is due as the article says",
    arguments: ContractText.rows(of: "Downtime, suspend"))
  func clock(_ row: [String]) throws {
    let berlin = try #require(ContractText.zone("Europe/Berlin"))
    let schedule = try ContractText.schedule(row[0])
    let words = row[1].split(separator: " ").map(String.init)
    let times = words.indices.dropLast().filter { words[$0].hasPrefix("20") && words[$0 + 1].contains(":") }
      .map { ContractText.moment("\(words[$0]) \(words[$0 + 1])", in: berlin) }
    let before = Now(monotonic: MonotonicTime(nanoseconds: 1_000_000_000), wall: times[0])
    var now = Now(monotonic: before.monotonic, wall: times.last ?? times[0])
    var zone = berlin
    // An interval that counts from midnight has its phase there.
    var clock = JobClock(
      schedule, served: ContractText.moment("2026-05-09 00:00", in: berlin), now: before, zone: berlin)
    if let due = clock.due(before, zone: berlin) {
      clock.advance(past: due, now: before, zone: berlin)
      clock.markServed(due)
    }
    switch words[0] {
    case "off":
      clock = JobClock(schedule, served: clock.served, now: now, zone: zone)
    case "suspended":
      now.monotonic.nanoseconds += (now.wall - before.wall).nanoseconds
    case "set":
      clock.lookUpAgain(now: now, zone: zone)
    default:
      zone = try #require(ContractText.zone(words[3]))
      clock.zoneWasChanged(now: now, zone: zone)
    }
    if row[0].hasSuffix("without catch-up") { _ = clock.skipMissed(now: now, zone: zone) }
    let due = clock.due(now, zone: zone)
    #expect((due.map { ContractText.show($0, in: berlin) } ?? "nothing") == row[2])
    if let due { clock.advance(past: due, now: now, zone: zone) }
    let next: WallTime? =
      switch clock.next {
      case .wall(let time): time
      case .monotonic(let time): now.wall + Span(nanoseconds: time.nanoseconds - now.monotonic.nanoseconds)
      case .never: nil
      }
    #expect(next.map { ContractText.show($0, in: berlin) } == row[3])
  }

  @Test("the article has its tables")
  func tables() {
    #expect(ContractText.rows(of: "Days with a clock change").count == 10)
    #expect(ContractText.rows(of: "Downtime, suspend").count == 19)
  }
}

/// The article, and what its cells stand for.
enum ContractText {
  private static let zoneDirectory = "/usr/share/zoneinfo/"
  static let hasZones = unsafe access(zoneDirectory + "Europe/Berlin", R_OK) == 0

  static func zone(_ name: String) -> Zone? {
    readFile(zoneDirectory + name).flatMap { try? Zone(name: name, tzif: $0) }
  }

  /// The cells of each row of the table below a heading, its own head left out.
  static func rows(of heading: String) -> [[String]] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let bytes = readFile("\(root)/Sources/Daemon/Daemon.docc/Schedules.md") ?? []
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let section = lines.drop { !$0.hasPrefix("## \(heading)") }.dropFirst().prefix { !$0.hasPrefix("## ") }
    return section.filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
      line.split(separator: "|").map { cell in
        let inner = cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        return String(inner.filter { $0 != "`" })
      }
    }
  }

  static func schedule(_ cell: String) throws -> Schedule {
    let text = cell.hasSuffix(" without catch-up") ? String(cell.dropLast(" without catch-up".count)) : cell
    if text.hasPrefix("every ") { return .interval(try TimeSpan.parse(String(text.dropFirst(6)))) }
    return .calendar(CalendarSchedule(name: text, [try CalendarExpression.parse(text, zones: zone)]))
  }

  /// A moment written as the clocks of a zone show it, to the minute.
  static func moment(_ text: String, in zone: Zone) -> WallTime {
    let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
    precondition(parts.count == 5, "\(text) is no time to the minute")
    return zone.moments(
      of: LocalTime(year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4])
    ).first
  }

  static func show(_ time: WallTime, in zone: Zone) -> String { String(zone.dateAndTime(at: time).dropLast(3)) }

  private static func readFile(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "re") else { return nil }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 17)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}
