import Rotation
import Timekeeping

/// Reads each calendar once: of a hundred thousand jobs most have the same few, and share what was read.
final class CalendarCache {
  private let zones: (String) -> Zone?
  private var expressions: [String: CalendarExpression] = [:]
  private var schedules: [String: CalendarSchedule] = [:]

  init(zones: @escaping (String) -> Zone?) {
    self.zones = zones
  }

  /// The expression that a text stands for.
  func expression(_ text: String) throws(CalendarError) -> CalendarExpression {
    if let known = expressions[text] { return known }
    let expression = try CalendarExpression.parse(text, zones: zones)
    expressions[text] = expression
    return expression
  }

  /// The schedule of this name; made at the first question.
  func schedule(_ name: String, _ make: () -> [CalendarExpression]) -> CalendarSchedule {
    if let known = schedules[name] { return known }
    let schedule = CalendarSchedule(name: name, make())
    schedules[name] = schedule
    return schedule
  }
}
