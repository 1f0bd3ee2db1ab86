/// Which archives go before `keep` pushes them out: by their age, by the bytes of their job, or since the disk is low.
///
/// Pure, so that `rotatectl plan` shows what the daemon would do. An archive is removed only after every older one of its
/// log, but for those that a writer still has open: to remove them would free nothing, so they stay and hold up no other.
package enum Retention {
  /// An archive as far as retention needs to know it.
  package struct Archive: Hashable, Sendable {
    package var job: String
    /// The path of its live log.
    package var log: FilePath
    /// Its own name, and where that is.
    package var location: Location
    package var inode: UInt64
    /// 1 is the newest of its log; two files of one version have one rank.
    package var rank: Int
    /// The room that it takes on disk.
    package var bytes: Int64
    /// When its last line was written.
    package var modified: WallTime
    /// So many of the newest of its log stay in any case.
    package var keepMin: Int
    /// Whether a writer has it open.
    package var isHeld = false

    package init(
      job: String, log: FilePath, location: Location, inode: UInt64, rank: Int, bytes: Int64, modified: WallTime,
      keepMin: Int
    ) {
      self.job = job
      self.log = log
      self.location = location
      self.inode = inode
      self.rank = rank
      self.bytes = bytes
      self.modified = modified
      self.keepMin = keepMin
    }

    /// The file that this is, whatever its name.
    package var file: Version.File {
      Version.File(inode: inode, isOnLogsFileSystem: location.place.isOnLogsFileSystem)
    }
  }

  /// Why an archive goes.
  package enum Reason: Hashable, Sendable {
    /// It is older than this.
    case age(Span)
    /// The archives and live logs of its job take more than these bytes.
    case total(Int64)
    /// Less than this is free: `5%`, `10G`; and on the file system of which directory.
    case free(String, of: FilePath)
  }

  /// The archives of a log that rotations have made: all that are dated; of numbered ones those that follow on each other
  /// from 1 upwards, and, beyond the gap that a removal leaves below an archive that was held, those of numbers that rotations
  /// use. What else lies beyond a gap may be anybody's, and so may all that does where the log itself is not there.
  package static func proven(_ inventory: Inventory, keep: Int) -> [Version] {
    let reach = inventory.live == nil ? 0 : keep
    var last = 0
    return inventory.versions.prefix { version in
      guard let number = version.number else { return true }
      guard number <= max(last + 1, reach) else { return false }
      last = number
      return true
    }
    // The live log by another name is no archive yet.
    .filter { !inventory.isFile(inventory.live?.inode, $0) }
  }

  /// What may be removed, in the order in which it is: the oldest first, across logs.
  package static func order(_ archives: [Archive]) -> [Archive] { keyed(archives).map(\.archive) }

  /// The archives that have reached an age, the oldest first.
  package static func aged(_ archives: [Archive], _ age: Span, now: WallTime) -> [Archive] {
    keyed(archives).filter { $0.key + age <= now }.map(\.archive)
  }

  /// When the next archive reaches that age; nil when none that may be removed is left.
  package static func nextAged(_ archives: [Archive], _ age: Span, now: WallTime) -> WallTime? {
    keyed(archives).map { $0.key + age }.first { $0 > now }
  }

  /// The archives that have to go so that so many bytes come free, the oldest first, and no more of them than that takes.
  package static func making(room bytes: Int64, among archives: [Archive]) -> [Archive] {
    var left = bytes
    return Array(
      order(archives).prefix { archive in
        defer { left = left.saturatingSubtract(archive.bytes) }
        return left > 0
      })
  }

  /// The archives that may be removed, sorted by when they may: an archive is as old as the youngest of those that go
  /// before it, which differs from its own age only where somebody has set the time of a file.
  private static func keyed(_ archives: [Archive]) -> [(key: WallTime, archive: Archive)] {
    var keyed: [(key: WallTime, archive: Archive)] = []
    let removable = archives.filter { $0.rank > $0.keepMin && !$0.isHeld }
    let sorted = removable.sorted {
      $0.log != $1.log
        ? $0.log < $1.log
        : $0.rank != $1.rank ? $0.rank > $1.rank : $0.location.path < $1.location.path
    }
    for archive in sorted {
      if let last = keyed.last, last.archive.log == archive.log {
        keyed.append((max(last.key, archive.modified), archive))
      } else {
        keyed.append((archive.modified, archive))
      }
    }
    // What is equal keeps its order: the place decides.
    return keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
  }
}

extension Retention.Reason: CustomStringConvertible {
  /// The reason as it follows "removed app.log.7: ".
  package var description: String {
    switch self {
    case .age(let span): "older than \(TimeSpan.describe(span))"
    case .total(let bytes): "the job has more than \(ByteSize.describe(bytes))"
    case .free(let bound, let directory): "less than \(bound) is free on the file system of \(directory)"
    }
  }
}
