internal import Timekeeping

/// An absolute path of a log, or a pattern of such paths, with the rules of glob(7): `*`, `?` and `[…]` within one
/// component, `\` before an ordinary character. A wildcard never matches a leading dot, nor a `/`.
///
/// A text without any of `*?[` is the path of one log, and all its characters are literal, even a backslash. A log
/// whose name has one of these characters needs a pattern that escapes it (`/var/log/odd\*.log`).
package struct LogPattern: Hashable, Sendable {
  private static let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]

  /// The text in the config.
  package let text: FilePath
  /// Whether the text has a wildcard; if not, it is the path of one log.
  package let hasWildcard: Bool
  /// The number of bytes up to and including the last slash before the first special byte.
  private let fixedBytes: Int

  package init(_ text: FilePath) {
    self.text = text
    let bytes = text.bytes
    self.hasWildcard = bytes.contains { Self.wildcards.contains($0) }
    let sign = bytes.firstIndex { Self.wildcards.contains($0) || $0 == UInt8(ascii: "\\") } ?? bytes.endIndex
    self.fixedBytes = bytes[..<sign].lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
  }

  /// The longest directory above every match that has no wildcard in its path, without escapes: `/var/log/app` for
  /// `/var/log/app/*.log`, `/var` for `/var/*/x.log`, the directory of the log for a path.
  package var fixedDirectory: FilePath {
    let fixed = allComponents.dropLast().prefix { $0.literal != nil }
    return fixed.reduce("/") { path, component in component.literal.map(path.appending) ?? path }
  }

  /// The components after `fixedDirectory`, one for each level: the last is for the log itself, those before it for
  /// directories.
  package var components: [NamePattern] {
    let all = allComponents
    return Array(all.dropFirst(all.dropLast().prefix { $0.literal != nil }.count))
  }

  /// The text with which every match begins, without escapes: `/var/log/app-` for `/var/log/app-*.log`, the whole path
  /// if nothing else can match.
  package var fixedPrefix: FilePath {
    guard hasWildcard else { return text }
    let bytes = text.bytes
    let signs = bytes.firstIndex { Self.wildcards.contains($0) || $0 == UInt8(ascii: "\\") } ?? bytes.endIndex
    // Without an escape before the first wildcard, the prefix is a part of the text.
    guard bytes[signs] == UInt8(ascii: "\\") else { return FilePath(bytes[..<signs]) }
    var prefix: FilePath = ""
    for component in allComponents {
      prefix = "\(prefix)/\(component.fixedPrefix)"
      guard component.literal != nil else { return prefix }
    }
    return prefix
  }

  /// Whether the pattern matches this absolute path of a log.
  package func matches(path: FilePath) -> Bool {
    guard hasWildcard else { return path == text }
    let (path, text) = (path.bytes.span, self.text.bytes.span)
    // Archives differ from the pattern of their logs in the last byte. A pattern with a wildcard has more than that one.
    let last = text[text.count - 1]
    if last != UInt8(ascii: "]"), !Self.wildcards.contains(last), path.isEmpty || path[path.count - 1] != last {
      return false
    }
    // The directories before the first wildcard must be equal; most paths are not split further.
    guard path.count >= fixedBytes, path.extracting(first: fixedBytes).isEqual(to: text.extracting(first: fixedBytes))
    else { return false }
    // From the end, where two paths usually differ first.
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

  /// Where the component that ends there begins; the fixed bytes are not read.
  private func componentStart(_ bytes: Swift.Span<UInt8>, before end: Int) -> Int {
    var start = end
    while start > fixedBytes, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
    return start
  }

  private var allComponents: [NamePattern] {
    text.bytes.split(separator: UInt8(ascii: "/")).map { NamePattern(Array($0), isPlain: !hasWildcard) }
  }
}
