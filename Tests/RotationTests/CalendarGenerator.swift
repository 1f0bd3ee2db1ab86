import Rotation
import Timekeeping

/// Makes calendar expressions that use every production of the grammar, with more than their share of the hours in
/// which clocks are changed.
struct CalendarGenerator {
  private var numbers: SeededNumbers
  private let zones: [String]

  init(seed: UInt64, zones: [String]) {
    numbers = SeededNumbers(seed: seed)
    self.zones = zones
  }

  mutating func expression() -> String {
    var parts: [String] = []
    if chance(1, in: 12) {
      parts.append(pick(Self.shorthands))
    } else if chance(1, in: 60) {
      parts.append("@\(number(in: 1_700_000_000...2_000_000_000))")
    } else {
      let (hasDate, hasTime) = pick([(true, true), (false, true), (false, true), (true, false)])
      if chance(1, in: 3) || (chance(1, in: 10) && !hasTime) {
        parts.append(weekdays())
      }
      if hasDate {
        parts.append(date())
      }
      if hasTime {
        parts.append(time())
      }
    }
    if chance(1, in: 5) {
      parts.append(chance(1, in: 4) ? pick(["UTC", "utc"]) : pick(zones))
    }
    return parts.joined(separator: " ")
  }

  /// An expression with one character changed, added or taken away, and so mostly none.
  mutating func damagedExpression() -> String {
    var characters = Array(expression())
    let place = number(in: 0...(characters.count - 1))
    let character = pick(Array("0123456789*/.,:~- MTF@Z"))
    switch number(in: 0...2) {
    case 0: characters[place] = character
    case 1: characters.insert(character, at: place)
    default: characters.remove(at: place)
    }
    return String(characters)
  }

  private mutating func weekdays() -> String {
    var items: [String] = []
    for _ in 0..<number(in: 1...3) {
      let (first, last) = ordered(in: 0...6)
      let mark = pick(["..", "..", "-"])
      items.append(chance(1, in: 2) ? weekday(first) : weekday(first) + mark + weekday(last))
    }
    return items.joined(separator: ",") + (chance(1, in: 12) ? "," : "")
  }

  private mutating func weekday(_ index: Int) -> String {
    let name = Self.weekdayNames[index]
    return pick([String(name.prefix(3)), name, name.lowercased(), name.prefix(3).uppercased()])
  }

  private mutating func date() -> String {
    let isFromEnd = chance(1, in: 4)
    let day = isFromEnd ? field(1...28, fromEnd: true) : field(1...31)
    let monthAndDay = field(1...12) + (isFromEnd ? "~" : "-") + day
    guard chance(1, in: 2) else { return monthAndDay }
    let year: String
    switch number(in: 0...5) {
    case 0: year = "\(number(in: 2024...2040))"
    case 1: year = "\(number(in: 24...40))"
    case 2: year = "\(number(in: 2004...2020))..\(number(in: 2030...2060))"
    case 3: year = "20\(number(in: 10...25))/\(number(in: 1...9))"
    default: year = "*"
    }
    return "\(year)-\(monthAndDay)"
  }

  private mutating func time() -> String {
    let hour = chance(1, in: 2) ? pick(["0", "1", "2", "02", "3", "23", "0..3", "1/2", "22..23,1..2"]) : field(0...23)
    let minute = chance(1, in: 2) ? pick(["0", "00", "30", "15", "45", "0/20", "*", "59", "1,31"]) : field(0...59)
    guard chance(1, in: 3) else { return "\(hour):\(minute)" }
    return "\(hour):\(minute):\(seconds())"
  }

  private mutating func seconds() -> String {
    switch number(in: 0...6) {
    case 0: return "*"
    case 1: return "\(number(in: 0...58)).\(number(in: 0...9_999_999))"
    case 2: return "\(number(in: 0...20))/\(number(in: 1...39)).\(number(in: 1...999))"
    case 3: return "\(number(in: 0...20)).5..\(number(in: 30...59))/\(number(in: 1...12)).25"
    default: return field(0...59)
    }
  }

  private mutating func field(_ values: ClosedRange<Int>, fromEnd: Bool = false) -> String {
    if chance(1, in: 3) { return "*" }
    var elements: [String] = []
    for _ in 0..<pick([1, 1, 1, 2, 3]) {
      let (first, last) = ordered(in: values)
      switch number(in: 0...5) {
      case 0 where first < last: elements.append("\(padded(first))..\(padded(last))")
      case 1 where first < last: elements.append("\(first)..\(last)/\(number(in: 1...(last - first)))")
      case 2 where fromEnd && last > 1: elements.append("\(last)/\(number(in: 1...(last - 1)))")
      case 2 where !fromEnd && first < values.upperBound:
        elements.append("\(padded(first))/\(number(in: 1...(values.upperBound - first)))")
      default: elements.append(padded(first))
      }
    }
    return elements.joined(separator: ",")
  }

  private mutating func padded(_ value: Int) -> String { value < 10 && chance(1, in: 2) ? "0\(value)" : "\(value)" }

  private mutating func ordered(in values: ClosedRange<Int>) -> (Int, Int) {
    let (one, other) = (number(in: values), number(in: values))
    return (min(one, other), max(one, other))
  }

  private mutating func number(in range: ClosedRange<Int>) -> Int { .random(in: range, using: &numbers) }
  private mutating func chance(_ share: Int, in whole: Int) -> Bool { number(in: 1...whole) <= share }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[number(in: 0...(elements.count - 1))]
  }

  private static let weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
  private static let shorthands = [
    "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "semi-annually", "biannually",
    "bi-annually", "yearly", "annually", "Daily",
  ]
}

extension CalendarGenerator {
  /// A moment in a zone: mostly within hours of a change of its clocks, else anywhere.
  mutating func base(in zone: Zone) -> WallTime {
    let start = Int64(number(in: 1_200_000_000...2_500_000_000))
    guard !chance(1, in: 6), let change = Self.change(in: zone, after: start) else { return WallTime(seconds: start) }
    return WallTime(
      seconds: change + Int64(pick([-90_000, -7200, -3600, -1801, -600, -1, 0, 1, 600, 1800, 3599, 7200])))
  }

  /// The next change of the clocks within two years, in seconds since the epoch.
  private static func change(in zone: Zone, after start: Int64) -> Int64? {
    let before = zone.offset(at: WallTime(seconds: start))
    var high = start
    repeat {
      high += 7 * 86_400
      guard high < start + 2 * 366 * 86_400 else { return nil }
    } while zone.offset(at: WallTime(seconds: high)) == before
    var low = high - 7 * 86_400
    while low + 1 < high {
      let middle = (low + high) / 2
      if zone.offset(at: WallTime(seconds: middle)) == before {
        low = middle
      } else {
        high = middle
      }
    }
    return high
  }
}
