import Rotation

/// Reads one of logrotate's files: settings for all that follows, and stanzas.
///
/// The grammar, and what an error takes with it, are those of logrotate's own parser (config.c, readConfigFile): an error in a
/// stanza drops that stanza; one outside of a stanza drops the rest of the file.
struct LogrotateParser {
  /// What became of a directive.
  enum Outcome {
    case taken
    /// There is an error, and the directive is passed over.
    case ignored
    /// The stanza is dropped, or the rest of the file if it is outside of a stanza.
    case failed
    /// The rest of the file is dropped in either case.
    case abandoned
  }

  let file: Int32
  let reading: LogrotateReading
  var scanner: LogrotateScanner
  private var isSound = true

  var findings: Findings { reading.findings }

  init(_ bytes: [UInt8], file: Int32, reading: LogrotateReading) {
    self.file = file
    self.reading = reading
    scanner = LogrotateScanner(bytes)
  }

  /// The place of a byte.
  func place(_ offset: Int) -> Position {
    findings.source(of: Position(file: file, line: 1, column: 1)).place(of: offset)
  }

  /// Reads the whole file; whether it had no error.
  mutating func parse(_ globals: inout LogrotateSettings) -> Bool {
    while let byte = scanner.next {
      if byte.startsLogrotateName {
        guard readStanza(globals) else { return false }
        continue
      }
      if byte == UInt8(ascii: "}") {
        return refuse(scanner.offset, "`}` without a stanza; the rest of the file is not used")
      }
      switch readItem(&globals, isInStanza: false) {
      case .taken: break
      case .ignored: isSound = false
      case .failed, .abandoned: return false
      }
    }
    return isSound
  }

  @discardableResult
  private func refuse(_ offset: Int, _ message: String, hint: String? = nil) -> Bool {
    findings.error(message, at: place(offset), hint: hint)
    return false
  }

  // MARK: Stanzas

  /// Reads a stanza from its first name; false where the rest of the file is dropped.
  private mutating func readStanza(_ globals: LogrotateSettings) -> Bool {
    let start = scanner.offset
    guard var stanza = readNames(globals) else { return false }
    while let byte = scanner.next {
      if byte == UInt8(ascii: "}") {
        scanner.skip()
        reading.add(stanza)
        readEnd()
        return true
      }
      if byte.startsLogrotateName {
        refuse(
          scanner.offset, "the name of a log within the stanza from line \(place(start).line), which is not used",
          hint: "close the stanza with `}`")
        return skipStanza()
      }
      switch readItem(&stanza.settings, isInStanza: true) {
      case .taken: break
      case .ignored: isSound = false
      case .failed: return skipStanza()
      case .abandoned: return false
      }
    }
    // logrotate uses it, too.
    findings.warning("the stanza has no `}`", at: stanza.place, hint: "write `}` on a line after its last directive")
    reading.add(stanza)
    return true
  }

  /// The names up to the `{`, on one line or several, with lines of comments among them.
  private mutating func readNames(_ globals: LogrotateSettings) -> LogrotateStanza? {
    let start = scanner.offset
    // Comments are blanked, so that what is left has the offsets of the file.
    var text: [UInt8] = []
    var isAtLineStart = false
    while let byte = scanner.next, byte != UInt8(ascii: "{") {
      if isAtLineStart, byte == UInt8(ascii: "#") {
        let comment = scanner.offset
        scanner.skipLine()
        text += Array(repeating: 0x20, count: scanner.offset - comment)
        continue
      }
      guard byte != UInt8(ascii: "}") else {
        refuse(scanner.offset, "`}` after the names of logs; expected `{`. The rest of the file is not used")
        return nil
      }
      isAtLineStart = byte == .newline || isAtLineStart && byte.isLogrotateBlank
      text.append(byte)
      scanner.skip()
    }
    guard scanner.next != nil else {
      refuse(start, "the names of logs are not followed by `{`; the rest of the file is not used")
      return nil
    }
    scanner.skip()
    guard let words = LogrotateValues.words(text) else {
      refuse(start, "a quote or a backslash in the names of logs has no end; the rest of the file is not used")
      return nil
    }
    let names = words.filter { !$0.bytes.isEmpty }.map {
      LogrotateStanza.Name(bytes: $0.bytes, place: place(start + $0.offset))
    }
    guard let first = names.first else {
      refuse(start, "no name of a log before `{`; the rest of the file is not used")
      return nil
    }
    let pattern = text.split(separator: .newline).map { $0.filter { $0 != 0x0D } }.joined(separator: [.newline])
    return LogrotateStanza(names: names, text: Array(pattern), settings: globals, place: first.place)
  }

