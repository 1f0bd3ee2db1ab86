/// The version of this program.
package enum ProgramVersion {
  /// The number alone. CHANGELOG.md and debian/changelog begin with the same one, and the Makefile reads it from here.
  package static let number = "0.9.0"
  /// The output of `--version`.
  package static let text = "rotated \(number)"
  /// The description of its interface.
  static let url = "file:///usr/share/doc/rotated/README.md"
}
