import Rotation
import Timekeeping

/// Reads the keys of one table, `[defaults]` or a job's, and reports what is wrong with them.
struct SettingsReader {
  let document: Document
  let findings: Findings
  let accounts: AccountCache
  let calendars: CalendarCache
  /// Whether a program of this name or path is there to run.
  let programs: (String) -> Bool

  /// Reads the table at an index.
  ///
  /// A key that is misspelt is reported and then read as the one it resembles, unless that is there too, so that no
  /// error is a mere consequence of the slip.
  func read(_ table: Int, owner: Owner, allowed: [JobKey] = JobKey.allCases) -> JobSettings {
    var settings = JobSettings()
    for child in document.children(of: table) {
      guard let key = key(of: child, in: table, owner, allowed) else { continue }
      settings.given.insert(key)
      read(key, child, into: &settings)
    }
    refuseTwoSchedules(table, settings, owner)
    return settings
  }

  private func key(of child: Int, in table: Int, _ owner: Owner, _ allowed: [JobKey]) -> JobKey? {
    let node = document.nodes[child]
    if let key = JobKey(rawValue: node.key) {
      if allowed.contains(key) { return key }
      findings.error(
        "\(Wording.code(node.key)) cannot stand in \(owner)", at: node.keyPlace, hint: "each job names its own")
      return nil
    }
    let names = allowed.map(\.rawValue)
    guard let name = refuseUnknownKey(node, in: table, owner, names) else { return nil }
    return JobKey(rawValue: name)
  }

  /// The keys by which archives are removed.
  private static let removing: Set<String> = [
    JobKey.keep.rawValue, JobKey.keepMin.rawValue, JobKey.maxAge.rawValue, JobKey.maxTotal.rawValue,
    DaemonKey.keepFree.rawValue,
  ]

  /// Reports an unknown key; the name that was meant, if it is clear and not taken.
  func refuseUnknownKey(_ node: Document.Node, in table: Int, _ owner: Owner, _ names: [String]) -> String? {
    let nearest = NearestName.of(node.key, among: names, risky: Self.removing)
    findings.error(
      "unknown key \(Wording.code(node.key)) in \(owner)", at: node.keyPlace,
      hint: nearest.map { "did you mean \(Wording.code($0))?" } ?? "known keys are \(Wording.list(names))")
    guard let nearest, !document.children(of: table).contains(where: { document.nodes[$0].key == nearest }) else {
      return nil
    }
    return nearest
  }

  private func read(_ key: JobKey, _ child: Int, into settings: inout JobSettings) {
    let node = document.nodes[child]
    switch key {
    case .logs:
      (settings.logs, settings.logPlaces) = patterns(child, key, mayBeEmpty: false)
    case .exclude:
      settings.exclude = patterns(child, key, mayBeEmpty: true).patterns
    case .every, .calendar, .hourly, .daily, .weekly, .monthly, .yearly:
      if let schedule = schedule(child, key) { settings.schedule = schedule }
    case .catchUp:
      settings.catchesUp = flag(node, key)
    case .jitter:
      settings.jitter = jitter(node)
    case .size:
      settings.sizeBytes = size(node, named: key.rawValue)
    case .check:
      settings.check = check(node)
    case .minInterval:
      settings.minInterval = span(node, key)
    case .keep:
      settings.keep = count(node, key, in: 0...Limits.maxKeep)
    case .ifEmpty:
      settings.rotatesEmpty = flag(node, key)
    case .create:
      settings.creation = creation(child)
    default:
      readHandling(key, child, into: &settings.handling[orMake: HandlingSettings()])
    }
  }

  /// Reports a value of the wrong kind: what was read, what is allowed.
  func refuse(_ node: Document.Node, _ name: String, allowed: String, hint: String? = nil) {
    findings.error(
      "`\(name)` is \(Wording.described(node.value)); allowed is \(allowed)", at: node.place, hint: hint)
  }

  // MARK: - Simple values

  /// A span within bounds.
  func span(
    _ node: Document.Node, _ key: JobKey, in bounds: ClosedRange<Span> = Limits.shortestSpan...Limits.longestSpan
  ) -> Span? {
    span(node, named: key.rawValue, in: bounds)
  }

  /// "auto" or a span.
  private func check(_ node: Document.Node) -> SizeCheck? {
    if case .string("auto") = node.value { return .auto }
    return span(node, .check).map { .every($0) }
  }

  /// A span within bounds, of the key of this name.
  func span(
    _ node: Document.Node, named name: String, in bounds: ClosedRange<Span> = Limits.shortestSpan...Limits.longestSpan
  ) -> Span? {
    guard case .string(let text) = node.value else {
      let number: Int64? = if case .integer(let number) = node.value, number > 0 { number } else { nil }
      refuse(node, name, allowed: "a time span in quotes", hint: spanHint(name, number.map(String.init) ?? ""))
      return nil
    }
    do throws(TimeSpanError) {
      let span = try TimeSpan.parse(text)
      guard bounds.contains(span) else {
        let shortest = TimeSpan.describe(bounds.lowerBound)
        let longest = TimeSpan.describe(bounds.upperBound)
        findings.error(
          "`\(name)` is \(Wording.quoted(text)); allowed is a span from \(shortest) to \(longest)", at: node.place)
        return nil
      }
      return span
    } catch {
      let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      findings.error(
        "`\(name)` is \(Wording.quoted(text)): \(error.reason)",
        at: findings.source.place(inString: text, at: node.place, offset: error.offset),
        hint: isNumber && text.utf8.count < 16 || name == JobKey.maxAge.rawValue
          ? spanHint(name, isNumber ? text : "") : "spans look like \"30s\", \"1h 30min\" or \"2 weeks\"")
      return nil
    }
  }

