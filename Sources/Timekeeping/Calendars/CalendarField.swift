/// One part of a calendar expression, such as its months: a list of values, of ranges and of steps.
struct CalendarField: Hashable, Sendable {
  /// In the order of the normal form; empty stands for any value.
  private(set) var elements: [Element]
  let unit: CalendarUnit

  /// `first`, `first/step`, `first..last` or `first..last/step`.
  struct Element: Hashable, Sendable {
    var first: Int
    /// Nil without a range.
    var last: Int?
    /// 0 for a value without a step.
    var step: Int
  }

  /// Whether it has only one value.
  var isOneValue: Bool { elements.count == 1 && elements[0].last == nil && elements[0].step == 0 }

  /// Any value; of seconds, any whole one.
  init(any unit: CalendarUnit) {
    self.unit = unit
    self.elements = unit == .second ? [Element(first: 0, last: nil, step: unit.scale)] : []
  }

  /// One value.
  init(_ value: Int, _ unit: CalendarUnit) {
    self.unit = unit
    self.elements = [Element(first: value, last: nil, step: 0)]
  }

  /// Normalized elements within the bounds of the unit, in any order.
  init(_ elements: [Element], _ unit: CalendarUnit) {
    self.init(any: unit)
    let isWhole = elements.allSatisfy { $0.first % unit.scale == 0 && $0.step % unit.scale == 0 }
    // Among whole seconds, "each second" includes all others.
    if unit == .second, isWhole, elements.contains(self.elements[0]) { return }
    self.elements = []
    for element in elements.sorted(by: Element.isInOrder) where element != self.elements.last {
      self.elements.append(element)
    }
  }

  /// The least value of the field that is neither less than `value` nor more than `limit`.
  func least(from value: Int, through limit: Int) -> Int? {
    guard !elements.isEmpty else { return value <= limit ? value : nil }
    return Self.least(of: elements.lazy.compactMap { $0.least(from: value) }, through: limit)
  }

  /// The same for a field that counts days from the end of a month, the last one being 1. The limit is how many days
  /// the month has.
  func leastFromEnd(from value: Int, through limit: Int) -> Int? {
    guard !elements.isEmpty else { return value <= limit ? value : nil }
    // The range is reversed, so that its steps still count up from the earliest day.
    let mirrored = elements.lazy.map { element in
      Element(
        first: limit + 1 - (element.last ?? element.first), last: element.last.map { _ in limit + 1 - element.first },
        step: element.step)
    }
    return Self.least(of: mirrored.compactMap { $0.least(from: value) }, through: limit)
  }

  private static func least(of values: some Sequence<Int>, through limit: Int) -> Int? {
    values.min().flatMap { $0 <= limit ? $0 : nil }
  }
}

extension CalendarField.Element {
  /// Shortens a range to the last value that its steps reach. A range whose steps reach no second value becomes its
  /// first.
  func normalized() -> Self {
    guard let last, step > 0 else { return self }
    let reached = last > first ? last - (last - first) % step : last
    return reached == first ? Self(first: first, last: nil, step: 0) : Self(first: first, last: reached, step: step)
  }

  fileprivate func least(from value: Int) -> Int? {
    guard value > first else { return first }
    guard step > 0 else { return nil }
    let candidate = first + (value - first + step - 1) / step * step
    return last.map { candidate <= $0 } ?? true ? candidate : nil
  }

  fileprivate static func isInOrder(_ left: Self, _ right: Self) -> Bool {
    (left.first, left.last ?? -1, left.step) < (right.first, right.last ?? -1, right.step)
  }
}

extension CalendarField: CustomStringConvertible {
  /// As in `01,10..20/2`.
  var description: String {
    self == CalendarField(any: unit) ? "*" : elements.map { $0.description(in: unit) }.joined(separator: ",")
  }
}

extension CalendarField.Element {
  fileprivate func description(in unit: CalendarUnit) -> String {
    var text = unit.format(first, width: unit.width)
    if let last {
      text += "..\(unit.format(last, width: unit.width))"
    }
    if step > 0, last == nil || step != unit.scale {
      text += "/\(unit.format(step, width: 1))"
    }
    return text
  }
}

/// What the values of a field count.
enum CalendarUnit: Hashable, Sendable {
  case year, month, day
  /// Days counted from the end of the month, `~`.
  case dayFromEnd
  case hour, minute
  /// Seconds with fractions; the values are microseconds.
  case second

  /// The values there are. A month may end on its 28th, so no day lies further from the end in every month.
  var bounds: ClosedRange<Int> {
    switch self {
    case .year: 1970...2199
    case .month: 1...12
    case .day: 1...31
    case .dayFromEnd: 1...28
    case .hour: 0...23
    case .minute: 0...59
    case .second: 0...59_999_999
    }
  }

  /// The number of values in one unit.
  var scale: Int { self == .second ? 1_000_000 : 1 }

  /// Digits of a value in the normal form.
  var width: Int { self == .year ? 4 : 2 }

  /// A description of the valid values, for errors.
  var explanation: String {
    switch self {
    case .year: "a year, 1970 to 2199, or 0 to 99"
    case .month: "a month, 1 to 12"
    case .day: "a day of the month, 1 to 31"
    case .dayFromEnd: "a day before the end of the month, 1 to 28"
    case .hour: "an hour, 0 to 23"
    case .minute: "a minute, 0 to 59"
    case .second: "a second, 0 to 59.999999"
    }
  }

  /// A value in decimal, with zeros in front, and a fraction if it has one.
  func format(_ value: Int, width: Int) -> String {
    let (whole, fraction) = value.quotientAndRemainder(dividingBy: scale)
    return Self.padded(whole, to: width) + (fraction > 0 ? "." + Self.padded(fraction, to: 6) : "")
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
