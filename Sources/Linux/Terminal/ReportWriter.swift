internal import Control
package import Daemon
internal import EventLoop
internal import Glibc
internal import Timekeeping

/// Writes reports to standard error, in the style for it, and never fails.
///
/// It does not wait for a reader that does not read: a line is at most `PIPE_BUF` bytes, which a pipe takes whole when
/// poll(2) reports it writable. The first line without room waits a tenth of a second; it and the lines after it are
/// dropped, without more waiting, until there is room again. Then the number of lost lines is written first.
package final class ReportWriter {
  private static let longestLine = 4_096
  private static let patience: Int32 = 100

  private let descriptor: Int32
  private let style: ReportStyle
  /// The least urgent priority that is written.
  private let level: Report.Priority
  private var lost = 0

  /// Writes to a descriptor that the caller still owns, in the given style or the one for the descriptor. Without a
  /// level, the journal gets all reports, since its readers filter them (`journalctl --priority`), and others get those
  /// up to `info`.
  package init(descriptor: Int32 = STDERR_FILENO, style: ReportStyle? = nil, level: Report.Priority? = nil) {
    self.descriptor = descriptor
    self.style = style ?? .fitting(descriptor)
    self.level = level ?? (self.style == .journal ? .debug : .info)
  }

  /// Whether reports are entries of a journal, with fields.
  package var isJournal: Bool { style == .journal }

  /// Writes one report, unless it is less urgent than the level.
  package func write(_ report: Report) {
    guard report.priority.rawValue <= level.rawValue else { return }
    // A journal that refuses an entry still reads lines from standard error.
    if style == .journal && JournalEntry(report).send() { return }
    if lost > 0 {
      let text = lost == 1 ? "1 message was lost: nothing read it" : "\(lost) messages were lost: nothing read them"
      guard put(line(for: Report(.note, .warning, text)), patience: 0) else {
        lost += 1
        return
      }
      lost = 0
    }
    if !put(line(for: report), patience: Self.patience) { lost += 1 }
  }

  private func line(for report: Report) -> [UInt8] {
    if style == .json { return Self.object(Wire.Event(report, at: SystemClock.wall)) }
    let (start, end): (String, String) =
      switch style {
      case .journal, .prefixed, .json: ("<\(report.priority.rawValue)>", "")
      case .plain: ("\(InternetTime.text(SystemClock.wall)) \(report.priority): ", "")
      case .terminal(isColoured: false): ("\(Self.localTime()) ", "")
      case .terminal(isColoured: true): Self.colours(of: report.priority)
      }
    var bytes = Array("\(start)\(report.message)".utf8)
    let mostBytes = Self.longestLine - end.utf8.count - 1
    if bytes.count > mostBytes {
      let ellipsis = Array("…".utf8)
      bytes.removeLast(bytes.count - mostBytes + ellipsis.count)
      // Not in the middle of a character, of which at most three bytes are left.
      while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
      if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
      bytes.append(contentsOf: ellipsis)
    }
    return bytes + Array("\(end)\n".utf8)
  }

  /// The event in one line; a message that is too long for it is shortened.
  private static func object(_ event: Wire.Event) -> [UInt8] {
    var writer = JSONWriter()
    event.write(to: &writer)
    writer.endText(with: UInt8(ascii: "\n"))
    // Names are bounded; a byte of a message takes six bytes at most.
    guard writer.bytes.count > longestLine else { return writer.bytes }
    var short = event
    short.message = String(event.message.unicodeScalars.prefix(100)) + "…"
    (short.path, short.archive, short.reason) = (nil, nil, nil)
    return object(short)
  }

  /// The text before and after a message: the time dimmed, the message red, yellow, bold, plain or dimmed.
  private static func colours(of priority: Report.Priority) -> (String, String) {
    let colour =
      switch priority {
      case .error: "\u{1B}[31m"
      case .warning: "\u{1B}[33m"
      case .notice: "\u{1B}[1m"
      case .info: ""
      case .debug: "\u{1B}[2m"
      }
    return ("\u{1B}[2m\(localTime())\u{1B}[0m \(colour)", colour.isEmpty ? "" : "\u{1B}[0m")
  }

  private static func localTime() -> String {
    // Not time(2): its clock advances only with each tick, and may show the previous second for some milliseconds.
    var seconds = time_t(SystemClock.wall.seconds)
    var fields = unsafe tm()
    _ = unsafe localtime_r(&seconds, &fields)
    let parts = unsafe [fields.tm_hour, fields.tm_min, fields.tm_sec]
    return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  /// Writes once, if there is room within this many milliseconds; false if the line is lost.
  private func put(_ line: [UInt8], patience: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // If a stop of the process interrupts the wait, the line may be lost: that is no reason to wait again.
    guard unsafe poll(&request, 1, patience) == 1, request.revents & Int16(POLLOUT) != 0 else { return false }
    return unsafe line.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) } == line.count
  }
}
