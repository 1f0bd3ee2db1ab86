import Rotation
import Timekeeping

/// When the logs of a stanza are due.
struct LogrotateSchedules {
  let calendars: CalendarCache

  /// The schedule of a criterion by time; nil for one by size.
  ///
  /// logrotate runs once a day, at midnight (logrotate.timer of Debian), and compares calendar days. So `weekly` is due at the
  /// start of the day of the week, and a due time that was missed is made up for.
  func schedule(_ criterion: LogrotateSettings.Criterion) -> Schedule? {
    switch criterion {
    case .hourly: calendar("hourly", ["*-*-* *:00:00"])
    case .daily, .weekly(7): calendar("daily at 00:00", ["*-*-* 00:00:00"])
    case .yearly: calendar("yearly", ["*-01-01 00:00:00"])
    case .weekly(let day):
      calendar("weekly on \(Self.weekdays[day % 7])", ["\(Self.weekdays[day % 7]) *-*-* 00:00:00"])
    case .monthly(let day): calendar(day.map { "monthly on day \($0)" } ?? "monthly", Self.month(day ?? 1))
    case .minutes(let minutes): .interval(.seconds(60 * minutes))
    case .size: nil
    }
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

  /// The day of each month, or the last one of a month that is shorter.
  static func month(_ day: Int) -> [String] {
    let text = "\(day < 10 ? "0" : "")\(day)"
    return switch day {
    case ...28: ["*-*-\(text) 00:00:00"]
    case 31: ["*-*~01 00:00:00"]
    default: ["*-*-\(text) 00:00:00", "*-02~01 00:00:00"]
    }
  }

  private func calendar(_ name: String, _ texts: [String]) -> Schedule {
    .calendar(
      calendars.schedule(name) {
        texts.map { text in
          guard let expression = try? calendars.expression(text) else {
            preconditionFailure("\(text) is no calendar expression")
          }
          return expression
        }
      })
  }
}
