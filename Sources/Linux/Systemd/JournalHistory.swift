package import Control
package import Daemon
internal import Glibc
internal import Rotation
package import Timekeeping

/// What the journal knows of rotations, as journalctl(1) prints it.
package enum JournalHistory {
  /// Why it could not be read, in a sentence.
  package struct Unreadable: Error, Hashable {
    package var message: String
    /// Whether there is no program to read it.
    package var isMissing = false
  }

  /// How long journalctl may look for the next entry.
  private static let patience = Span.seconds(60)
  /// The bytes of one entry that are read: all fields that are asked for, in their longest form.
  private static let longestEntry = 1 << 20

  private static let fields = [
    "MESSAGE", "MESSAGE_ID", "PRIORITY", "ROTATED_JOB", "ROTATED_LOG", "ROTATED_ARCHIVE", "ROTATED_BYTES",
    "ROTATED_REASON", "ROTATED_REMOVED",
  ]

  /// Hands over what happened since a moment, the oldest first. Entries that cannot be read are counted, and the count is
  /// returned.
  package static func read(
    _ kinds: [Report.Kind], since: WallTime?, _ each: (Wire.Event) -> Void
  ) throws(Unreadable) -> Int {
    var arguments: [ExactText] = ["journalctl", "--quiet", "--no-pager", "--all", "--output=json"]
    arguments.append("--output-fields=\(fields.joined(separator: ","))")
    if let since { arguments.append("--since=@\(since.seconds)") }
    arguments.append("SYSLOG_IDENTIFIER=rotated")
    for kind in kinds { arguments.append("MESSAGE_ID=\(kind.messageID)") }
    var unread = 0
    let end: ProgramOutput.End
    do throws(Errno) {
      end = try ProgramOutput.read(
        arguments, longestLine: longestEntry, patience: patience, showsErrors: true
      ) { line in
        guard let event = Self.event(of: line) else {
          unread += 1
          return true
        }
        if since.map({ event.at >= $0 }) ?? true { each(event) }
        return true
      }
    } catch .noEntry {
      throw Unreadable(message: "there is no journal to read: journalctl is not installed", isMissing: true)
    } catch {
      throw Unreadable(message: "cannot run journalctl: \(error)")
    }
    switch end {
    case .exited(0), .enough: return unread
    case .exited(let code): throw Unreadable(message: "journalctl has failed with exit code \(code)")
    case .killed(let signal): throw Unreadable(message: "journalctl was ended by signal \(signal)")
    case .silent:
      throw Unreadable(message: "journalctl has printed nothing for \(TimeSpan.describe(patience)), and was ended")
    }
  }

  /// The event of an entry; nil for what is no entry of rotated.
  package static func event(of line: [UInt8]) -> Wire.Event? {
    guard let json = try? JSONReader.read(line), case .object(let members) = json else { return nil }
    func bytes(_ name: ExactText) -> [UInt8]? {
      members.first { $0.name == name }.flatMap { value(of: $0.value) }
    }
    func text(_ name: ExactText) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }
    func number(_ name: ExactText) -> Int64? { text(name).flatMap { Int64($0) } }
    guard let id = text("MESSAGE_ID"), let kind = Report.Kind.allCases.first(where: { $0.messageID == id }),
      let microseconds = number("__REALTIME_TIMESTAMP")
    else { return nil }
    var event = Wire.Event()
    event.at = WallTime(nanoseconds: microseconds.saturatingMultiply(1000))
    event.kind = kind.rawValue
    event.severity = severity(number("PRIORITY"))
    event.message = text("MESSAGE") ?? ""
    event.job = text("ROTATED_JOB")
    event.path = bytes("ROTATED_LOG").map { FilePath(bytes: $0) }
    event.archive = bytes("ROTATED_ARCHIVE").map { FilePath(bytes: $0) }
    event.bytes = number("ROTATED_BYTES")
    event.reason = text("ROTATED_REASON")
    event.removed = number("ROTATED_REMOVED")
    return event
  }

  /// A field: a string; or, where it is not text, its bytes as numbers; or a list of these, of which the first counts.
  private static func value(of json: JSON) -> [UInt8]? {
    switch json {
    case .string(let text): return text.bytes
    case .array(let elements):
      guard let first = elements.first else { return nil }
      guard case .integer = first else { return value(of: first) }
      return elements.map { if case .integer(let byte) = $0 { UInt8(truncatingIfNeeded: byte) } else { 0x3F } }
    default: return nil
    }
  }

  private static func severity(_ priority: Int64?) -> Wire.Severity {
    switch priority {
    case .some(...3): .error
    case 4: .warning
    case 5: .notice
    case 7: .debug
    default: .info
    }
  }
}
