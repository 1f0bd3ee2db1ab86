/// An absolute path of a log, or a pattern of such paths, as glob(7) reads it: `*`, `?` and `[…]` within one
/// component, `\` before an ordinary character. A wildcard never matches a leading dot, nor a `/`.
package struct LogPattern: Hashable, Sendable {
  private static let wildcards: [UInt8] = [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")]

  /// As written in the config.
  package let text: String
  /// Whether the text has a wildcard; if not, it is the path of one log.
  package let hasWildcard: Bool

  package init(_ text: String) {
    self.text = text
    self.hasWildcard = text.utf8.contains { Self.wildcards.contains($0) }
  }
}
