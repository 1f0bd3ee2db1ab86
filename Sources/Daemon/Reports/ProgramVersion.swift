/// The version of this program.
package enum ProgramVersion {
  /// The number alone.
  package static let number = "0.1.0"
  /// The output of `--version`.
  package static let text = "rotated \(number)"
  /// The description of its interface.
  static let url = "file:///usr/share/doc/rotated/README.md"
}
