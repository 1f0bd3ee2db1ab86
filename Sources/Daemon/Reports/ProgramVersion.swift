/// The version of this program.
package enum ProgramVersion {
  /// As `--version` prints it.
  package static let text = "rotated 0.1.0"
}
