import Rotation

/// The directives that have a value.
extension LogrotateParser {
  /// Reads the value of a directive, and sets what it says.
  mutating func read(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    settings.note(item.directive, item.place)
    switch item.directive {
    case .errors:
      scanner.skipLine()
      return .taken
    case .prerotate, .postrotate, .firstaction, .lastaction, .preremove: return script(item, &settings)
    case .create, .createolddir, .su: return attributes(item, &settings)
    case .weekly, .monthly: return day(item, &settings)
    case .compressoptions: return options(item, &settings)
    case .include: return include(item, &settings)
    case .size, .minsize, .maxsize: return size(item, &settings)
    case .tabooext, .taboopat: return taboo(item)
    case .rotate, .start, .minage, .maxage, .minutes, .shredcycles: return number(item, &settings)
    default: return text(item, &settings)
    }
  }

  /// The value of a directive: the rest of the line, after a `=` or without one. An absent one is reported.
  private mutating func value(_ item: LogrotateItem, _ expected: String) -> (text: ArraySlice<UInt8>, place: Position)?
  {
    scanner.skipBlanks()
    if scanner.next == UInt8(ascii: "=") { scanner.skip() }
    let (text, offset) = scanner.restOfLine()
    guard text.isEmpty else { return (text, place(offset)) }
    findings.error("`\(item.directive.rawValue)` has no value; expected \(expected)", at: item.place)
    return nil
  }

  private func refuse(
    _ item: LogrotateItem, _ value: (text: ArraySlice<UInt8>, place: Position), _ expected: String, hint: String? = nil
  ) -> Outcome {
    let text = String(decoding: value.text, as: UTF8.self)
    let comment = text.utf8.contains(UInt8(ascii: "#")) ? "a comment needs a line of its own" : nil
    findings.error(
      "`\(item.directive.rawValue)` is \(Wording.quoted(text)); expected \(expected); \(item.end)", at: value.place,
      hint: hint ?? comment)
    return .failed
  }

  // MARK: Numbers

  private mutating func number(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    let bounds: ClosedRange<Int64> =
      switch item.directive {
      case .rotate: -1...Int64(Int32.max)
      case .minutes: 1...Int64(Int32.max)
      default: 0...Int64(Int32.max)
      }
    let what = item.directive == .minage || item.directive == .maxage ? "a number of days" : "a whole number"
    let expected = "\(what) from \(bounds.lowerBound) to \(bounds.upperBound)"
    guard let value = value(item, expected) else { return .failed }
    guard let number = LogrotateValues.number(value.text), bounds.contains(number) else {
      return refuse(item, value, expected)
    }
    switch item.directive {
    case .rotate: settings.rotate = number
    case .start: settings.start = number
    case .minage: settings.minAge = number
    case .maxage: settings.maxAge = number
    case .minutes: settings.criterion = .minutes(number)
    case .shredcycles: settings.shredCycles = number
    default: break
    }
    return .taken
  }

  private mutating func size(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    let expected = "a number of bytes, with `k`, `M` or `G` behind it for a power of 1024"
    // logrotate goes on with the stanza.
    guard let value = value(item, expected) else { return .ignored }
    guard let size = LogrotateValues.size(value.text) else { return refuse(item, value, expected) }
    switch item.directive {
    case .size: settings.criterion = .size(size)
    case .minsize: settings.minSize = size
    default: settings.maxSize = size
    }
    return .taken
  }

  private mutating func day(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    let (text, offset) = scanner.restOfLine()
    let isWeekly = item.directive == .weekly
    guard !text.isEmpty else {
      settings.criterion = isWeekly ? .weekly(0) : .monthly(nil)
      return .taken
    }
    let bounds: ClosedRange<Int64> = isWeekly ? 0...7 : 1...31
    guard text.allSatisfy(\.isDigit), let day = Int64(String(decoding: text, as: UTF8.self)), bounds.contains(day)
    else {
      let week = "a day of the week from 0, Sunday, to 6, or 7 for each seventh day"
      _ = refuse(item, (text, place(offset)), isWeekly ? week : "a day of the month from 1 to 31")
      return .abandoned
    }
    settings.criterion = isWeekly ? .weekly(Int(day)) : .monthly(Int(day))
    return .taken
  }

