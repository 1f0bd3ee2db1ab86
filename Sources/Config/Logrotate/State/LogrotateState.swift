package import Rotation
package import Timekeeping

/// When each log was rotated last, as logrotate keeps it in its state file (logrotate(8), `--state`): one line a log, with the time
/// that the local clocks showed then.
///
/// Reading takes versions 1 and 2 of the format. What is written is version 2.
package struct LogrotateState: Hashable, Sendable {
  /// What is known of a log.
  package struct Entry: Hashable, Sendable {
    /// As the config names it, or as a pattern has found it.
    package var path: FilePath
    /// What the local clocks showed at the last rotation; logrotate sets it to the full hour when it first sees a log.
    package var last: LocalTime

    package init(path: FilePath, last: LocalTime) {
      self.path = path
      self.last = last
    }
  }

  /// A line of a state file that cannot be read. It is left out, and those after it count.
  package struct Flaw: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    /// What was read, and what is expected.
    package var reason: String
  }

  /// In the order of the file, new ones at its end. Each path is there once.
  package private(set) var entries: [Entry] = []
  private var places: [FilePath: Int] = [:]

  package init() {}

  /// When a log was rotated last; nil for a log that was never seen.
  package subscript(path: FilePath) -> LocalTime? { places[path].map { entries[$0].last } }

  /// Records a rotation of a log, or the first sight of one.
  package mutating func record(_ path: FilePath, _ last: LocalTime) {
    if let place = places[path] {
      entries[place].last = last
    } else {
      places[path] = entries.count
      entries.append(Entry(path: path, last: last))
    }
  }

  /// Forgets the logs that are not among `seen` and were rotated before a time, as logrotate does after a year.
  package mutating func forget(before limit: LocalTime, except seen: Set<FilePath>) {
    let kept = entries.filter { $0.last >= limit || seen.contains($0.path) }
    guard kept.count != entries.count else { return }
    entries = kept
    places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.path, $0) })
  }

  /// The content of the file.
  package var bytes: [UInt8] {
    var bytes = Array("logrotate state -- version 2\n".utf8)
    for entry in entries {
      bytes.append(UInt8(ascii: "\""))
      for byte in entry.path.bytes {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case .newline: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        default: bytes.append(byte)
        }
      }
      let last = entry.last
      bytes += "\" \(last.year)-\(last.month)-\(last.day)-\(last.hour):\(last.minute):\(last.second)\n".utf8
    }
    return bytes
  }
}
