/// Walks over Swift source and blanks out what is no code. It knows line and nested block comments, and string
/// literals plain, raw and of several lines, with interpolations; it does not know regex literals.
struct CodeMask {
  private let source: [UInt8]
  private var result: [UInt8]
  private var position = 0

  init(_ source: [UInt8]) {
    self.source = source
    self.result = source
  }

  /// The source, of the same length, with comments and the content of strings as spaces.
  mutating func masked() -> [UInt8] {
    while position < source.count {
      if !skipComment(), !skipString() { position += 1 }
    }
    return result
  }

  private func sees(_ first: Unicode.Scalar, _ second: Unicode.Scalar, at place: Int) -> Bool {
    place + 1 < source.count && source[place] == UInt8(ascii: first) && source[place + 1] == UInt8(ascii: second)
  }

  private mutating func blank(_ count: Int) {
    for place in position..<min(position + count, source.count) where source[place] != UInt8(ascii: "\n") {
      result[place] = UInt8(ascii: " ")
    }
    position = min(position + count, source.count)
  }

  private mutating func skipComment() -> Bool {
    if sees("/", "/", at: position) {
      while position < source.count, source[position] != UInt8(ascii: "\n") { blank(1) }
      return true
    }
    guard sees("/", "*", at: position) else { return false }
    var depth = 0
    repeat {
      if sees("/", "*", at: position) {
        depth += 1
        blank(2)
      } else if sees("*", "/", at: position) {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && position < source.count
    return true
  }

  private mutating func skipString() -> Bool {
    var open = position
    while open < source.count, source[open] == UInt8(ascii: "#") { open += 1 }
    guard open < source.count, source[open] == UInt8(ascii: "\"") else { return false }
    let hashes = open - position
    let quotes = sees("\"", "\"", at: open) && sees("\"", "\"", at: open + 1) ? 3 : 1
    position = open + quotes
    while position < source.count {
      if closes(quotes: quotes, hashes: hashes) {
        position += quotes + hashes
        return true
      }
      if quotes == 1, source[position] == UInt8(ascii: "\n") { return true }
      skipCharacter(hashes: hashes)
    }
    return true
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    let end = position + quotes + hashes
    guard end <= source.count, source[position] == UInt8(ascii: "\"") else { return false }
    return source[position..<position + quotes].allSatisfy { $0 == UInt8(ascii: "\"") }
      && source[position + quotes..<end].allSatisfy { $0 == UInt8(ascii: "#") }
  }

  /// One character of a string, one escape, or a whole interpolation.
  private mutating func skipCharacter(hashes: Int) {
    guard source[position] == UInt8(ascii: "\\") else { return blank(1) }
    let escaped = position + 1 + hashes
    guard escaped < source.count, source[position + 1..<escaped].allSatisfy({ $0 == UInt8(ascii: "#") }) else {
      return blank(1)
    }
    guard source[escaped] == UInt8(ascii: "(") else { return blank(2 + hashes) }
    blank(1 + hashes)
    var depth = 0
    repeat {
      if skipComment() || skipString() { continue }
      if source[position] == UInt8(ascii: "(") { depth += 1 }
      if source[position] == UInt8(ascii: ")") { depth -= 1 }
      blank(1)
    } while depth > 0 && position < source.count
  }
}
