import Rotation
import Timekeeping

extension LogrotateState {
  /// Reads the content of a state file. An empty file is an empty state. A line that cannot be read is left out and reported, at most
  /// `Limits.maxLogrotateStateFlaws` of them; without the first line of a state file, nothing is read.
  package static func read(_ bytes: [UInt8]) -> (state: LogrotateState, flaws: [Flaw]) {
    var state = LogrotateState(capacity: bytes.count { $0 == .newline })
    var reader = Reader()
    reader.read(bytes) { state.record($0.path, $0.last) }
    reader.end { state.record($0.path, $0.last) }
    return (state, reader.flaws)
  }

  /// Reads a state file in pieces, so that other work can be done between two of them.
  package struct Reader {
    /// What could not be read so far.
    package private(set) var flaws: [Flaw] = []
    /// Whether nothing of what follows is read.
    package private(set) var isOver = false
    /// The number of lines that have ended.
    private var lines = 0
    /// What there is of the next line, as far as a line may be long, and how long it is.
    private var line: [UInt8] = []
    private var length = 0
    private var words = Words()

    package init() {}

    /// Takes the next piece; `take` gets each entry whose line ends in it.
    package mutating func read(_ piece: [UInt8], _ take: (Entry) -> Void) {
      var rest = piece[...]
      while !isOver, let end = rest.firstIndex(of: .newline) {
        append(rest[..<end])
        endLine(take)
        rest = rest[(end + 1)...]
      }
      append(rest)
    }

    /// Nothing follows.
    package mutating func end(_ take: (Entry) -> Void) {
      if length > 0, !isOver { endLine(take) }
    }

    private mutating func append(_ part: ArraySlice<UInt8>) {
      length += part.count
      line += part.prefix(max(0, Limits.maxLogrotateStateLine - line.count))
    }

    private mutating func endLine(_ take: (Entry) -> Void) {
      lines += 1
      defer {
        line.removeAll(keepingCapacity: true)
        length = 0
      }
      if lines == 1 {
        guard !LogrotateState.isHead(line) else { return }
        flaws = [Flaw(line: 1, reason: "this is no state file of logrotate: its first line is another")]
        isOver = true
      } else if length > 0 {
        do throws(Flaw) { take(try LogrotateState.entry(line, length, lines, &words)) } catch {
          flaws.append(error)
          isOver = flaws.count == Limits.maxLogrotateStateFlaws
        }
      }
    }
  }

  fileprivate static func isHead(_ line: [UInt8]) -> Bool {
    line.elementsEqual("logrotate state -- version 1".utf8) || line.elementsEqual("logrotate state -- version 2".utf8)
  }

  fileprivate static func entry(
    _ line: [UInt8], _ length: Int, _ number: Int, _ words: inout Words
  ) throws(Flaw) -> Entry {
    guard length <= Limits.maxLogrotateStateLine else {
      throw Flaw(line: number, reason: "the line has \(length) bytes; the limit is \(Limits.maxLogrotateStateLine)")
    }
    guard words.read(line), words.count == 2 else {
      throw Flaw(line: number, reason: "expected a path in quotes and a time")
    }
    guard !words.first.isEmpty, !words.first.contains(0) else {
      throw Flaw(line: number, reason: "the path is empty or has a NUL character")
    }
    guard let last = time(words.second) else {
      let text = String(decoding: words.second, as: UTF8.self)
      throw Flaw(
        line: number, reason: "the time is \(Wording.quoted(text)); expected YEAR-MONTH-DAY-HOUR:MINUTE:SECOND")
    }
    return Entry(path: FilePath(words.first[...]), last: last)
  }

  /// The first two words of a line, and how many it has: in quotes, a backslash stands before a quote and before another, and `\n`
  /// is a line end.
  fileprivate struct Words {
    var first: [UInt8] = []
    var second: [UInt8] = []
    var count = 0
    private var isInWord = false

    /// Takes those of another line; false if a quote is not closed, or nothing follows a backslash.
    mutating func read(_ line: [UInt8]) -> Bool {
      first.removeAll(keepingCapacity: true)
      second.removeAll(keepingCapacity: true)
      (count, isInWord) = (0, false)
      var quote: UInt8?
      var index = 0
      while index < line.count {
        let byte = line[index]
        index += 1
        if byte == UInt8(ascii: "\\") {
          guard index < line.count else { return false }
          let next = line[index]
          index += 1
          if let quote, next != quote, next != byte { if next != UInt8(ascii: "n") { add(byte) } }
          add(quote != nil && next == UInt8(ascii: "n") ? .newline : next)
        } else if let open = quote {
          if byte == open { quote = nil } else { add(byte) }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          begin()
          quote = byte
        } else if byte.isLogrotateBlank {
          isInWord = false
        } else {
          add(byte)
        }
      }
      return quote == nil
    }

    private mutating func begin() {
      if !isInWord { count += 1 }
      isInWord = true
    }

    private mutating func add(_ byte: UInt8) {
      begin()
      if count == 1 { first.append(byte) } else if count == 2 { second.append(byte) }
    }
  }

  /// `2026-11-27-7:5:0`; without the time of day, it is midnight. A day after the end of its month is one of the next.
  private static func time(_ text: [UInt8]) -> LocalTime? {
    var numbers: [6 of Int] = [0, 0, 0, 0, 0, 0]
    var (place, digits, colons) = (0, 0, 0)
    for byte in text {
      if byte.isDigit {
        guard digits < 4 else { return nil }
        numbers[place] = numbers[place] * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        continue
      }
      if byte == UInt8(ascii: ":") { colons += 1 }
      guard byte == UInt8(ascii: ":") ? colons <= 2 : byte == UInt8(ascii: "-") && colons == 0, digits > 0, place < 5
      else { return nil }
      (place, digits) = (place + 1, 0)
    }
    // logrotate wrote 1900 for a log that it had never rotated.
    guard place >= 2, digits > 0, numbers[0] == 1900 || (1970...2100).contains(numbers[0]),
      (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60, numbers[5] < 62
    else { return nil }
    let days = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]).daysSinceEpoch
    return LocalTime(secondsAsUTC: Int64(days) * 86_400 + Int64(numbers[3] * 3600 + numbers[4] * 60 + numbers[5]))
  }
}
