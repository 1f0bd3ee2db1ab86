/// Reads one field of a calendar expression, such as `1,10..20/2`. The unit of its values may be known only after
/// more of the text has been read (`1-` begins a month, and `1:` an hour), so they keep their positions until then.
struct CalendarListParser {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let scale: Int

  /// Begins at a position of the text. The scale is the number of values in one unit; if it is more than 1, fractions
  /// are read.
  init(_ bytes: [UInt8], at position: Int, scale: Int) {
    self.bytes = bytes
    self.position = position
    self.scale = scale
  }

  /// A field as it is written.
  struct List {
    /// Empty for `*`.
    var elements: [Element] = []
  }

  /// An element of a field as it is written, with the positions of its values.
  struct Element {
    var first: Value
    var last: Value?
    var step: Value?
  }

  struct Value {
    var number: Int
    /// From 1.
    var column: Int
  }

  /// - Throws: `CalendarError` with the first position that does not fit.
  mutating func parse() throws(CalendarError) -> List {
    var list = List()
    if accept("*") { return list }
    repeat {
      list.elements.append(try element())
    } while accept(",")
    return list
  }

  private mutating func element() throws(CalendarError) -> Element {
    var element = Element(first: try value())
    if isRangeMark {
      position += 2
      element.last = try value()
    }
    if accept("/") {
      let step = try value()
      guard step.number > 0 else { throw CalendarError(column: step.column, expected: "a step that is not 0") }
      element.step = step
    }
    guard peek.map({ Self.endsOfElement.contains($0) }) ?? true else {
      throw failure(Self.explanation(after: element))
    }
    if scale > 1, element.step == nil, let last = element.last, element.first.number + scale > last.number {
      throw CalendarError(column: last.column, expected: "a second, at least one after the first; or \"/\" and a step")
    }
    return element
  }

  private static let endsOfElement = Array(" ,-~:".utf8)

  private static func explanation(after element: Element) -> String {
    if element.step != nil { return "\",\" or the end of the list" }
    if element.last != nil { return "\",\", \"/\" or the end of the list" }
    return "\",\", \"..\", \"/\" or the end of the list"
  }

  private mutating func value() throws(CalendarError) -> Value {
    let column = position + 1
    let isFirst = bytes[..<position].last != UInt8(ascii: "/") && bytes[..<position].last != UInt8(ascii: ".")
    guard var number = digits() else { throw failure(isFirst ? "a number or \"*\"" : "a number") }
    guard number <= Self.maximum / scale else { throw CalendarError(column: column, expected: "a smaller number") }
    number *= scale
    if scale > 1, !isRangeMark, accept(".") {
      number += try fraction()
    }
    guard number <= Self.maximum else { throw CalendarError(column: column, expected: "a smaller number") }
    return Value(number: number, column: column)
  }

  /// systemd holds values in 31 bits, and seconds in microseconds.
  private static let maximum = Int(Int32.max)

  private mutating func digits() -> Int? {
    let start = position
    var number = 0
    while let digit {
      number = min(number * 10 + digit, Self.maximum + 1)
      position += 1
    }
    return position > start ? number : nil
  }

  /// Six decimal places, rounded by the seventh.
  private mutating func fraction() throws(CalendarError) -> Int {
    guard digit != nil else { throw failure("a digit") }
    var number = 0
    var unit = scale
    while unit > 1 {
      unit /= 10
      number += (digit ?? 0) * unit
      position += digit == nil ? 0 : 1
    }
    if let digit, digit >= 5 {
      number += 1
    }
    while digit != nil {
      position += 1
    }
    return number
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private var digit: Int? {
    guard let peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek) else { return nil }
    return Int(peek - UInt8(ascii: "0"))
  }

  private var isRangeMark: Bool { bytes[position...].starts(with: "..".utf8) }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private func failure(_ expected: String) -> CalendarError { CalendarError(column: position + 1, expected: expected) }
}

extension CalendarListParser.List {
  /// The field, once the unit of its values is known.
  ///
  /// - Throws: `CalendarError` with the position of the first value that the unit does not have.
  func field(_ unit: CalendarUnit) throws(CalendarError) -> CalendarField {
    guard !elements.isEmpty else { return CalendarField(any: unit) }
    var checked: [CalendarField.Element] = []
    for element in elements {
      checked.append(try element.checked(unit))
    }
    return CalendarField(checked, unit)
  }
}

extension CalendarListParser.Element {
  fileprivate func checked(_ unit: CalendarUnit) throws(CalendarError) -> CalendarField.Element {
    let start = Self.withCentury(first.number, unit)
    let end = last.map { Self.withCentury($0.number, unit) }
    let element = CalendarField.Element(
      first: start, last: end, step: step?.number ?? (last == nil ? 0 : unit.scale)
    ).normalized()
    guard unit.bounds.contains(element.first) else { throw Self.failure(first, unit.explanation) }
    if let end = element.last, let last {
      guard end > start else { throw Self.failure(last, "a value greater than the first") }
      guard unit.bounds.contains(end) else { throw Self.failure(last, unit.explanation) }
    } else if element.step > 0, let step {
      // At least one step must reach another value.
      let room = unit == .dayFromEnd ? start - unit.bounds.lowerBound : unit.bounds.upperBound - start
      guard element.step <= room else {
        throw Self.failure(step, room > 0 ? "a step of at most \(unit.format(room, width: 1))" : "no step here")
      }
    }
    return element
  }

  /// Years of two digits are those from 1970 to 2069.
  private static func withCentury(_ number: Int, _ unit: CalendarUnit) -> Int {
    guard unit == .year, number < 100 else { return number }
    return number + (number < 70 ? 2000 : 1900)
  }

  private static func failure(_ value: CalendarListParser.Value, _ expected: String) -> CalendarError {
    CalendarError(column: value.column, expected: expected)
  }
}
