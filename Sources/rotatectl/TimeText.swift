internal import Daemon
internal import Glibc
internal import Rotation
internal import Timekeeping

/// Moments and distances in time as text, in systemd's manner.
enum TimeText {
  /// `Mon 2026-11-23 22:30:00 CET`, with a fraction of the second where there is one.
  static func dateAndTime(_ time: WallTime, in zone: Zone) -> String {
    let weekday = zone.localTime(at: time).weekday.abbreviation
    return "\(weekday) \(zone.dateAndTime(at: time))\(fraction(of: time)) \(zone.abbreviation(at: time))"
  }

  /// `2026-11-23T22:30:00+01:00`, as in RFC 3339.
  static func internetTime(_ time: WallTime, in zone: Zone) -> String {
    let offset = zone.offset(at: time)
    let minutes = abs(offset) / 60
    let text = zone.dateAndTime(at: time).split(separator: " ").joined(separator: "T") + fraction(of: time)
    return offset == 0 ? text + "Z" : "\(text)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }

  /// `22h left`, `2 weeks 3 days ago`: the two greatest units, less of what is far.
  static func distance(from now: WallTime, to time: WallTime) -> String {
    let nanoseconds = (time - now).nanoseconds
    let end = nanoseconds < 0 ? "ago" : "left"
    let second: UInt64 = 1_000_000
    let (minute, hour, day) = (60 * second, 3600 * second, 86_400 * second)
    let (week, month, year) = (7 * day, 2_629_800 * second, 31_557_600 * second)
    let length = nanoseconds.magnitude / 1000
    func words(_ unit: UInt64, _ name: String, _ lesser: UInt64, _ lesserName: String) -> String {
      let (whole, rest) = (length / unit, length % unit / lesser)
      let first = "\(whole) \(name)\(whole == 1 ? "" : "s")"
      return rest == 0 ? "\(first) \(end)" : "\(first) \(rest) \(lesserName)\(rest == 1 ? "" : "s") \(end)"
    }
    switch length {
    case year...: return words(year, "year", month, "month")
    case month...: return words(month, "month", day, "day")
    case week...: return words(week, "week", day, "day")
    case (2 * day)...: return "\(length / day) days \(end)"
    case (25 * hour)...: return "1 day \((length - day) / hour)h \(end)"
    case (6 * hour)...: return "\(length / hour)h \(end)"
    case hour...: return "\(length / hour)h \(length % hour / minute)min \(end)"
    case (5 * minute)...: return "\(length / minute)min \(end)"
    case minute...: return "\(length / minute)min \(length % minute / second)s \(end)"
    case second...: return "\(length / second)s \(end)"
    case 1000...: return "\(length / 1000)ms \(end)"
    case 1...: return "\(length)us \(end)"
    default: return "now"
    }
  }

  /// Labels and values as lines, the colons below each other.
  static func aligned(_ rows: [(label: String, value: String)]) -> [String] {
    let width = rows.map(\.label.count).max() ?? 0
    return rows.map { "\(String(repeating: " ", count: width - $0.label.count))\($0.label): \($0.value)" }
  }

  private static func fraction(of time: WallTime) -> String {
    let rest = time.nanoseconds % 1_000_000_000
    let microseconds = (rest < 0 ? rest + 1_000_000_000 : rest) / 1000
    guard microseconds != 0 else { return "" }
    let digits = String(microseconds)
    return "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
