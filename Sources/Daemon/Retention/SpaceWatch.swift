internal import Config
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The file systems on which archives lie, and what is known of their room.
final class SpaceWatch {
  /// One file system.
  final class Volume {
    /// A directory on it, by which it is measured and named.
    var path: FilePath
    var gauge: SpaceGauge
    /// Bytes of removed archives that the file system has not given back yet: btrfs does when its transaction ends, any
    /// does when the last reader closes. They are not asked for twice.
    var promised: Int64 = 0
    var promiseEnds = MonotonicTime(nanoseconds: 0)
    /// Whether archives are being removed now.
    var isPruning = false
    /// Before this, nothing is removed again: of a disk on which logs are rotated all the time, not each rotation is a look
    /// at all archives.
    var restsUntil = MonotonicTime(nanoseconds: 0)
    /// After looks that left too little free, with nothing left to remove.
    var retry = Backoff()

    init(path: FilePath, gauge: SpaceGauge) {
      self.path = path
      self.gauge = gauge
    }

    /// As the status line names it: `/var/log 3% (1.2G) free`.
    var name: String { "\(path.printable) \(gauge.description)" }
    /// That it is low.
    var subject: Problems.Subject { Problems.Subject(.space, of: path.printable) }
    /// What stands against making room.
    var topic: Problems.Topic { Problems.Topic(.room, of: path.printable) }
    var exhaustion: Problems.Subject { Problems.Subject(topic, part: "exhausted") }
  }

  let worker: Worker
  var settings: DaemonSettings
  var volumes: [UInt64: Volume] = [:]
  /// The file system of each directory that was looked at.
  var known: [FilePath: UInt64] = [:]
  /// Jobs whose directories are still to be looked at.
  var unseen: Set<String> = []

  init(_ settings: DaemonSettings, on loop: LoopExecutor) {
    self.settings = settings
    self.worker = Worker(on: loop)
  }

  /// Whether there is anything to watch for; without, nothing wakes up.
  var isWanted: Bool { settings.keepFree != nil || settings.warnFree != nil }

  /// The file system of a directory; nil when it is not watched.
  func volume(of directory: FilePath) -> Volume? { known[directory].flatMap { volumes[$0] } }

  /// Whether archives are removed now, or just were, since too little is free where this directory is: then a size counts
  /// whatever else speaks against a rotation.
  func isActing(on directory: FilePath) -> Bool { volume(of: directory)?.gauge.stage == .acting }

  /// Whether any file system has less free space than it should.
  var isLow: Bool { volumes.values.contains { $0.gauge.stage > .plenty } }
}
