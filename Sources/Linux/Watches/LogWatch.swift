internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// One inotify(7) queue for all watches, on logs and on directories.
///
/// The watch of a log reports once (IN_ONESHOT): the first event ends it. IN_ATTRIB reports the number of links:
/// nothing else reports a log that is unlinked, or replaced by rename(2), while its writer has it open.
final class LogWatch {
  private static let logEvents = mask(IN_MODIFY, IN_ATTRIB, IN_MOVE_SELF, IN_DELETE_SELF, IN_DONT_FOLLOW, oneShot)
  private static let directoryEvents = mask(IN_MOVE_SELF, IN_DELETE_SELF, IN_ONLYDIR)
  private static let nameEvents = directoryEvents | mask(IN_CREATE, IN_MOVED_TO)
  /// IN_ONESHOT, which is the sign bit of the type as which it is imported.
  private static let oneShot = Int32.min

  private let queue: InotifyQueue

  private static func mask(_ flags: Int32...) -> UInt32 { flags.reduce(0) { $0 | UInt32(bitPattern: $1) } }

  /// Throws the error of inotify_init1(2): `Errno.tooManyFiles` at the limits of the user and the process.
  init(on driver: EpollDriver, onEvents: @escaping ([WatchEvent]) -> Void) throws(Errno) {
    queue = try InotifyQueue(on: driver)
    queue.onEvents = { events in
      let known = events.compactMap(Self.translate)
      if !known.isEmpty { onEvents(known) }
    }
  }

  func watchLog(_ path: FilePath) throws(Errno) -> Int32 { try queue.watch(path, Self.logEvents) }

  func watchDirectory(_ path: FilePath, names: Bool) throws(Errno) -> Int32 {
    try queue.watch(path, names ? Self.nameEvents : Self.directoryEvents)
  }

  func unwatch(_ watch: Int32) { queue.unwatch(watch) }

  private static func translate(_ event: InotifyEvents.Event) -> WatchEvent? {
    let mask = event.mask
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .lost }
    if mask & UInt32(IN_IGNORED) != 0 { return nil }
    if !event.name.isEmpty {
      return .named(watch: event.watch, name: FileName(event.name), isDirectory: mask & UInt32(IN_ISDIR) != 0)
    }
    return mask & UInt32(IN_MODIFY) != 0 ? .written(watch: event.watch) : .moved(watch: event.watch)
  }
}

/// Whether this kernel makes all changes of a file system, and so reports them; other machines may make some.
enum LocalChanges {
  /// The f_type of statfs(2) of network file systems, of those that several machines share, and of FUSE.
  private static let remote: Set<UInt32> = [
    0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x00C3_6400, 0x5346_414F, 0x7375_7245, 0x564C, 0x0BD0_0BD0,
    0x7461_636F, 0x0116_1970, 0x6573_5546, 0x786F_4256, 0xBACB_ACBC,
  ]

  /// Whether the file system of a path has only local changes; true if its type cannot be read.
  static func areSeen(at path: FilePath) -> Bool {
    guard let type = try? unsafe callWithPath(path, { unsafe linux_file_system_type($0) }) else { return true }
    return !remote.contains(UInt32(truncatingIfNeeded: type))
  }
}
