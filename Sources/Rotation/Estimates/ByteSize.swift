internal import Timekeeping

/// Why a text is no size.
package struct ByteSizeError: Error, Hashable, Sendable {
  /// The offset in the text, in bytes.
  package var offset: Int
  /// The problem there, as the end of a sentence: "\"kB\" is no unit of size".
  package var reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }
}

/// Sizes in bytes as people write them, with the grammar of systemd (`MemoryMax=` and the like): numbers with a unit K,
/// M, G, T, P or E, powers of 1024, or B or none for bytes. Decimals are allowed (`1.5G`), and several terms are added
/// if each has a smaller unit than the one before (`1G 512M`). `k`, `KB` and `KiB` are no units.
package enum ByteSize {
  /// Greatest first; the unit of a term is searched after that of the term before.
  private static let units: [(letter: String, bytes: UInt64)] = [
    ("E", 1 << 60), ("P", 1 << 50), ("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10), ("B", 1), ("", 1),
  ]

  /// The number of bytes in a text; zero or more.
  package static func parse(_ text: String) throws(ByteSizeError) -> Int64 {
    var scanner = TextScanner(bytes: Array(text.utf8))
    guard scanner.skipBlanks() else { throw ByteSizeError(offset: 0, reason: "the text is empty") }
    var total: UInt64 = 0
    var rank = 0
    while scanner.skipBlanks() {
      let start = scanner.position
      let term = try parseTerm(&scanner, &rank)
      let (sum, overflow) = total.addingReportingOverflow(term)
      guard !overflow, sum <= UInt64(Int64.max) else { throw tooBig(at: start) }
      total = sum
    }
    return Int64(total)
  }

  /// The size in its greatest unit, with one decimal if it is not whole: `1K`, `2.1K`, `1000B`.
  package static func describe(_ bytes: Int64) -> String {
    let magnitude = bytes.magnitude
    let sign = bytes < 0 ? "-" : ""
    guard let unit = units.first(where: { magnitude >= $0.bytes && $0.bytes > 1 }) else { return "\(bytes)B" }
    let whole = magnitude / unit.bytes
    let tenths = (magnitude % unit.bytes) / (unit.bytes / 1024) * 10 / 1024
    return tenths == 0 ? "\(sign)\(whole)\(unit.letter)" : "\(sign)\(whole).\(tenths)\(unit.letter)"
  }

  private static func parseTerm(_ scanner: inout TextScanner, _ rank: inout Int) throws(ByteSizeError) -> UInt64 {
    let start = scanner.position
    if scanner.peek == UInt8(ascii: "-") { throw ByteSizeError(offset: start, reason: "a size cannot be negative") }
    if scanner.peek == UInt8(ascii: "+") { scanner.position += 1 }
    let whole = scanner.digits()
    guard !whole.isEmpty else { throw ByteSizeError(offset: start, reason: "a number is missing here") }
    var fraction: ArraySlice<UInt8> = []
    if scanner.peek == UInt8(ascii: ".") {
      scanner.position += 1
      fraction = scanner.digits()
    }
    _ = scanner.skipBlanks()
    let place = scanner.position
    guard
      let index = units.firstIndex(where: { scanner.starts(with: $0.letter) && !$0.letter.isEmpty })
        ?? (endsTerm(scanner) ? units.count - 1 : nil)
    else { throw noUnit(scanner.word(), at: place) }
    guard index >= rank else {
      throw ByteSizeError(offset: place, reason: "larger units come first")
    }
    scanner.position += units[index].letter.utf8.count
    guard endsTerm(scanner) else {
      scanner.position = place
      throw noUnit(scanner.word(), at: place)
    }
    rank = index + 1
    guard let value = value(whole, fraction, units[index].bytes) else { throw tooBig(at: start) }
    return value
  }

  /// Whether a digit, a blank or the end comes next.
  private static func endsTerm(_ scanner: TextScanner) -> Bool {
    var ahead = scanner
    return ahead.word().isEmpty
  }

  private static func value(_ whole: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>, _ unit: UInt64) -> UInt64? {
    guard let count = UInt64(String(decoding: whole, as: UTF8.self)) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    var numerator: UInt64 = 0
    var denominator: UInt64 = 1
    // Fifteen digits are finer than a byte in every common unit.
    for digit in fraction.prefix(15) {
      numerator = numerator * 10 + UInt64(digit - UInt8(ascii: "0"))
      denominator *= 10
    }
    let part = denominator.dividingFullWidth(numerator.multipliedFullWidth(by: unit)).quotient
    let (sum, over) = product.addingReportingOverflow(part)
    return over ? nil : sum
  }

  private static func noUnit(_ word: String, at offset: Int) -> ByteSizeError {
    ByteSizeError(offset: offset, reason: "\"\(word)\" is not a unit of size; the units are B, K, M, G, T, P and E")
  }

  private static func tooBig(at offset: Int) -> ByteSizeError {
    ByteSizeError(offset: offset, reason: "more than a file can hold (8E)")
  }
}
