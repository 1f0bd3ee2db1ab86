/// Why a text is not a time span.
package struct TimeSpanError: Error, Hashable, Sendable {
  /// The offset in the text, in bytes.
  package var offset: Int
  /// The problem there, as the end of a sentence: "the number 30 has no unit".
  package var reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }
}

/// Time spans as people write them: the grammar of systemd.time(7), "PARSING TIME SPANS".
///
/// Numbers, each with its unit, add up: `1h 30min`, `2 weeks`, `0.5h`. A month is 30.44 days (2,629,800 s) and a year
/// 365.25 days. Two differences from systemd: a number without a unit is an error (there it means seconds), and so is
/// `infinity`. As in systemd, the resolution is a microsecond, and finer digits are dropped.
package enum TimeSpan {
  /// Spellings, a longer one before its own prefix, with their microseconds.
  private static let units: [(spelling: String, microseconds: UInt64)] = [
    ("seconds", 1_000_000), ("second", 1_000_000), ("sec", 1_000_000), ("s", 1_000_000),
    ("minutes", 60_000_000), ("minute", 60_000_000), ("min", 60_000_000),
    ("months", 2_629_800_000_000), ("month", 2_629_800_000_000), ("M", 2_629_800_000_000),
    ("msec", 1000), ("ms", 1000), ("m", 60_000_000),
    ("hours", 3_600_000_000), ("hour", 3_600_000_000), ("hr", 3_600_000_000), ("h", 3_600_000_000),
    ("days", 86_400_000_000), ("day", 86_400_000_000), ("d", 86_400_000_000),
    ("weeks", 604_800_000_000), ("week", 604_800_000_000), ("w", 604_800_000_000),
    ("years", 31_557_600_000_000), ("year", 31_557_600_000_000), ("y", 31_557_600_000_000),
    ("usec", 1), ("us", 1), ("\u{3BC}s", 1), ("\u{B5}s", 1),
  ]

  /// The units that `describe` uses, greatest first.
  private static let described: [(suffix: String, microseconds: UInt64, digits: Int)] = [
    ("y", 31_557_600_000_000, 0), ("month", 2_629_800_000_000, 0), ("w", 604_800_000_000, 0),
    ("d", 86_400_000_000, 0), ("h", 3_600_000_000, 0), ("min", 60_000_000, 0), ("s", 1_000_000, 6), ("ms", 1000, 3),
    ("us", 1, 0),
  ]

  /// The span in a text; never negative.
  package static func parse(_ text: String) throws(TimeSpanError) -> Span {
    var scanner = TextScanner(bytes: Array(text.utf8))
    var microseconds: UInt64 = 0
    var terms = 0
    while scanner.skipBlanks() {
      let start = scanner.position
      let term = try parseTerm(&scanner)
      let (sum, overflow) = microseconds.addingReportingOverflow(term)
      guard !overflow, sum <= UInt64(Int64.max / 1000) else {
        throw TimeSpanError(offset: start, reason: "longer than 292 years, the maximum")
      }
      microseconds = sum
      terms += 1
    }
    guard terms > 0 else { throw TimeSpanError(offset: 0, reason: "the text is empty") }
    return Span(nanoseconds: Int64(microseconds) * 1000)
  }

  /// The span in systemd's format: `1h 30min`, `1.500s`, `0`. Parts smaller than `accuracy` are left out, unless
  /// nothing would be left.
  package static func describe(_ span: Span, accuracy: Span = .milliseconds(1)) -> String {
    let grain = UInt64(max(accuracy.nanoseconds / 1000, 1))
    var rest = span.nanoseconds.magnitude / 1000
    var parts: [String] = []
    for unit in described where rest >= unit.microseconds {
      if rest < grain, !parts.isEmpty { break }
      let whole = rest / unit.microseconds
      rest %= unit.microseconds
      var number = String(whole)
      if rest > 0, unit.digits > 0 {
        let digits = unit.digits - (String(grain).utf8.count - 1)
        if digits > 0 {
          let padded = String(repeating: "0", count: unit.digits) + String(rest)
          number += "." + padded.suffix(unit.digits).prefix(digits)
          rest = 0
        }
      }
      parts.append(number + unit.suffix)
      if rest == 0 { break }
    }
    guard !parts.isEmpty else { return "0" }
    return (span.nanoseconds < 0 ? "-" : "") + parts.joined(separator: " ")
  }

  /// A span of a config as people write it: a whole number of one unit if that number is not too large, `90d`, `36h`,
  /// `500ms`; else as `describe`.
  package static func show(_ span: Span) -> String {
    // Operators count the age of logs in days, so weeks are not used.
    for unit in described where unit.suffix != "w" && span.nanoseconds > 0 {
      let nanoseconds = Int64(unit.microseconds) * 1000
      guard span.nanoseconds % nanoseconds == 0 else { continue }
      let number = span.nanoseconds / nanoseconds
      return number < 10_000 ? "\(number)\(unit.suffix)" : describe(span)
    }
    return describe(span)
  }

  /// One number with its unit, in microseconds.
  private static func parseTerm(_ scanner: inout TextScanner) throws(TimeSpanError) -> UInt64 {
    let start = scanner.position
    if scanner.peek == UInt8(ascii: "-") {
      throw TimeSpanError(offset: start, reason: "a time span cannot be negative")
    }
    if scanner.starts(with: "infinity") {
      throw TimeSpanError(offset: start, reason: "such a job would never run")
    }
    if scanner.peek == UInt8(ascii: "+") { scanner.position += 1 }
    let whole = scanner.digits()
    var fraction: ArraySlice<UInt8>?
    if scanner.peek == UInt8(ascii: ".") {
      scanner.position += 1
      fraction = scanner.digits()
    }
    guard fraction.map({ !$0.isEmpty }) ?? !whole.isEmpty else {
      throw TimeSpanError(offset: start, reason: "a number with its unit is missing here")
    }
    let number = String(decoding: scanner.bytes[start..<scanner.position], as: UTF8.self)
    _ = scanner.skipBlanks()
    guard let unit = units.first(where: { scanner.starts(with: $0.spelling) }) else {
      throw missingUnit(number, at: start, &scanner)
    }
    scanner.position += unit.spelling.utf8.count
    return try value(whole, fraction, unit.microseconds, at: start)
  }

  private static func missingUnit(_ number: String, at start: Int, _ scanner: inout TextScanner) -> TimeSpanError {
    let place = scanner.position
    let word = scanner.word()
    guard !word.isEmpty else { return TimeSpanError(offset: start, reason: "the number \(number) has no unit") }
    return TimeSpanError(
      offset: place, reason: "\"\(word)\" is not a unit of time; the units are us, ms, s, min, h, d, w, month and y")
  }

  /// Digits times unit; each digit of the fraction is rounded down by itself, as in systemd.
  private static func value(
    _ whole: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>?, _ unit: UInt64, at offset: Int
  ) throws(TimeSpanError) -> UInt64 {
    var result: UInt64 = 0
    for digit in whole {
      let (tenfold, over) = result.multipliedReportingOverflow(by: 10)
      let (sum, overAgain) = tenfold.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !over, !overAgain else {
        throw TimeSpanError(offset: offset, reason: "longer than 292 years, the maximum")
      }
      result = sum
    }
    let (product, over) = result.multipliedReportingOverflow(by: unit)
    guard !over, product <= UInt64(Int64.max) else {
      throw TimeSpanError(offset: offset, reason: "longer than 292 years, the maximum")
    }
    result = product
    var place = unit / 10
    for digit in fraction ?? [] {
      result += UInt64(digit - UInt8(ascii: "0")) * place
      place /= 10
    }
    return result
  }
}
