/// The version of this program.
package enum ProgramVersion {
  /// The number alone.
  package static let number = "0.1.0"
  /// As `--version` prints it.
  package static let text = "rotated \(number)"
  /// Where its interface is described.
  static let url = "file:///usr/share/doc/rotated/README.md"
}
