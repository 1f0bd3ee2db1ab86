internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

// When has every writer let go? A read lease (fcntl(2), F_SETLEASE) is refused while anybody has the file open for
// writing, and granted when nobody has; while it is held, whoever opens the file for writing waits for us, and we get a
// signal. When to ask again is told by inotify(7), whose IN_CLOSE_WRITE comes a moment before the count of writers drops:
// who is told asks again by timer.

/// Is told when a writer closes a file, whether the file is open here or not, as long as it is kept.
final class CloseWatch {
  var onChange: (() -> Void)?
  private let releases: ReleaseWatch
  private let number: Int32

  /// Watches an open file, by its inode; nil at the limits of the user, where the timer has to do.
  init?(of file: Int32, _ releases: ReleaseWatch?) {
    guard let releases, let number = releases.watch(file) else { return nil }
    self.releases = releases
    self.number = number
    releases.add(self, number)
  }

  deinit { releases.remove(self, number) }
}

/// Tells who waits for archives that it is worth to look again.
final class ReleaseWatch {
  private let queue: InotifyQueue
  private var signals: SignalSource?
  /// By number; several may watch one file.
  private var watches: [Int32: [Watcher]] = [:]
  /// Those that have a lease, or had one until it was broken; few, as leases are short.
  private var leased: [ObjectIdentifier: Entry] = [:]

  /// A hold, without keeping it.
  private final class Entry {
    weak var hold: LinuxLeasedFile?
    let identity: ObjectIdentifier

    init(_ hold: LinuxLeasedFile) {
      self.hold = hold
      self.identity = ObjectIdentifier(hold)
    }
  }

  /// A watch, without keeping it.
  private struct Watcher {
    weak var watch: CloseWatch?
    let identity: ObjectIdentifier
  }

  /// nil where inotify_init1(2) or signalfd(2) fails: then the timer has to do.
  init?(on driver: EpollDriver) {
    guard let queue = try? InotifyQueue(on: driver) else { return nil }
    self.queue = queue
    queue.onEvents = { [weak self] in self?.take($0) }
    // SIGIO does not say whose lease is broken where several break at once: everybody who has one looks.
    signals = try? SignalSource([SIGIO], on: driver) { [weak self] _ in self?.reportLeased() }
    if signals == nil { return nil }
  }

  /// A watch on an open file, by its inode; the same number for the same file.
  fileprivate func watch(_ file: Int32) -> Int32? {
    try? queue.watch("/proc/self/fd/\(file)", UInt32(IN_CLOSE_WRITE))
  }

  fileprivate func add(_ watch: CloseWatch, _ number: Int32) {
    watches[number, default: []].append(Watcher(watch: watch, identity: ObjectIdentifier(watch)))
  }

  /// The kernel's watch ends with the last of those that share it.
  fileprivate func remove(_ watch: CloseWatch, _ number: Int32) {
    watches[number]?.removeAll { $0.identity == ObjectIdentifier(watch) }
    guard watches[number]?.isEmpty == true else { return }
    watches[number] = nil
    queue.unwatch(number)
  }

  /// The hold has a lease, of whose breaking it is told, whether it has a watch or not.
  func noteLease(of hold: LinuxLeasedFile) { leased[ObjectIdentifier(hold)] = Entry(hold) }

  /// The hold has none any more.
  func forgetLease(of hold: LinuxLeasedFile) { leased[ObjectIdentifier(hold)] = nil }

  private func reportLeased() {
    for entry in leased.values {
      if let hold = entry.hold, !hold.isLeased { hold.onChange?() }
    }
  }

  private func tellAll() {
    for watcher in watches.values.joined() { watcher.watch?.onChange?() }
  }

  private func take(_ events: [InotifyEvents.Event]) {
    let changed = Set(events.map(\.watch))
    if changed.contains(-1) { return tellAll() }
    for watch in changed {
      // The last event of a watch comes when it is no more.
      for watcher in watches[watch] ?? [] { watcher.watch?.onChange?() }
    }
  }
}
