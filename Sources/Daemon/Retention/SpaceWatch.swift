internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The file systems that have archives, and what is known of their free space.
final class SpaceWatch {
  /// One file system.
  final class Volume {
    /// A directory on it, which is measured and names it.
    var path: FilePath
    var gauge: SpaceGauge
    /// Bytes of removed archives that the file system has not freed yet: btrfs frees them when its transaction ends,
    /// every file system when the last reader closes the file. They count as
    /// free, so that no more archives are removed in their place.
    var promised: Int64 = 0
    var promiseEnds = MonotonicTime(nanoseconds: 0)
    /// Whether archives are being removed now.
    var isPruning = false
    /// Nothing is removed before this time: on a disk where logs are rotated all the time, not each rotation causes a
    /// check of all archives.
    var restsUntil = MonotonicTime(nanoseconds: 0)
    /// The pause after checks that left too little free space, with nothing left to remove.
    var retry = Backoff()

    init(path: FilePath, gauge: SpaceGauge) {
      self.path = path
      self.gauge = gauge
    }

    /// Its name in the status line: `/var/log 3% (1.2G) free`.
    var name: String { "\(path.printable) \(gauge.description)" }
    /// The problem that it is low on space.
    var subject: Problems.Subject { Problems.Subject(.space, of: path.printable) }
    /// The problems that prevent removals.
    var topic: Problems.Topic { Problems.Topic(.room, of: path.printable) }
    var exhaustion: Problems.Subject { Problems.Subject(topic, part: "exhausted") }
  }

  let worker: Worker
  var settings: DaemonSettings
  var volumes: [UInt64: Volume] = [:]
  /// The file system of each directory that was checked.
  var known: [FilePath: UInt64] = [:]
  /// Jobs whose directories are still to be checked.
  var unseen: Set<String> = []

  init(_ settings: DaemonSettings, on loop: LoopExecutor) {
    self.settings = settings
    self.worker = Worker(on: loop)
  }

  /// Whether the config has a bound; if not, the task does not run.
  var isWanted: Bool { settings.keepFree != nil || settings.warnFree != nil }

  /// The file system of a directory; nil if it is not watched.
  func volume(of directory: FilePath) -> Volume? { known[directory].flatMap { volumes[$0] } }

  /// Whether archives are removed now, or just were, because the file system of this directory has too little free
  /// space: then a size limit has priority over `min-interval`.
  func isActing(on directory: FilePath) -> Bool { volume(of: directory)?.gauge.stage == .acting }

  /// Whether any file system has less free space than it should.
  var isLow: Bool { volumes.values.contains { $0.gauge.stage > .plenty } }
}
