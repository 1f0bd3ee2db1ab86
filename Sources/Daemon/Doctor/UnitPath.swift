package import Rotation

/// A path as a unit file has it in a list (systemd.syntax(7), systemd.exec(5), "Sandboxing").
package enum UnitPath {
  private static let plain = Set("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+@:,=~".utf8)

  /// The path quoted where that is needed; nil for one that cannot be written: a line ends at control characters, and has to be
  /// UTF-8. A backslash begins an escape, and `%` a specifier.
  package static func text(_ path: FilePath) -> String? {
    let bytes = path.bytes
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else { return nil }
    if bytes.allSatisfy(plain.contains) { return text }
    var quoted = [UInt8(ascii: "\"")]
    for byte in bytes {
      switch byte {
      // Quotes may begin in a word. Those of one kind go into those of the other.
      case UInt8(ascii: "\""): quoted += "\"'\"'\"".utf8
      case UInt8(ascii: "\\"), UInt8(ascii: "%"): quoted += [byte, byte]
      default: quoted.append(byte)
      }
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }
}