  /// What follows a `}`: the line's end, or a mistake.
  private mutating func readEnd() {
    let rest = scanner.restOfLine()
    guard let first = rest.text.first, first != UInt8(ascii: "#") else { return }
    refuse(rest.offset, "text after `}` is not used", hint: "write it on a line of its own")
  }

  /// Steps over the rest of a stanza that has an error; a `}` in a script does not end it.
  private mutating func skipStanza() -> Bool {
    isSound = false
    scanner.skipLine()
    while scanner.next != nil {
      scanner.skip()
      scanner.skipBlanks()
      if scanner.next == UInt8(ascii: "}") {
        scanner.skip()
        readEnd()
        return true
      }
      let word = LogrotateDirective(rawValue: scanner.word())
      if let word, LogrotateDirective.scripts.contains(word), scanner.script() == nil { scanner.skipLine() }
      scanner.skipLine()
    }
    return true
  }

  // MARK: Directives

  /// Reads what is at the cursor: a blank, a comment, or a directive with its value.
  private mutating func readItem(_ settings: inout LogrotateSettings, isInStanza: Bool) -> Outcome {
    guard let byte = scanner.next else { return .taken }
    if byte == .newline || byte.isLogrotateBlank {
      scanner.skip()
      return .taken
    }
    if byte == UInt8(ascii: "#") {
      scanner.skipLine()
      return .taken
    }
    let start = scanner.offset
    let end = isInStanza ? "the stanza is not used" : "the rest of the file is not used"
    guard byte.isLetter else {
      let line = String(decoding: scanner.restOfLine().text, as: UTF8.self)
      refuse(
        start,
        "the line is \(Wording.quoted(line)); expected a directive or the name of a log. \(end.capitalizedFirst)",
        hint: "the name of a log begins with `/`, with a quote, or with `~`")
      return .failed
    }
    let word = scanner.word()
    guard scanner.next.map({ $0 == .newline || $0.isLogrotateBlank || $0 == UInt8(ascii: "=") }) ?? true else {
      let next = scanner.bytes[scanner.offset]
      let shown = next > 0x20 && next < 0x7F ? "`\(UnicodeScalar(next))`" : "the byte 0x\(String(next, radix: 16))"
      refuse(scanner.offset, "\(Wording.code(word)) is followed by \(shown); expected a blank. \(end.capitalizedFirst)")
      return .failed
    }
    guard let directive = LogrotateDirective(rawValue: word) else {
      findings.warning(
        "unknown directive \(Wording.code(word)): the line is not used", at: place(start),
        hint: NearestName.of(word, among: LogrotateDirective.allCases.map(\.rawValue)).map {
          "did you mean \(Wording.code($0))?"
        })
      scanner.skipLine()
      return .taken
    }
    let item = LogrotateItem(directive: directive, place: place(start), isInStanza: isInStanza, end: end)
    if directive.isFlag {
      if scanner.next == UInt8(ascii: "=") { scanner.skip() }
      settings.take(flag: directive, item.place)
      return .taken
    }
    return read(item, &settings)
  }
}

/// A directive, and where it stands.
struct LogrotateItem {
  let directive: LogrotateDirective
  let place: Position
  let isInStanza: Bool
  /// What an error drops: `the stanza is not used`.
  let end: String
}

extension UInt8 {
  /// Whether this begins the name of a log, and so a stanza.
  var startsLogrotateName: Bool {
    self == UInt8(ascii: "/") || self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") || self == UInt8(ascii: "~")
  }
}

extension String {
  /// With an upper-case letter at the start: the second sentence of a message.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
