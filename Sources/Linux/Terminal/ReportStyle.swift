internal import Glibc

/// The format of reports, chosen once for standard error.
package enum ReportStyle: Hashable, Sendable {
  /// Native entries of the journal, with fields.
  case journal
  /// `<N>` and the message, which the journal and others read as a priority (sd-daemon(3)).
  case prefixed
  /// The time in the form of RFC 3339, the priority in words and the message, for a file or a container's log.
  case plain
  /// One JSON object on each line, with the fields of `Event` in org.rotated.Manager.varlink.
  case json
  /// Local time and the message, for a person at a terminal.
  case terminal(isColoured: Bool)

  /// The style for a descriptor: the journal if `$JOURNAL_STREAM` names it (systemd.exec(5)); for a terminal, with
  /// `$NO_COLOR` and `$TERM`; else lines with a time.
  package static func fitting(
    _ descriptor: Int32, environment: (_ name: String) -> String? = ProcessEnvironment.text
  ) -> ReportStyle {
    if let stream = environment("JOURNAL_STREAM"), stream == identity(of: descriptor) { return .journal }
    guard isatty(descriptor) != 0 else { return .plain }
    let isPlain = environment("NO_COLOR")?.isEmpty == false || environment("TERM") == "dumb"
    return .terminal(isColoured: !isPlain)
  }

  /// Device and inode in decimal, in systemd's format; nil for a descriptor that is not open.
  static func identity(of descriptor: Int32) -> String? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return "\(status.st_dev):\(status.st_ino)"
  }
}
