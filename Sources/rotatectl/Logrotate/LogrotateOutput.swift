internal import Daemon
internal import Glibc
internal import Linux
internal import Rotation

/// Where the messages of `rotatectl logrotate` go: standard error, and all of them into the file of `-l`.
final class LogrotateOutput {
  /// Whether details go to standard error, too.
  let isVerbose: Bool
  /// Whether an error was reported.
  private(set) var hasErrors = false
  private var file: Int32?

  init(_ arguments: LogrotateArguments) {
    isVerbose = arguments.isVerbose || arguments.isDry
    guard let path = arguments.logFile else { return }
    let opened = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o600)
    if opened >= 0 { file = opened } else { error("error opening log file \(path.printable): \(Errno(errno))") }
  }

  /// Whether anybody takes details.
  var wantsDetails: Bool { isVerbose || file != nil }

  func error(_ text: String) {
    hasErrors = true
    write("error: \(text)", isDetail: false)
  }

  func warning(_ text: String) { write("warning: \(text)", isDetail: false) }

  func detail(_ text: String) { write(text, isDetail: true) }

  /// A line of a child's standard error.
  func line(_ text: String) { write(text, isDetail: false) }

  func report(_ report: Report) {
    if report.kind == .output { return line(report.message) }
    switch report.priority {
    case .error: error(report.message)
    case .warning: warning(report.message)
    case .notice, .info, .debug: detail(report.message)
    }
  }

  private func write(_ text: String, isDetail: Bool) {
    let bytes = Array((text + "\n").utf8)
    if isVerbose || !isDetail { _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count) }
    if let file { _ = unsafe Glibc.write(file, bytes, bytes.count) }
  }
}
