internal import Rotation

/// What output looks like where it goes to. Whatever the program did not write itself passes `clean` before it is shown.
package struct TerminalStyle: Hashable, Sendable {
  /// Columns; where there is no terminal, more than any line has, so that nothing is cut off for a program that reads it.
  package var width = 100_000
  package var isColoured = false
  /// Whether other characters than ASCII can be shown.
  package var isUnicode = false

  package init(width: Int = 100_000, isColoured: Bool = false, isUnicode: Bool = false) {
    (self.width, self.isColoured, self.isUnicode) = (max(20, width), isColoured, isUnicode)
  }

  /// What fits a terminal of so many columns, nil where there is none, and the variables that people set: COLUMNS, NO_COLOR before
  /// CLICOLOR_FORCE before TERM, and the locale.
  package static func fitting(columns: Int?, environment: (_ name: String) -> String?) -> TerminalStyle {
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "").uppercased()
    let isForced = value("CLICOLOR_FORCE").map { $0 != "0" } ?? false
    return TerminalStyle(
      width: value("COLUMNS").flatMap { Int($0) } ?? columns ?? 100_000,
      isColoured: value("NO_COLOR") == nil && (isForced || columns != nil && value("TERM") != "dumb"),
      isUnicode: locale.hasSuffix("UTF-8") || locale.hasSuffix("UTF8"))
  }

  /// The text as it can be shown: control characters are escaped and, in a locale without Unicode, all others but ASCII.
  package func clean(_ text: String) -> String {
    let text = text.printable
    guard !isUnicode, text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    return text.utf8.map { byte in
      byte < 0x80 ? String(Unicode.Scalar(byte)) : "\\x" + String(byte, radix: 16)
    }.joined()
  }

  /// The text in a colour.
  package func paint(_ text: String, _ paint: Paint) -> String {
    guard isColoured, paint != .plain, !text.isEmpty else { return text }
    return "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m"
  }

  /// What stands for what was cut out of a text.
  var ellipsis: String { isUnicode ? "…" : "..." }

  /// A size beside its limit, so many columns wide.
  package func bar(_ bytes: Int64, of limit: Int64, columns: Int) -> String {
    let share = limit > 0 ? min(1, max(0, Double(bytes) / Double(limit))) : 1
    let eighths = Int(share * Double(columns * 8))
    let whole = String(repeating: isUnicode ? "█" : "#", count: eighths / 8)
    let part = isUnicode && eighths % 8 > 0 ? String(Array("▏▎▍▌▋▊▉")[eighths % 8 - 1]) : ""
    return whole + part + String(repeating: isUnicode ? "·" : "-", count: columns - whole.count - part.count)
  }
}

/// A colour, or another way to make a text stand out, by its number in ECMA-48.
package enum Paint: Int, Sendable {
  case plain = 0
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
}
