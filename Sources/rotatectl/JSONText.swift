/// A value of JSON (RFC 8259), to be printed.
indirect enum JSONText: CustomStringConvertible {
  case null
  case number(Int64)
  case string(String)
  case array([JSONText])
  /// In this order.
  case object([(key: String, value: JSONText)])

  /// On one line.
  var description: String {
    switch self {
    case .null: "null"
    case .number(let number): "\(number)"
    case .string(let text): Self.quoted(text)
    case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0.key)):\($0.value)" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
