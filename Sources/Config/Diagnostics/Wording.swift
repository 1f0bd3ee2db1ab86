internal import Rotation

/// How values of a config appear in messages.
enum Wording {
  private static let longest = 60

  /// A text in quotes, always on one line, and shortened if it is long.
  static func quoted(_ text: String) -> String { "\"\(shown(text))\"" }

  /// The same of a path.
  static func quoted(_ path: FilePath) -> String { quoted(path.printable) }

  /// A key or a piece of config between backticks, always on one line, and shortened if it is long.
  static func code(_ text: String) -> String { "`\(shown(text))`" }

  /// What a value is: `the integer 7`, `the string "7"`, `a list`.
  static func described(_ value: Document.Value) -> String {
    switch value {
    case .table: "a table"
    case .array: "a list"
    case .string(let text): "the string \(quoted(text))"
    case .integer(let number): "the integer \(number)"
    case .float(let number): "the decimal \(number)"
    case .boolean(let flag): "the boolean \(flag)"
    case .time: "a date or time without quotes"
    }
  }

  /// Several names: `a, b and c`.
  static func list(_ names: [String]) -> String {
    let shown = names.map(code)
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
  }

  /// The text between quotes or backticks: printable, and shortened if it is long.
  static func shown(_ text: String) -> String {
    text.unicodeScalars.count > longest ? printable(String(text.unicodeScalars.prefix(longest))) + "…" : printable(text)
  }

  /// The text with control characters as `\u{…}`, so that a message stays on one line and has no terminal control
  /// sequences.
  static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if isPrintable(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return result
  }

  /// Whether a character is printable.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
