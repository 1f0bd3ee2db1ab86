package import Rotation

/// Writes JSON to the end of one buffer, piece by piece: between any two calls what is there may be taken, so that no piece of
/// work depends on how much there is to write. Objects and arrays that are begun are to be ended.
package struct JSONWriter {
  /// How the text looks.
  package enum Layout: Sendable {
    /// Without a blank, for the wire.
    case compact
    /// A member or element a line, for people.
    case indented
  }

  /// What was written and not taken yet.
  package private(set) var bytes: [UInt8] = []
  private let layout: Layout
  private var depth = 0
  /// Whether nothing stands yet in the innermost object or array.
  private var isFirst = true
  private var isAfterName = false

  /// A writer that has written nothing.
  package init(_ layout: Layout = .compact) {
    self.layout = layout
  }

  /// Takes what was written, and goes on behind it.
  package mutating func take() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &bytes)
    return taken
  }

  /// Begins an object.
  package mutating func beginObject() { begin(UInt8(ascii: "{")) }
  /// Ends the innermost object.
  package mutating func endObject() { end(UInt8(ascii: "}")) }
  /// Begins an array.
  package mutating func beginArray() { begin(UInt8(ascii: "[")) }
  /// Ends the innermost array.
  package mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Begins a member of an object: what is written next is its value.
  package mutating func name(_ name: String) {
    separate()
    quote(name.utf8.span)
    bytes.append(UInt8(ascii: ":"))
    if layout == .indented { bytes.append(0x20) }
    isAfterName = true
  }

  /// Writes `null`.
  package mutating func null() { word("null") }
  /// Writes `true` or `false`.
  package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }
  /// Writes a number.
  package mutating func integer(_ value: Int64) { word(String(value)) }
  /// Writes a text.
  package mutating func string(_ text: String) {
    separate()
    quote(text.utf8.span)
  }

  /// Writes a name or a path, which need not be UTF-8, in its form for JSON (`ExactBytes.escaped`).
  package mutating func path(_ name: some ExactBytes) {
    separate()
    quote(name.escaped.span)
  }

  /// Writes a whole value. Numbers are finite; what is not UTF-8 in a text is replaced by U+FFFD.
  package mutating func value(_ json: JSON) {
    switch json {
    case .null: null()
    case .bool(let value): bool(value)
    case .integer(let value): integer(value)
    case .real(let value):
      precondition(value.isFinite, "JSON has no infinite number")
      word(String(value))
    case .string(let text): string(String(decoding: text.bytes, as: UTF8.self))
    case .array(let elements):
      beginArray()
      for element in elements { value(element) }
      endArray()
    case .object(let members):
      beginObject()
      for member in members {
        name(String(decoding: member.name.bytes, as: UTF8.self))
        value(member.value)
      }
      endObject()
    }
  }

  /// Ends one of several texts: by a NUL on the wire, by a newline in a stream of lines.
  package mutating func endText(with byte: UInt8) {
    precondition(depth == 0, "a text ends within an object")
    bytes.append(byte)
    isFirst = true
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    depth += 1
    isFirst = true
  }

  private mutating func end(_ bracket: UInt8) {
    precondition(depth > 0 && !isAfterName, "nothing ends here")
    depth -= 1
    if !isFirst { breakLine() }
    bytes.append(bracket)
    isFirst = false
  }

  private mutating func word(_ text: String) {
    separate()
    bytes += text.utf8
  }

  /// What stands before a member, an element, or the value of a member.
  private mutating func separate() {
    if isAfterName {
      isAfterName = false
      return
    }
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    if depth > 0 { breakLine() }
    isFirst = false
  }

  private mutating func breakLine() {
    guard layout == .indented else { return }
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: 2 * depth))
  }

  private mutating func quote(_ text: Swift.Span<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
      case UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
      case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case let control where control < 0x20 || control == 0x7F:
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")]
        HexByte.append(control, to: &bytes)
      case let plain: bytes.append(plain)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