  /// How a number without a unit is written, or what is no number at all. A hint is followed without much thought, so it names
  /// no value by which archives go earlier than was meant. Of an age that is the number in days: no rotator counts it in
  /// anything longer. Of other spans that rule when archives go, only the units are named.
  private func spanHint(_ name: String, _ number: String) -> String {
    let units = "write the number with its unit, in quotes: us, ms, s, min, h, d, w, month or y"
    switch JobKey(rawValue: name) {
    case .maxAge:
      let isLong = Int64(number).map { $0 > 0 && $0 <= Limits.longestSpan.nanoseconds / 86_400_000_000_000 } ?? false
      return isLong ? "\(units); `\(name) = \"\(number)d\"` means \(number) days" : units
    case .every, .minInterval, .reopenTimeout: return units
    default:
      return number.isEmpty
        ? "write it with its unit: `\(name) = \"30s\"`" : "seconds are written `\(name) = \"\(number)s\"`"
    }
  }

  /// A number of bytes, at least one.
  func size(_ node: Document.Node, named name: String) -> Int64? {
    switch node.value {
    case .integer(let bytes) where bytes > 0:
      warnOfTiny(bytes, name, node.place)
      return bytes
    case .integer(let bytes):
      findings.error("`\(name)` is \(bytes); allowed is at least one byte", at: node.place)
    case .string(let text):
      do throws(ByteSizeError) {
        let bytes = try ByteSize.parse(text)
        if text.utf8.allSatisfy(\.isDigit) { warnOfTiny(bytes, name, node.place) }
        if bytes > 0 { return bytes }
        findings.error("`\(name)` is \(Wording.quoted(text)); allowed is at least one byte", at: node.place)
      } catch {
        findings.error(
          "`\(name)` is \(Wording.quoted(text)): \(error.reason)",
          at: findings.source.place(inString: text, at: node.place, offset: error.offset),
          hint: name == JobKey.size.rawValue ? "sizes look like \"512K\", \"10M\" or \"1.5G\"" : Self.sizeUnits)
      }
    default:
      refuse(
        node, name, allowed: "a size in quotes, or a whole number of bytes",
        hint: name == JobKey.size.rawValue ? "write it as `\(name) = \"10M\"`" : Self.sizeUnits)
    }
    return nil
  }

  /// What is said of the sizes by which archives are removed: a value to copy could remove some.
  static let sizeUnits = "write the number with its unit, in quotes: K, M, G, T, P or E, powers of 1024"

  /// A bound on archives that a unit was most likely forgotten of. A `size` may be small.
  private func warnOfTiny(_ bytes: Int64, _ name: String, _ place: Place) {
    guard name != JobKey.size.rawValue, (1..<1 << 20).contains(bytes) else { return }
    findings.warning("`\(name)` is \(bytes) bytes, which is less than a megabyte", at: place, hint: Self.sizeUnits)
  }

  /// A whole number within bounds.
  func count(_ node: Document.Node, _ key: JobKey, in bounds: ClosedRange<Int>) -> Int? {
    count(node, named: key.rawValue, in: bounds)
  }

  /// A whole number within bounds, of the key of this name.
  func count(_ node: Document.Node, named name: String, in bounds: ClosedRange<Int>) -> Int? {
    let allowed = "\(bounds.lowerBound) to \(bounds.upperBound)"
    switch node.value {
    case .integer(let number):
      if let count = Int(exactly: number), bounds.contains(count) { return count }
      findings.error("`\(name)` is \(number); allowed is \(allowed)", at: node.place)
    case .string(let text):
      // Of archives that are kept no hint says none.
      let number = Int(text).flatMap { bounds.contains($0) && $0 > 0 ? $0 : nil }
      refuse(
        node, name, allowed: "a whole number from \(allowed)",
        hint: number.map { "write it without quotes: `\(name) = \($0)`" })
    default:
      refuse(node, name, allowed: "a whole number from \(allowed)")
    }
    return nil
  }

  /// True or false.
  func flag(_ node: Document.Node, _ key: JobKey) -> Bool? {
    if case .boolean(let flag) = node.value { return flag }
    refuse(node, key.rawValue, allowed: "true or false, without quotes")
    return nil
  }
}

extension Optional {
  /// What is wrapped, made first where there is nothing.
  fileprivate subscript(orMake value: @autoclosure () -> Wrapped) -> Wrapped {
    get { self ?? value() }
    set { self = newValue }
  }
}
