import Rotation

/// The comments of a file in logrotate's language that belong to each of its stanzas: those after the stanza before it, up to
/// its end, without the comments of scripts.
struct StanzaComments {
  private let text: SourceText
  private var line = 1

  init(_ text: SourceText) { self.text = text }

  /// The comments up to the end of the stanza that begins on this line, and that line.
  mutating func next(stanzaFrom first: Int) -> (comments: [[UInt8]], end: Int) {
    var comments: [[UInt8]] = []
    var isInScript = false
    var isOpen = false
    while line <= text.lineCount {
      defer { line += 1 }
      let bytes = text.line(line).drop(while: \.isLogrotateBlank)
      let word = String(decoding: bytes.prefix(while: \.isLetter), as: UTF8.self)
      if isInScript {
        isInScript = word != "endscript"
      } else if bytes.first == UInt8(ascii: "#") {
        comments.append(Array(bytes))
      } else if let directive = LogrotateDirective(rawValue: word), LogrotateDirective.scripts.contains(directive) {
        isInScript = true
      } else if line >= first {
        isOpen = isOpen || bytes.contains(UInt8(ascii: "{"))
        if isOpen, bytes.first == UInt8(ascii: "}") || Self.closes(bytes) { return (comments, line) }
      }
    }
    return (comments, text.lineCount)
  }

  /// The comments after the last stanza.
  mutating func rest() -> [[UInt8]] { next(stanzaFrom: .max).comments }

  /// Whether a line has a stanza to its end: `/var/log/app.log { }`.
  private static func closes(_ line: ArraySlice<UInt8>) -> Bool {
    guard let open = line.lastIndex(of: UInt8(ascii: "{")) else { return false }
    return line[open...].contains(UInt8(ascii: "}"))
  }
}
