package import Timekeeping

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

  /// An archive that goes, and why.
  package struct Removal: Hashable, Sendable {
    package var archive: Archive
    package var reason: RemovalReason

    package init(_ archive: Archive, _ reason: RemovalReason) {
      self.archive = archive
      self.reason = reason
    }
  }

  /// The archives of a log that rotations have made: all that are dated; of numbered ones those that follow on each other
  /// from 1 upwards, and, beyond the gap that a removal leaves below an archive that was held, those of numbers that rotations
  /// use. What else lies beyond a gap may be anybody's, and so may all that does where the log itself is not there. What may
  /// be a log is no archive, and with numbers it is such a gap.
  package static func proven(_ inventory: Inventory, keep: Int) -> [Version] {
    let reach = inventory.live == nil ? 0 : keep
    var last = 0
    return inventory.versions.prefix { version in
      guard let number = version.number else { return true }
      guard !version.mayBeLog, number <= max(last + 1, reach) else { return false }
      last = number
      return true
    }
    // The live log by another name is no archive yet.
    .filter { !inventory.isFile(inventory.live?.inode, $0) && !$0.mayBeLog }
  }

  /// What may be removed, in the order in which it is: the oldest first, across logs. A time after `now` is not believed.
  package static func order(_ archives: [Archive], now: WallTime = endOfTime) -> [Archive] {
    keyed(archives, now).map(\.archive)
  }

  /// The archives that have reached an age, the oldest first.
  package static func aged(_ archives: [Archive], _ age: Span, now: WallTime) -> [Archive] {
    keyed(archives, now).filter { $0.key + age <= now }.map(\.archive)
  }

  /// When the next archive reaches that age; nil when none that may be removed is left.
  package static func nextAged(_ archives: [Archive], _ age: Span, now: WallTime) -> WallTime? {
    keyed(archives, now).map { $0.key + age }.first { $0 > now }
  }

  /// The archives that have to go so that so many bytes come free, the oldest first, and no more of them than that takes.
  package static func making(room bytes: Int64, among archives: [Archive], now: WallTime = endOfTime) -> [Archive] {
    var left = bytes
    return Array(
      order(archives, now: now).prefix { archive in
        defer { left = left.saturatingSubtract(archive.bytes) }
        return left > 0
      })
  }

  /// Later than every time: with it as `now`, all times are believed.
  package static let endOfTime = WallTime(nanoseconds: .max)

  /// The archives that may be removed, sorted by when they may: an archive is as old as the youngest of those that go
  /// before it, which differs from its own age only where somebody has set the time of a file, or the clock.
  ///
  /// A time after `now` says nothing. Such an archive is at least as old as the newest line of those that came after it,
  /// so that it holds up none of them. A time that is too early is believed: it can only be that of a clock that was
  /// wrong for a while, and it must not make the older archives older than they are.
  private static func keyed(_ archives: [Archive], _ now: WallTime) -> [(key: WallTime, archive: Archive)] {
    let times = believed(archives, now)
    var keyed: [(key: WallTime, archive: Archive)] = []
    let removable = archives.filter { $0.rank > $0.keepMin && !$0.isHeld }
    let sorted = removable.sorted {
      $0.log != $1.log
        ? $0.log < $1.log
        : $0.rank != $1.rank ? $0.rank > $1.rank : $0.location.path < $1.location.path
    }
    for archive in sorted {
      if let last = keyed.last, last.archive.log == archive.log {
        keyed.append((max(last.key, times[archive] ?? archive.modified), archive))
      } else {
        keyed.append((times[archive] ?? archive.modified, archive))
      }
    }
    // What is equal keeps its order: the place decides.
    return keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
  }

  /// What is to be believed instead of times after `now`: the time of the next newer archive of the log that has a sound
  /// one, and `now` where none has.
  private static func believed(_ archives: [Archive], _ now: WallTime) -> [Archive: WallTime] {
    guard archives.contains(where: { $0.modified > now }) else { return [:] }
    var times: [Archive: WallTime] = [:]
    for log in Dictionary(grouping: archives, by: \.log).values {
      var newest = now
      for archive in log.sorted(by: { $0.rank < $1.rank }) {
        if archive.modified > now { times[archive] = newest } else { newest = archive.modified }
      }
    }
    return times
  }
}
