/// Reads a rule of POSIX TZ from bytes. Every position is checked; an invalid rule is an error with its position.
struct ZoneRuleParser {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.position = bytes.startIndex
  }

  /// The rule in the bytes.
  ///
  /// - Throws: `ZoneError.Problem.badRule` with the position of the first byte that does not fit.
  mutating func parse() throws(ZoneError.Problem) -> ZoneRule {
    let name = try abbreviation()
    let standard = ZoneType(offset: -(try offset()), isDaylight: false, abbreviation: name)
    guard !isAtEnd else { return ZoneRule(standard: standard, daylight: nil) }

    var daylight = ZoneType(offset: standard.offset + 3600, isDaylight: true, abbreviation: try abbreviation())
    if !isAtEnd, peek != UInt8(ascii: ",") {
      daylight.offset = -(try offset())
    }
    var bounds = Self.defaultBounds
    if !isAtEnd {
      try expect(UInt8(ascii: ","))
      bounds.start = try yearlyMoment()
      try expect(UInt8(ascii: ","))
      bounds.end = try yearlyMoment()
    }
    guard isAtEnd else { throw failure }
    return ZoneRule(standard: standard, daylight: .init(type: daylight, start: bounds.start, end: bounds.end))
  }

  /// The bounds that glibc uses for a rule with daylight saving time and without bounds, which POSIX leaves open: those
  /// of the United States, `,M3.2.0,M11.1.0`.
  private static let defaultBounds = (
    start: ZoneRule.YearlyMoment(day: .weekday(month: 3, week: 2, weekday: 0), time: defaultTime),
    end: ZoneRule.YearlyMoment(day: .weekday(month: 11, week: 1, weekday: 0), time: defaultTime)
  )
  private static let defaultTime = 2 * 3600
  private static let maximumAbbreviation = 32

  private var isAtEnd: Bool { position == bytes.endIndex }
  private var peek: UInt8? { isAtEnd ? nil : bytes[position] }
  private var failure: ZoneError.Problem { .badRule(at: position - bytes.startIndex) }

  private mutating func accept(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(ZoneError.Problem) {
    guard accept(byte) else { throw failure }
  }

  /// Three letters or more, or anything alphanumeric with signs between `<` and `>`.
  private mutating func abbreviation() throws(ZoneError.Problem) -> String {
    let quoted = accept(UInt8(ascii: "<"))
    let start = position
    while let byte = peek, Self.isLetter(byte) || (quoted && Self.isDigitOrSign(byte)) {
      position += 1
    }
    guard (3...Self.maximumAbbreviation).contains(position - start) else { throw failure }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    if quoted {
      try expect(UInt8(ascii: ">"))
    }
    return name
  }

  /// `[+-]hh[:mm[:ss]]` in seconds, at most 24 hours; positive is west of Greenwich.
  private mutating func offset() throws(ZoneError.Problem) -> Int { try clock(hours: 24) }

  /// The same form with up to 167 hours, the extension that RFC 8536 3.3.1 describes.
  private mutating func yearlyTime() throws(ZoneError.Problem) -> Int { try clock(hours: 167) }

  private mutating func clock(hours: Int) throws(ZoneError.Problem) -> Int {
    let isNegative = accept(UInt8(ascii: "-"))
    if !isNegative {
      _ = accept(UInt8(ascii: "+"))
    }
    var seconds = try number(in: 0...hours) * 3600
    if accept(UInt8(ascii: ":")) {
      seconds += try number(in: 0...59) * 60
      if accept(UInt8(ascii: ":")) {
        seconds += try number(in: 0...59)
      }
    }
    return isNegative ? -seconds : seconds
  }

  private mutating func yearlyMoment() throws(ZoneError.Problem) -> ZoneRule.YearlyMoment {
    let day: ZoneRule.Day
    if accept(UInt8(ascii: "J")) {
      day = .julian(try number(in: 1...365))
    } else if accept(UInt8(ascii: "M")) {
      let month = try number(in: 1...12)
      try expect(UInt8(ascii: "."))
      let week = try number(in: 1...5)
      try expect(UInt8(ascii: "."))
      day = .weekday(month: month, week: week, weekday: try number(in: 0...6))
    } else {
      day = .zeroBased(try number(in: 0...365))
    }
    let time = accept(UInt8(ascii: "/")) ? try yearlyTime() : Self.defaultTime
    return ZoneRule.YearlyMoment(day: day, time: time)
  }

  private mutating func number(in range: ClosedRange<Int>) throws(ZoneError.Problem) -> Int {
    let start = position
    var value = 0
    while let byte = peek, Self.isDigit(byte), position - start < 3 {
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      position += 1
    }
    guard position > start, range.contains(value) else {
      position = start
      throw failure
    }
    return value
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isDigitOrSign(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
