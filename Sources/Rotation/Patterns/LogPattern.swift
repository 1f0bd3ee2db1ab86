internal import Timekeeping

/// An absolute path of a log, or a pattern of such paths, as glob(7) reads it: `*`, `?` and `[…]` within one
/// component, `\` before an ordinary character. A wildcard never matches a leading dot, nor a `/`.
///
/// A text without any of `*?[` is the path of one log and is taken as it stands, backslashes included; a log whose name
/// has one of these characters is named by a pattern that escapes it (`/var/log/odd\*.log`).
package struct LogPattern: Hashable, Sendable {
  private static let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]

  /// As written in the config.
  package let text: FilePath
  /// Whether the text has a wildcard; if not, it is the path of one log.
  package let hasWildcard: Bool
  /// The bytes of the text up to and with the last slash in front of which no byte has a meaning of its own.
  private let fixedBytes: Int

  package init(_ text: FilePath) {
    self.text = text
    let bytes = text.bytes
    self.hasWildcard = bytes.contains { Self.wildcards.contains($0) }
    let sign = bytes.firstIndex { Self.wildcards.contains($0) || $0 == UInt8(ascii: "\\") } ?? bytes.endIndex
    self.fixedBytes = bytes[..<sign].lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
  }

  /// The longest directory above every match that has no wildcard in its path, escapes removed: `/var/log/app` for
  /// `/var/log/app/*.log`, `/var` for `/var/*/x.log`, the directory of the log for a path.
  package var fixedDirectory: FilePath {
    let fixed = allComponents.dropLast().prefix { $0.literal != nil }
    return fixed.reduce("/") { path, component in component.literal.map(path.appending) ?? path }
  }

  /// What comes after `fixedDirectory`, one for each level: the last stands for the log itself, those before it for
  /// directories.
  package var components: [NamePattern] {
    let all = allComponents
    return Array(all.dropFirst(all.dropLast().prefix { $0.literal != nil }.count))
  }

  /// The text that every match begins with, escapes removed: `/var/log/app-` for `/var/log/app-*.log`, the whole path
  /// where nothing but itself can match.
  package var fixedPrefix: FilePath {
    guard hasWildcard else { return text }
    let bytes = text.bytes
    let signs = bytes.firstIndex { Self.wildcards.contains($0) || $0 == UInt8(ascii: "\\") } ?? bytes.endIndex
    // Without an escape before the first wildcard the prefix stands in the text as it is.
    guard bytes[signs] == UInt8(ascii: "\\") else { return FilePath(bytes[..<signs]) }
    var prefix: FilePath = ""
    for component in allComponents {
      prefix = "\(prefix)/\(component.fixedPrefix)"
      guard component.literal != nil else { return prefix }
    }
    return prefix
  }

  /// Whether this is the absolute path of a log that the pattern means.
  package func matches(path: FilePath) -> Bool {
    guard hasWildcard else { return path == text }
    let (path, text) = (path.bytes.span, self.text.bytes.span)
    // The directories in front of the first wildcard are equal or nothing matches; most of a path is never taken apart.
    guard path.count >= fixedBytes, path.extracting(first: fixedBytes).isEqual(to: text.extracting(first: fixedBytes))
    else { return false }
    // From the end, where two paths differ soonest.
    var (name, pattern) = (path.count, text.count)
    while true {
      let (nameStart, patternStart) = (componentStart(path, before: name), componentStart(text, before: pattern))
      let matches = NamePattern.matches(
        path.extracting(nameStart..<name), pattern: text.extracting(patternStart..<pattern))
      guard matches else { return false }
      if nameStart == fixedBytes || patternStart == fixedBytes { return nameStart == patternStart }
      (name, pattern) = (nameStart - 1, patternStart - 1)
    }
  }

  /// Where the component that ends there begins; the fixed bytes are not looked at.
  private func componentStart(_ bytes: Swift.Span<UInt8>, before end: Int) -> Int {
    var start = end
    while start > fixedBytes, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
    return start
  }

  private var allComponents: [NamePattern] {
    text.bytes.split(separator: UInt8(ascii: "/")).map { NamePattern(Array($0), isPlain: !hasWildcard) }
  }
}
