import Rotation
import Timekeeping

/// Parses each calendar once: most of a hundred thousand jobs have the same few calendars, and share the result.
final class CalendarCache {
  private let zones: (String) -> Zone?
  private var expressions: [String: CalendarExpression] = [:]
  private var schedules: [String: CalendarSchedule] = [:]

  init(zones: @escaping (String) -> Zone?) {
    self.zones = zones
  }

  /// The expression of a text.
  func expression(_ text: String) throws(CalendarError) -> CalendarExpression {
    if let known = expressions[text] { return known }
    let expression = try CalendarExpression.parse(text, zones: zones)
    expressions[text] = expression
    return expression
  }

  /// The schedule with this name, which is made on the first call.
  func schedule(_ name: String, _ make: () -> [CalendarExpression]) -> CalendarSchedule {
    if let known = schedules[name] { return known }
    let schedule = CalendarSchedule(name: name, make())
    schedules[name] = schedule
    return schedule
  }
}
