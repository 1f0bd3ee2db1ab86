import Rotation
import Timekeeping

/// The hint for a span that was written without a unit. People follow a hint without much thought, so it never suggests
/// a value that removes archives earlier than intended.
enum SpanHint {
  /// The number in seconds.
  case seconds
  /// The units alone, for spans that decide when archives are removed.
  case units
  /// The number in days, for an age: no log-rotation program uses a longer unit.
  case days
}

extension SettingsReader {
  /// True or false.
  func flag(_ field: Field) -> Bool? {
    if case .boolean(let flag) = field.node.value { return flag }
    refuse(field, allowed: "true or false, without quotes")
    return nil
  }

  /// A whole number within bounds.
  func count(_ field: Field, in bounds: ClosedRange<Int>) -> Int? {
    let allowed = "\(bounds.lowerBound) to \(bounds.upperBound)"
    switch field.node.value {
    case .integer(let number):
      if let count = Int(exactly: number), bounds.contains(count) { return count }
      findings.error("`\(field.name)` is \(number); expected \(allowed)", at: field.node.place)
    case .string(let text):
      // No hint suggests keeping no archives.
      let number = Int(text).flatMap { bounds.contains($0) && $0 > 0 ? $0 : nil }
      refuse(
        field, allowed: "a whole number from \(allowed)",
        hint: number.map { "write it without quotes: `\(field.name) = \($0)`" })
    default:
      refuse(field, allowed: "a whole number from \(allowed)")
    }
    return nil
  }

