/// Steps through the bytes of one of logrotate's files.
struct LogrotateScanner {
  let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next byte; nil at the end.
  var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// Steps over one byte.
  mutating func skip() { offset = min(offset + 1, bytes.count) }

  /// Steps over blanks, and over the carriage return of a line end.
  mutating func skipBlanks() {
    while let next, next.isLogrotateBlank { skip() }
  }

  /// Steps to the end of the line, which is not stepped over.
  mutating func skipLine() {
    while let next, next != .newline { skip() }
  }

  /// The letters from here on, which may be none.
  mutating func word() -> String {
    let start = offset
    while let next, next.isLetter { skip() }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// What the line still has, without the blanks around it, and where it begins.
  mutating func restOfLine() -> (text: ArraySlice<UInt8>, offset: Int) {
    skipBlanks()
    let start = offset
    skipLine()
    var text = bytes[start..<offset]
    while let last = text.last, last.isLogrotateBlank { text.removeLast() }
    return (text, start)
  }

  /// The lines up to one whose first word is `endscript`, which is stepped over; nil where there is none.
  mutating func script() -> ArraySlice<UInt8>? {
    let start = offset
    skipLine()
    while next != nil {
      skip()
      let lineStart = offset
      skipBlanks()
      if word() == "endscript" { return bytes[start..<lineStart] }
      skipLine()
    }
    return nil
  }
}

extension UInt8 {
  /// The end of a line.
  static let newline = UInt8(ascii: "\n")

  /// A blank within a line; a file that was written on Windows has a carriage return before each line end.
  var isLogrotateBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D }

  /// Whether this is a letter of ASCII.
  var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
