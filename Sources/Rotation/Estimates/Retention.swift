package import Timekeeping

/// Which archives are removed before `keep` does it: by age, by the bytes of their job, or because the disk is low on
/// space.
///
/// Pure, so that `rotatectl plan` shows what the daemon would do. An archive is removed only after all older ones of
/// its log, except those that a writer has open: removing these would free nothing, so they stay and do not keep the
/// others.
package enum Retention {
  /// An archive with the facts that retention needs.
  package struct Archive: Hashable, Sendable {
    package var job: String
    /// The path of its live log.
    package var log: FilePath
    /// Its own name and directory.
    package var location: Location
    package var inode: UInt64
    /// 1 for the newest of its log; two files of one version have one rank.
    package var rank: Int
    /// The bytes that it takes on disk.
    package var bytes: Int64
    /// The time of its last line.
    package var modified: WallTime
    /// This many of the newest archives of its log always stay.
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

    /// The file of this archive, independent of its name.
    package var file: Version.File {
      Version.File(inode: inode, isOnLogsFileSystem: location.place.isOnLogsFileSystem)
    }
  }

  /// An archive to remove, and the reason.
  package struct Removal: Hashable, Sendable {
    package var archive: Archive
    package var reason: RemovalReason

    package init(_ archive: Archive, _ reason: RemovalReason) {
      self.archive = archive
      self.reason = reason
    }
  }

  /// The archives of a log that rotations have made. All dated archives are. Of the numbered ones, those are that
  /// follow each other from 1 upwards, and, after the gap that a removal leaves below an archive that a writer had
  /// open, those with numbers that rotations use. Other files after a gap may be anybody's, and so may all after a gap
  /// if the log does not exist. A file that may be a log is no archive, and with numbers it counts as a gap. Those that are newer
  /// than the one under the staging name of a rotation that is half done stay until that has its number, since the oldest goes first.
  package static func proven(_ inventory: Inventory, keep: Int, intent: Intent? = nil) -> [Version] {
    let reach = inventory.live == nil ? 0 : keep
    let staged = inventory.staging.flatMap { intent?.number(of: $0.inode, live: inventory.live?.inode) } ?? 0
    var last = 0
    return inventory.versions.prefix { version in
      guard let number = version.number else { return true }
      guard !version.mayBeLog, number <= max(last + 1, reach) else { return false }
      last = number
      return true
    }
    // The live log under another name is no archive yet, and the empty file of an undo will never be one.
    .filter {
      !inventory.isFile(inventory.live?.inode, $0) && !$0.mayBeLog && !$0.isEmptied && $0.number ?? staged >= staged
    }
  }

  /// The archives that may be removed, in the order of removal: the oldest first, across logs. A time after `now` is
  /// not trusted.
  package static func order(_ archives: [Archive], now: WallTime = endOfTime) -> [Archive] {
    keyed(archives, now).map(\.archive)
  }

  /// The archives that have reached an age, the oldest first.
  package static func aged(_ archives: [Archive], _ age: Span, now: WallTime) -> [Archive] {
    keyed(archives, now).filter { $0.key + age <= now }.map(\.archive)
  }

  /// When the next archive reaches that age; nil if no archive that may be removed is left.
  package static func nextAged(_ archives: [Archive], _ age: Span, now: WallTime) -> WallTime? {
    keyed(archives, now).map { $0.key + age }.first { $0 > now }
  }

  /// The oldest archives whose removal frees this many bytes, and no more than needed.
  package static func making(room bytes: Int64, among archives: [Archive], now: WallTime = endOfTime) -> [Archive] {
    var left = bytes
    return Array(
      order(archives, now: now).prefix { archive in
        defer { left = left.saturatingSubtract(archive.bytes) }
        return left > 0
      })
  }

  /// Later than every other time: with it as `now`, all times are trusted.
  package static let endOfTime = WallTime(nanoseconds: .max)

  /// The archives that may be removed, sorted by the time at which they may: an archive is as old as the youngest of
  /// those that go before it. This differs from its own age only if somebody has set the time of a file, or the clock.
  ///
  /// A time after `now` is unknown. Such an archive is at least as old as the newest line of the archives after it, so
  /// that it does not keep any of them. A time that is too early is trusted: it comes from a clock that was wrong for a
  /// while, and must not make the older archives older than they are.
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
    // Equal elements keep their order.
    return keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(\.element)
  }

  /// The times that replace times after `now`: that of the next newer archive of the log with a trusted one, or `now`
  /// if there is none.
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