  // MARK: Texts

  private mutating func text(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    guard let value = value(item, expectation(item.directive)) else {
      return item.directive == .dateformat ? .ignored : .failed
    }
    let text = Array(value.text)
    let isPath = [.olddir, .compresscmd, .uncompresscmd, .compressext, .mail].contains(item.directive)
    guard !text.contains(0), !isPath || text.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      return refuse(item, value, expectation(item.directive))
    }
    switch item.directive {
    case .dateformat: settings.dateFormat = text
    case .olddir: settings.oldDirectory = reading.files.expanded(text)
    case .extension: settings.ending = text
    case .addextension: settings.addedEnding = text
    case .compresscmd:
      settings.compressor = text
      if let suffix = LogrotateCompressors.suffix(of: text) { settings.compressorSuffix = suffix }
    case .compressext: settings.compressorSuffix = text
    case .mail: settings.address = text
    case .uncompresscmd: settings.uncompressor = text
    default: break
    }
    return .taken
  }

  private func expectation(_ directive: LogrotateDirective) -> String {
    switch directive {
    case .dateformat: "a format of strftime(3) such as -%Y%m%d"
    case .olddir: "the path of a directory without blanks"
    case .extension, .addextension: "a file extension with its dot"
    case .compressext: "what follows the name of a compressed file, with its dot"
    case .mail: "an address without blanks"
    default: "a program, without blanks"
    }
  }

  private mutating func options(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    let (text, offset) = scanner.restOfLine()
    guard let words = LogrotateValues.words(text), !text.contains(0) else {
      return refuse(item, (text, place(offset)), "options of a program; a quote or a backslash has no end")
    }
    settings.compressorOptions = words.map(\.bytes).filter { !$0.isEmpty }
    return .taken
  }

  private mutating func attributes(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    let (text, offset) = scanner.restOfLine()
    let isSu = item.directive == .su
    let expected = isSu ? "a user and a group" : "a mode, a user and a group, such as `0640 root adm`"
    let isSound = !text.contains(UInt8(ascii: "=")) && !text.contains(0)
    guard isSound, let attributes = LogrotateValues.attributes(text),
      !isSu || text.split(whereSeparator: \.isLogrotateBlank).count == 2
    else { return refuse(item, (text, place(offset)), expected) }
    if !isSu { settings.take(item.directive, attributes, item.place) }
    return .taken
  }

  private mutating func script(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    guard let body = scanner.script() else {
      findings.error(
        "`\(item.directive.rawValue)` has no `endscript`; what follows in the file is not used", at: item.place,
        hint: "write `endscript` on a line of its own")
      return .abandoned
    }
    guard !body.contains(0), body.count <= Limits.maxScriptBytes else {
      findings.error(
        "`\(item.directive.rawValue)` has a script of \(body.count) bytes\(body.contains(0) ? ", some of them NUL" : ""); "
          + "expected at most \(Limits.maxScriptBytes), and no NUL; \(item.end)", at: item.place)
      return .failed
    }
    settings.scripts[item.directive] = LogrotateSettings.Script(body: Array(body), place: item.place)
    return .taken
  }

  // MARK: Other files

  private mutating func taboo(_ item: LogrotateItem) -> Outcome {
    let what = item.directive == .tabooext ? "file extensions" : "patterns of file names"
    guard !item.isInStanza else {
      findings.error(
        "`\(item.directive.rawValue)` is in a stanza, which is not used", at: item.place,
        hint: "write it outside of all stanzas, before the `include`")
      return .failed
    }
    guard let value = value(item, "\(what), divided by blanks or commas") else { return .ignored }
    reading.taboo.take(value.text, areEndings: item.directive == .tabooext)
    return .taken
  }

  private mutating func include(_ item: LogrotateItem, _ settings: inout LogrotateSettings) -> Outcome {
    guard let value = value(item, "the path of a file or a directory") else { return .failed }
    guard !value.text.contains(0) else { return refuse(item, value, "the path of a file or a directory") }
    let path = FilePath(reading.files.expanded(Array(value.text)))
    return reading.read(path, &settings, from: value.place) ? .taken : .ignored
  }
}
