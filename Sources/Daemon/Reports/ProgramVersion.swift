/// The version of this program.
package enum ProgramVersion {
  /// The output of `--version`.
  package static let text = "rotated 0.1.0"
}
