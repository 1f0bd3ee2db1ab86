package import Timekeeping

/// Moments in the form of RFC 3339.
package enum InternetTime {
  /// `2026-11-23T22:30:00.000250Z`: in UTC, with microseconds where there are any; what is finer is dropped.
  package static func text(_ time: WallTime) -> String {
    let local = LocalTime(secondsAsUTC: time.seconds)
    var text: [UInt8] = []
    text.reserveCapacity(27)
    func put(_ number: Int, _ digits: Int, _ end: Unicode.Scalar) {
      var unit = digits == 2 ? 10 : digits == 4 ? 1000 : 100_000
      while unit > 0 {
        text.append(0x30 + UInt8(number / unit % 10))
        unit /= 10
      }
      text.append(UInt8(ascii: end))
    }
    let rest = time.nanoseconds % 1_000_000_000
    let microseconds = Int((rest < 0 ? rest + 1_000_000_000 : rest) / 1000)
    put(local.year, 4, "-")
    put(local.month, 2, "-")
    put(local.day, 2, "T")
    put(local.hour, 2, ":")
    put(local.minute, 2, ":")
    put(local.second, 2, microseconds == 0 ? "Z" : ".")
    if microseconds > 0 { put(microseconds, 6, "Z") }
    return String(decoding: text, as: UTF8.self)
  }

  /// The moment that a text names, with any offset from UTC; nil for any other text and for moments that `WallTime` cannot hold.
  /// A leap second is the first of the next minute.
  package static func read(_ text: [UInt8]) -> WallTime? {
    var rest = text[...]
    guard let year = number(4, &rest), skip("-", &rest), let month = number(2, &rest), skip("-", &rest),
      let day = number(2, &rest), skip("T", &rest) || skip("t", &rest) || skip(" ", &rest),
      let hour = number(2, &rest), skip(":", &rest), let minute = number(2, &rest), skip(":", &rest),
      let second = number(2, &rest), (1678...2261).contains(year), (1...12).contains(month),
      (1...CivilDate.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if skip(".", &rest) {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      for place in 0..<9 {
        fraction = fraction * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place] - 0x30) : 0)
      }
    }
    guard let offset = offset(&rest), rest.isEmpty else { return nil }
    let local = LocalTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    return WallTime(seconds: local.secondsAsUTC - offset) + Span(nanoseconds: fraction)
  }

  /// The last part, in seconds east of UTC.
  private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    if skip("Z", &rest) || skip("z", &rest) { return 0 }
    let isWest = skip("-", &rest)
    guard isWest || skip("+", &rest), let hours = number(2, &rest), skip(":", &rest), let minutes = number(2, &rest),
      hours < 24, minutes < 60
    else { return nil }
    return Int64(hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }

  private static func skip(_ character: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func number(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// A number with zeros in front, up to a width.
  package static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
