internal import ArgumentParser
internal import Control
internal import EventLoop
internal import Linux
internal import Rotation
internal import Timekeeping

/// A moment that a person writes.
enum PointInTime {
  /// The moment of an expression that elapses once and never again; nil for one that elapses often, or never.
  static func once(_ text: String, _ zones: SystemZones, _ local: Zone) throws(CalendarError) -> WallTime? {
    let expression = try CalendarExpression.parse(text, zones: { zones.zone($0) })
    guard let moment = expression.next(after: WallTime(seconds: -86_400), in: local),
      expression.next(after: moment, in: local) == nil
    else { return nil }
    return moment
  }

  /// The value of `--since`: `2h` ago, `today`, `yesterday`, a date, a date and a time, or the form of RFC 3339.
  static func past(_ text: String) throws -> WallTime {
    let (now, local) = (SystemClock.wall, LocalZone.load().zone)
    if text == "today" || text == "yesterday" {
      var day = local.localTime(at: text == "today" ? now : now - .seconds(86_400))
      (day.hour, day.minute, day.second) = (0, 0, 0)
      return local.moments(of: day).first
    }
    if let time = InternetTime.read(Array(text.utf8)) { return time }
    if let span = try? TimeSpan.parse(text) { return now - span }
    if let moment = try? once(text, SystemZones(), local) { return moment }
    throw ValidationError(
      "\"\(text.printable)\" is not a time; write it as 2h (ago), today, yesterday, \"2026-03-29 01:30:00\" or 2026-03-29T01:30:00Z"
    )
  }
}
