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

    /// The path as rotated names the log.
    package var log: FilePath { path.withoutDetours }
  }

  /// A line of a state file that cannot be read. It is left out, and those after it count.
  package struct Flaw: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    /// What was read, and what is expected.
    package var reason: String
  }

  /// In the order of the file, new ones at its end. Each log is there once.
  package private(set) var entries: [Entry] = []
  /// By `Entry.log`.
  private var places: [FilePath: Int] = [:]

  /// An empty state, with room for so many logs.
  package init(capacity: Int = 0) {
    entries.reserveCapacity(capacity)
    places.reserveCapacity(capacity)
  }

  /// When a log was rotated last; nil for a log that was never seen.
  package subscript(path: FilePath) -> LocalTime? { places[path.withoutDetours].map { entries[$0].last } }

  /// Records a rotation of a log, or the first sight of one. A log that is known keeps the path that it has here.
  package mutating func record(_ path: FilePath, _ last: LocalTime) {
    let log = path.withoutDetours
    // One search for both: where it is, or will be.
    let place = { (known: inout Int) in known }(&places[log, default: entries.count])
    if place < entries.count {
      entries[place].last = last
    } else {
      entries.append(Entry(path: path, last: last))
    }
  }

  /// Takes over a rotation that another program has made: if it is later than the one that is known, or if that one lies ahead,
  /// because a clock was wrong. Returns whether the entry has changed.
  @discardableResult
  package mutating func take(_ path: FilePath, rotated: WallTime, now: WallTime, zone: Zone) -> Bool {
    let last = zone.localTime(at: rotated)
    if let known = self[path] {
      let moment = zone.moments(of: known).first
      // A time that the clocks have shown twice stands for its first moment.
      guard known != last, moment < rotated || moment > now else { return false }
    }
    record(path, last)
    return true
  }

  /// Forgets the logs that are not among `seen` and were rotated before a time, as logrotate does after a year.
  package mutating func forget(before limit: LocalTime, except seen: Set<FilePath>) {
    let kept = entries.filter { $0.last >= limit || seen.contains($0.log) }
    guard kept.count != entries.count else { return }
    entries = kept
    places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1.log, $0) })
  }

  /// The content of the file.
  package var bytes: [UInt8] {
    var bytes = Array("logrotate state -- version 2\n".utf8)
    bytes.reserveCapacity(entries.reduce(bytes.count) { $0 + $1.path.bytes.count + 32 })
    for entry in entries {
      bytes.append(UInt8(ascii: "\""))
      for byte in entry.path.bytes {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case .newline: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        default: bytes.append(byte)
        }
      }
      bytes += [UInt8(ascii: "\""), UInt8(ascii: " ")]
      let last = entry.last
      func add(_ number: Int, _ end: Unicode.Scalar) {
        bytes.append(decimal: UInt64(number.magnitude))
        bytes.append(UInt8(ascii: end))
      }
      add(last.year, "-")
      add(last.month, "-")
      add(last.day, "-")
      add(last.hour, ":")
      add(last.minute, ":")
      add(last.second, "\n")
    }
    return bytes
  }
}

extension FilePath {
  /// The path without empty names and those that are `.`. logrotate takes over from its config how a directory is written, as in
  /// `/var/log//app.log`; rotated does not.
  fileprivate var withoutDetours: FilePath {
    guard isAbsolute, hasDetours else { return self }
    let names = components.filter { $0.bytes != [UInt8(ascii: ".")] }
    return FilePath(bytes: names.flatMap { [UInt8(ascii: "/")] + $0.bytes })
  }

  private var hasDetours: Bool {
    let bytes = bytes.span
    let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
    for index in 1..<max(1, bytes.count) where bytes[index - 1] == slash {
      if bytes[index] == slash { return true }
      if bytes[index] == dot, index + 1 == bytes.count || bytes[index + 1] == slash { return true }
    }
    return false
  }
}
