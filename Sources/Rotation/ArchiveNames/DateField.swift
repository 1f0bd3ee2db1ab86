internal import Timekeeping

/// The meaning of a letter in a date format. Each has a fixed number of digits, so that a date can be read from its
/// end.
enum DateField: UInt8, Hashable, Sendable {
  case year = 0x59  // %Y
  case yearOfCentury = 0x79  // %y
  case month = 0x6D  // %m
  case day = 0x64  // %d
  case dayOfYear = 0x6A  // %j
  case weekYear = 0x47  // %G
  case week = 0x56  // %V
  case weekday = 0x75  // %u
  case hour = 0x48  // %H
  case minute = 0x4D  // %M
  case second = 0x53  // %S
  case epoch = 0x73  // %s

  /// The number of digits, with leading zeros.
  var width: Int {
    switch self {
    case .year, .weekYear: 4
    case .dayOfYear: 3
    case .weekday: 1
    case .epoch: 10
    default: 2
    }
  }

  /// The least number with more digits than that.
  var bound: Int64 { (0..<width).reduce(1) { power, _ in power * 10 } }

  /// The letter with `%`, as in a format.
  var code: String { "%" + String(UnicodeScalar(rawValue)) }
}

/// The resolution of a date; a finer one is greater.
package enum DateResolution: Int, Comparable, Hashable, Sendable {
  case year, month, week, day, hour, minute, second

  package static func < (left: DateResolution, right: DateResolution) -> Bool { left.rawValue < right.rawValue }

  /// The finest resolution of these fields together; nil if they are no date that can be sorted.
  static func of(_ fields: Set<DateField>) -> DateResolution? {
    if fields.contains(.epoch) { return .second }
    let hasYear = fields.contains(.year) || fields.contains(.yearOfCentury)
    let hasMonth = hasYear && fields.contains(.month)
    let hasWeek = fields.contains(.weekYear) && fields.contains(.week)
    let hasDay =
      hasMonth && fields.contains(.day) || hasYear && fields.contains(.dayOfYear)
      || hasWeek && fields.contains(.weekday)
    guard hasDay else { return hasWeek ? .week : hasMonth ? .month : hasYear ? .year : nil }
    guard fields.contains(.hour) else { return .day }
    guard fields.contains(.minute) else { return .hour }
    return fields.contains(.second) ? .second : .minute
  }

  /// The resolution that distinguishes two consecutive due times of a schedule. Jobs without one are rotated by size.
  static func needed(for schedule: Schedule?) -> DateResolution {
    guard let grain = schedule?.grain else { return .second }
    if grain >= .seconds(86_400) { return .day }
    return grain >= .seconds(3600) ? .hour : grain >= .seconds(60) ? .minute : .second
  }
}
