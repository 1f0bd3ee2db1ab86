import Rotation
import Timekeeping

extension LogrotateState {
  /// Reads the content of a state file. An empty file is an empty state. A line that cannot be read is left out and reported, at most
  /// `Limits.maxLogrotateStateFlaws` of them; without the first line of a state file, nothing is read.
  package static func read(_ bytes: [UInt8]) -> (state: LogrotateState, flaws: [Flaw]) {
    var state = LogrotateState()
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
      defer { (line, length) = ([], 0) }
      if lines == 1 {
        guard !LogrotateState.isHead(line[...]) else { return }
        flaws = [Flaw(line: 1, reason: "this is no state file of logrotate: its first line is another")]
        isOver = true
      } else if length > 0 {
        do throws(Flaw) { take(try LogrotateState.entry(line[...], length, lines)) } catch {
          flaws.append(error)
          isOver = flaws.count == Limits.maxLogrotateStateFlaws
        }
      }
    }
  }

  fileprivate static func isHead(_ line: ArraySlice<UInt8>) -> Bool {
    line.elementsEqual("logrotate state -- version 1".utf8) || line.elementsEqual("logrotate state -- version 2".utf8)
  }

  fileprivate static func entry(_ line: ArraySlice<UInt8>, _ length: Int, _ number: Int) throws(Flaw) -> Entry {
    guard length <= Limits.maxLogrotateStateLine else {
      throw Flaw(line: number, reason: "the line has \(length) bytes; the limit is \(Limits.maxLogrotateStateLine)")
    }
    guard let words = words(line), words.count == 2 else {
      throw Flaw(line: number, reason: "expected a path in quotes and a time")
    }
    guard !words[0].isEmpty, !words[0].contains(0) else {
      throw Flaw(line: number, reason: "the path is empty or has a NUL character")
    }
    guard let last = time(words[1]) else {
      let text = String(decoding: words[1], as: UTF8.self)
      throw Flaw(
        line: number, reason: "the time is \(Wording.quoted(text)); expected YEAR-MONTH-DAY-HOUR:MINUTE:SECOND")
    }
    return Entry(path: FilePath(bytes: words[0]), last: last)
  }

  /// The words of a line: in quotes, a backslash stands before a quote and before another, and `\n` is a line end.
  private static func words(_ line: ArraySlice<UInt8>) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var word: [UInt8]?
    var quote: UInt8?
    var rest = line[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let next = rest.popFirst() else { return nil }
        switch next {
        case UInt8(ascii: "n") where quote != nil: word = (word ?? []) + [.newline]
        case UInt8(ascii: "\\"): word = (word ?? []) + [next]
        case quote: word = (word ?? []) + [next]
        default: word = (word ?? []) + (quote == nil ? [next] : [byte, next])
        }
      } else if let open = quote {
        if byte == open { quote = nil } else { word?.append(byte) }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        word = word ?? []
        quote = byte
      } else if byte.isLogrotateBlank {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? []) + [byte]
      }
    }
    guard quote == nil else { return nil }
    if let word { words.append(word) }
    return words
  }

  /// `2026-11-27-7:5:0`; without the time of day, it is midnight. A day after the end of its month is one of the next.
  private static func time(_ text: [UInt8]) -> LocalTime? {
    let halves = text.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
    var numbers: [Int] = []
    for (index, half) in halves.enumerated() {
      let parts = index == 0 ? half.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false) : [half]
      for part in parts {
        guard !part.isEmpty, part.count <= 4, part.allSatisfy(\.isDigit),
          let number = Int(String(decoding: part, as: UTF8.self))
        else { return nil }
        numbers.append(number)
      }
    }
    guard (3...6).contains(numbers.count) else { return nil }
    numbers += Array(repeating: 0, count: 6 - numbers.count)
    // logrotate wrote 1900 for a log that it had never rotated.
    guard numbers[0] == 1900 || (1970...2100).contains(numbers[0]), (1...12).contains(numbers[1]),
      (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60, numbers[5] < 62
    else { return nil }
    let days = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]).daysSinceEpoch
    return LocalTime(secondsAsUTC: Int64(days) * 86_400 + Int64(numbers[3] * 3600 + numbers[4] * 60 + numbers[5]))
  }
}
