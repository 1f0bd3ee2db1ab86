internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

// When has every writer let go? A read lease (fcntl(2), F_SETLEASE) is refused while anybody has the file open for
// writing, and granted when nobody has; while it is held, whoever opens the file for writing waits for us, and we get a
// signal. When to ask again is told by inotify(7), whose IN_CLOSE_WRITE comes a moment before the count of writers drops:
// who is told asks again by timer.

/// Tells holds on archives that it is worth to look again.
final class ReleaseWatch {
  private let driver: EpollDriver
  private let source: Descriptor
  private var signals: SignalSource?
  private var holds: [Int32: Entry] = [:]

  /// A hold, without keeping it.
  private struct Entry {
    weak var hold: LinuxArchiveHold?
  }

  /// Throws what inotify_init1(2) and signalfd(2) give.
  init(on driver: EpollDriver) throws(SystemCallError) {
    let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard number >= 0 else { throw SystemCallError("inotify_init1") }
    self.driver = driver
    self.source = Descriptor(owning: number)
    try driver.watch(number, events: EPOLLIN.rawValue) { [weak self] _ in self?.takeEvents() }
    // SIGIO does not say whose lease is broken where several break at once: everybody looks.
    self.signals = try SignalSource([SIGIO], on: driver) { [weak self] _ in self?.tellAll() }
  }

  deinit {
    driver.unwatch(source.number)
  }

  /// Watches an open file, by its inode; nil at the limits of the user, where the timer has to do.
  func add(_ hold: LinuxArchiveHold, file: Int32) -> Int32? {
    let watch = unsafe inotify_add_watch(source.number, "/proc/self/fd/\(file)", UInt32(IN_CLOSE_WRITE))
    guard watch >= 0 else { return nil }
    holds[watch] = Entry(hold: hold)
    return watch
  }

  /// Ends a watch.
  func remove(_ watch: Int32) {
    holds[watch] = nil
    _ = inotify_rm_watch(source.number, watch)
  }

  private func tellAll() {
    for entry in holds.values { entry.hold?.onChange?() }
  }

  private func takeEvents() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var changed: Set<Int32> = []
    while case let count = unsafe read(source.number, &buffer, buffer.count), count > 0 {
      for event in InotifyEvents(buffer[..<count]) { changed.insert(event.watch) }
    }
    if changed.contains(-1) { return tellAll() }
    for watch in changed { holds[watch]?.hold?.onChange?() }
  }
}