  /// One of a few words.
  func choice<Value>(_ field: Field, _ values: [String: Value]) -> Value? {
    if case .string(let text) = field.node.value, let value = values[text] { return value }
    let names = values.keys.sorted()
    let words = names.map(Wording.quoted)
    let nearest =
      if case .string(let text) = field.node.value { NearestName.of(text, among: names) } else { String?.none }
    refuse(
      field, allowed: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
      hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    return nil
  }

  /// One of these values, by its name.
  func choice<Value: RawRepresentable<String>>(_ field: Field, among values: [Value]) -> Value? {
    choice(field, Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $0) }))
  }

  /// An absolute path.
  func path(_ field: Field) -> FilePath? {
    guard case .string(let text) = field.node.value, text.utf8.first == UInt8(ascii: "/"), !text.utf8.contains(0),
      text.utf8.count <= Limits.maxPathBytes
    else {
      refuse(field, allowed: "an absolute path in quotes")
      return nil
    }
    return FilePath(text)
  }

  // MARK: - Spans

  /// "auto" or a span.
  func sizeCheck(_ field: Field) -> SizeCheck? {
    if case .string("auto") = field.node.value { return .auto }
    return span(field).map { .every($0) }
  }

  /// A span within bounds.
  func span(
    _ field: Field, in bounds: ClosedRange<Span> = Limits.shortestSpan...Limits.longestSpan, hint: SpanHint = .seconds
  ) -> Span? {
    guard case .string(let text) = field.node.value else {
      let number: Int64? = if case .integer(let number) = field.node.value, number > 0 { number } else { nil }
      refuse(
        field, allowed: "a time span in quotes", hint: spanHint(hint, field.name, number.map(String.init) ?? ""))
      return nil
    }
    do throws(TimeSpanError) {
      let span = try TimeSpan.parse(text)
      guard bounds.contains(span) else {
        let shortest = TimeSpan.describe(bounds.lowerBound)
        let longest = TimeSpan.describe(bounds.upperBound)
        findings.error(
          "`\(field.name)` is \(Wording.quoted(text)); expected a span from \(shortest) to \(longest)",
          at: field.node.place)
        return nil
      }
      return span
    } catch {
      let isNumber = !text.isEmpty && text.utf8.allSatisfy(\.isDigit)
      findings.error(
        "`\(field.name)` is \(Wording.quoted(text)): \(error.reason)",
        at: findings.source(of: field.node.place).place(inString: text, at: field.node.place, offset: error.offset),
        hint: isNumber && text.utf8.count < 16 || hint == .days
          ? spanHint(hint, field.name, isNumber ? text : "") : "spans look like \"30s\", \"1h 30min\" or \"2 weeks\"")
      return nil
    }
  }

  /// How to write a number without a unit, or a value that is not a number, as a span.
  private func spanHint(_ hint: SpanHint, _ name: String, _ number: String) -> String {
    let units = "write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y"
    switch hint {
    case .days:
      let isLong = Int64(number).map { $0 > 0 && $0 <= Limits.longestSpan.nanoseconds / 86_400_000_000_000 } ?? false
      return isLong ? "\(units); `\(name) = \"\(number)d\"` means \(number) days" : units
    case .units: return units
    case .seconds:
      return number.isEmpty
        ? "write it with its unit: `\(name) = \"30s\"`" : "seconds are written `\(name) = \"\(number)s\"`"
    }
  }

  // MARK: - Sizes

  /// A number of bytes, at least one. A limit for archives is large, and a hint never suggests a value for it: copied,
  /// it could remove some.
  func size(_ field: Field, isBound: Bool) -> Int64? {
    let (name, place) = (field.name, field.node.place)
    switch field.node.value {
    case .integer(let bytes) where bytes > 0:
      if isBound { warnOfTiny(bytes, name, place) }
      return bytes
    case .integer(let bytes):
      findings.error("`\(name)` is \(bytes); expected at least one byte", at: place)
    case .string(let text):
      do throws(ByteSizeError) {
        let bytes = try ByteSize.parse(text)
        if isBound, text.utf8.allSatisfy(\.isDigit) { warnOfTiny(bytes, name, place) }
        if bytes > 0 { return bytes }
        findings.error("`\(name)` is \(Wording.quoted(text)); expected at least one byte", at: place)
      } catch {
        findings.error(
          "`\(name)` is \(Wording.quoted(text)): \(error.reason)",
          at: findings.source(of: place).place(inString: text, at: place, offset: error.offset),
          hint: isBound ? Self.sizeUnits : "sizes look like \"512K\", \"10M\" or \"1.5G\"")
      }
    default:
      refuse(
        field, allowed: "a size in quotes, or a whole number of bytes",
        hint: isBound ? Self.sizeUnits : "write it as `\(name) = \"10M\"`")
    }
    return nil
  }

  private static let sizeUnits = "write the number with its unit, in quotes: K, M, G, T, P or E, powers of 1024"

  /// Warns of a limit for archives whose unit was probably forgotten.
  private func warnOfTiny(_ bytes: Int64, _ name: String, _ place: Position) {
    guard (1..<1 << 20).contains(bytes) else { return }
    findings.warning("`\(name)` is \(bytes) bytes, which is less than a megabyte", at: place, hint: Self.sizeUnits)
  }

  /// A size, or a share of the file system: `"10G"`, `"5%"`.
  func freeSpace(_ field: Field) -> FreeSpace? {
    guard case .string(let text) = field.node.value, text.utf8.last == UInt8(ascii: "%") else {
      return size(field, isBound: true).map { .bytes($0) }
    }
    let parts = text.utf8.dropLast().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isSound =
      (1...2).contains(parts.count) && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.isDigit) }
    if isSound, let whole = Int(String(decoding: parts[0], as: UTF8.self)) {
      var points = whole * 100
      if parts.count == 2, let digits = Int(String(decoding: parts[1], as: UTF8.self)) {
        points += parts[1].count == 1 ? digits * 10 : digits
      }
      if points > 0 { return .basisPoints(points) }
    }
    refuse(
      field, allowed: "a size, or a share from 0.01% to 99.99%",
      hint: "a share is written with `%`, a size with its unit: K, M, G, T, P or E")
    return nil
  }
}
