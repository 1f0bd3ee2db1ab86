package import Rotation

/// A path as a unit file has it in a list (systemd.syntax(7), systemd.exec(5), "Sandboxing").
package enum UnitPath {
  private static let plain = Set("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@:,=~".utf8)

  /// The path quoted where that is needed; nil for one that cannot be written: a line ends at control characters, and has to be
  /// UTF-8. In these lists a backslash is an ordinary character, and `%` begins a specifier.
  package static func text(_ path: FilePath) -> String? {
    let bytes = path.bytes
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else { return nil }
    if bytes.allSatisfy(plain.contains) { return text }
    // Quotes may begin in a word. Those of one kind go into those of the other.
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false).map { part in
      part.isEmpty ? "" : "\"\(part.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))\""
    }
    return parts.joined(separator: "'\"'")
  }
}
