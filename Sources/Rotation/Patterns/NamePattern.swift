internal import Timekeeping

/// A pattern of one name in a directory: one component of a `LogPattern`.
///
/// Patterns and names are compared byte by byte as UTF-8, except that `?` and `[…]` match one whole character (a byte
/// that is not UTF-8 counts as one). The rules are those of fnmatch(3) with FNM_PATHNAME and FNM_PERIOD: only a dot
/// matches a leading dot. In brackets: `!` (or `^`) first for "none of", ranges by code point, the ASCII classes
/// (`[:digit:]`), `\` before an ordinary character. A bracket that is not closed is literal.
package struct NamePattern: Hashable, Sendable {
  /// The bytes as written, in UTF-8.
  package let bytes: [UInt8]
  /// The only name that can match, without escapes; nil for a component with a wildcard.
  package let literal: FileName?

  /// A component of a pattern; of a plain path, in which no character is special, if `isPlain`.
  package init(_ bytes: [UInt8], isPlain: Bool = false) {
    self.bytes = bytes
    self.literal =
      if isPlain {
        FileName(bytes: bytes)
      } else {
        Self.prefix(of: bytes).isWhole ? Self.prefix(of: bytes).name : nil
      }
  }

  /// The start of every matching name, without escapes.
  package var fixedPrefix: FileName { literal ?? Self.prefix(of: bytes).name }

  /// Whether a name in a directory matches.
  package func matches(_ name: FileName) -> Bool {
    if let literal { return name == literal }
    return Self.matches(name.bytes.span, pattern: bytes.span)
  }

  /// Whether a name matches a pattern, both one component, as UTF-8.
  ///
  /// Backtracks only to the last `*`, so the work is at most the product of the two lengths, for any pattern.
  package static func matches(_ name: Swift.Span<UInt8>, pattern: Swift.Span<UInt8>) -> Bool {
    let dot = UInt8(ascii: ".")
    if !name.isEmpty, name[0] == dot, !pattern.isEmpty {
      let isEscaped = pattern[0] == UInt8(ascii: "\\") && pattern.count > 1 && pattern[1] == dot
      guard pattern[0] == dot || isEscaped else { return false }
    }
    var at = 0
    var read = 0
    var retry: (pattern: Int, name: Int)?
    while true {
      if read < pattern.count, pattern[read] == UInt8(ascii: "*") {
        read += 1
        retry = (read, at)
        continue
      }
      if at < name.count, let step = step(name, at, pattern, read) {
        at = step.name
        read = step.pattern
        continue
      }
      if at == name.count, read == pattern.count { return true }
      guard let last = retry, last.name < name.count else { return false }
      // The last star takes one more character.
      at = character(in: name, at: last.name).end
      read = last.pattern
      retry = (last.pattern, at)
    }
  }

  /// Matches one element of the pattern that is not `*` against the name; returns the positions after it, or nil.
  private static func step(
    _ name: Swift.Span<UInt8>, _ at: Int, _ pattern: Swift.Span<UInt8>, _ read: Int
  ) -> (name: Int, pattern: Int)? {
    guard read < pattern.count else { return nil }
    switch pattern[read] {
    case UInt8(ascii: "?"):
      return (character(in: name, at: at).end, read + 1)
    case UInt8(ascii: "["):
      if let set = BracketSet(unsafe pattern.withUnsafeBufferPointer { unsafe Array($0) }, at: read) {
        let next = character(in: name, at: at)
        return set.contains(next.scalar) ? (next.end, set.end) : nil
      }
    case UInt8(ascii: "\\") where read + 1 < pattern.count:
      return pattern[read + 1] == name[at] ? (at + 1, read + 2) : nil
    default:
      break
    }
    return pattern[read] == name[at] ? (at + 1, read + 1) : nil
  }

  /// The character at a position, and its end. A byte that is not UTF-8 is a character of its own, with a number beyond
  /// Unicode.
  static func character(in bytes: Swift.Span<UInt8>, at position: Int) -> (scalar: UInt32, end: Int) {
    let first = bytes[position]
    let count = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
    guard count > 1 else { return (count == 1 ? UInt32(first) : 0x11_0000 + UInt32(first), position + 1) }
    let end = position + count
    let single = (scalar: 0x11_0000 + UInt32(first), end: position + 1)
    guard end <= bytes.count else { return single }
    var scalar = UInt32(first) & (0x7F >> UInt32(count))
    for index in position + 1..<end {
      guard bytes[index] & 0xC0 == 0x80 else { return single }
      scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
    }
    return (scalar, end)
  }

  /// The ordinary characters at the start of a pattern, and whether they are all of it.
  private static func prefix(of bytes: [UInt8]) -> (name: FileName, isWhole: Bool) {
    var prefix: [UInt8] = []
    var read = 0
    while read < bytes.count {
      switch bytes[read] {
      case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["):
        return (FileName(bytes: prefix), false)
      case UInt8(ascii: "\\") where read + 1 < bytes.count:
        read += 1
      default:
        break
      }
      prefix.append(bytes[read])
      read += 1
    }
    return (FileName(bytes: prefix), true)
  }
}
