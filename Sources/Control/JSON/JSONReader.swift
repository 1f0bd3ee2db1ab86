internal import Rotation

/// Reads JSON strictly (RFC 8259) and within the bounds of `Limits`. The memory that it takes is at most some thirty times the text.
package struct JSONReader {
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The one value that a text holds. No byte order mark, comment, trailing comma or second value is let through, and no
  /// name may stand twice in one object.
  package static func read(_ bytes: [UInt8]) throws(JSONError) -> JSON {
    var reader = JSONReader(bytes)
    let value = try reader.value()
    guard reader.next == nil else { throw reader.error("the text should end here") }
    return value
  }

  /// The byte after blanks; nil at the end.
  private var next: UInt8? {
    mutating get {
      while position < bytes.count {
        switch bytes[position] {
        case 0x20, 0x09, 0x0A, 0x0D: position += 1
        default: return bytes[position]
        }
      }
      return nil
    }
  }

  private func error(_ reason: String, at offset: Int? = nil) -> JSONError {
    JSONError(offset: offset ?? position, reason: reason)
  }

  private mutating func value() throws(JSONError) -> JSON {
    switch next {
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try elements())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"): return try number()
    case let digit? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit): return try number()
    default: throw error("a value belongs here")
    }
  }

  private mutating func word(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
    for byte in text.utf8 {
      guard position < bytes.count, bytes[position] == byte else { throw error("expected \(text)") }
      position += 1
    }
    return value
  }

  private mutating func open() throws(JSONError) {
    guard depth < Limits.maxJSONDepth else { throw error("nested more than \(Limits.maxJSONDepth) deep") }
    depth += 1
    position += 1
  }

  /// Whether a list goes on behind a comma, or ends.
  private mutating func goesOn(until end: Unicode.Scalar) throws(JSONError) -> Bool {
    let byte = next
    guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: end) else { throw error("a comma or \(end) belongs here") }
    position += 1
    if byte == UInt8(ascii: ",") { return true }
    depth -= 1
    return false
  }

  private mutating func elements() throws(JSONError) -> [JSON] {
    try open()
    var elements: [JSON] = []
    if next == UInt8(ascii: "]") {
      _ = try goesOn(until: "]")
      return elements
    }
    repeat { elements.append(try value()) } while try goesOn(until: "]")
    return elements
  }

  private mutating func members() throws(JSONError) -> [JSON.Member] {
    try open()
    var members: [JSON.Member] = []
    if next == UInt8(ascii: "}") {
      _ = try goesOn(until: "}")
      return members
    }
    repeat {
      guard next == UInt8(ascii: "\"") else { throw error("a name in quotes belongs here") }
      let start = position
      guard members.count < Limits.maxJSONMembers else {
        throw error("an object has at most \(Limits.maxJSONMembers) members")
      }
      let name = try string()
      guard !members.contains(where: { $0.name == name }) else {
        throw error("the name \(name) stands here twice", at: start)
      }
      guard next == UInt8(ascii: ":") else { throw error("a colon belongs here") }
      position += 1
      members.append(JSON.Member(name, try value()))
    } while try goesOn(until: "}")
    return members
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    var isInteger = true
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let whole = try digits()
    guard whole.count == 1 || whole.first != UInt8(ascii: "0") else {
      throw error("a number does not begin with 0", at: whole.startIndex)
    }
    if has(UInt8(ascii: ".")) {
      isInteger = false
      _ = try digits()
    }
    if has(UInt8(ascii: "e")) || has(UInt8(ascii: "E")) {
      isInteger = false
      _ = has(UInt8(ascii: "+")) || has(UInt8(ascii: "-"))
      _ = try digits()
    }
    guard position - start <= Limits.maxNumberBytes else {
      throw error("a number has at most \(Limits.maxNumberBytes) characters", at: start)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger {
      guard let integer = Int64(text) else { throw error("the integer does not fit 64 bits", at: start) }
      return .integer(integer)
    }
    guard let real = Double(text), real.isFinite else { throw error("the number is too great", at: start) }
    return .real(real)
  }

  private mutating func has(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func digits() throws(JSONError) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    guard position > start else { throw error("a digit belongs here") }
    return bytes[start..<position]
  }

  private mutating func string() throws(JSONError) -> ExactText {
    position += 1
    var text: [UInt8] = []
    var plain = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        text += bytes[plain..<position]
        position += 1
        return ExactText(bytes: text)
      case UInt8(ascii: "\\"):
        text += bytes[plain..<position]
        text += try escape()
        plain = position
      case 0..<0x20: throw error("a control character must be escaped")
      case 0x20..<0x80: position += 1
      default:
        let length = StrictUTF8.length(at: position, in: bytes)
        guard length > 0 else { throw error("the byte is no UTF-8") }
        position += length
      }
    }
    throw error("the text ends in a string")
  }

  /// One escaped character as UTF-8.
  private mutating func escape() throws(JSONError) -> [UInt8] {
    let start = position
    position += 1
    guard position < bytes.count else { throw error("the text ends in a string") }
    position += 1
    switch bytes[position - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[position - 1]]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var value = try fourDigits()
      if value & 0xFC00 == 0xD800, has(UInt8(ascii: "\\")), has(UInt8(ascii: "u")) {
        let low = try fourDigits()
        guard low & 0xFC00 == 0xDC00 else { throw error("half of a surrogate pair", at: start) }
        value = 0x1_0000 + (value & 0x3FF) << 10 + low & 0x3FF
      }
      guard let scalar = Unicode.Scalar(value) else { throw error("half of a surrogate pair", at: start) }
      return Array(String(Character(scalar)).utf8)
    default: throw error("no such escape", at: start)
    }
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw error("four hexadecimal digits belong here")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
