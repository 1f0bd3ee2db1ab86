internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

// When has every writer closed a file? A read lease (fcntl(2), F_SETLEASE) is refused while any process has the file
// open for writing, and granted if none has. While it is held, a process that opens the file for writing waits, and the
// daemon gets a signal. inotify(7) reports when to ask again, but its IN_CLOSE_WRITE comes a moment before the count of
// writers drops: so the next tries follow by timer.

/// Reports when a writer closes a file, whether the file is open here or not, as long as the watch is kept.
final class CloseWatch {
  var onChange: (() -> Void)?
  private let releases: ReleaseWatch
  private let number: Int32

  /// Watches an open file, by its inode; nil at the limits of the user, where only the timer is left.
  init?(of file: Int32, _ releases: ReleaseWatch?) {
    guard let releases, let number = releases.watch(file) else { return nil }
    self.releases = releases
    self.number = number
    releases.add(self, number)
  }

  deinit { releases.remove(self, number) }
}

/// Notifies the open archives and the watches when a new check makes sense.
final class ReleaseWatch {
  private let queue: InotifyQueue
  private var signals: SignalSource?
  /// By number; several may watch one file.
  private var watches: [Int32: [Watcher]] = [:]
  /// Files that have a lease, or had one until it was broken; few, because leases are short.
  private var leased: [ObjectIdentifier: Entry] = [:]

  /// A weak reference to a file.
  private final class Entry {
    weak var hold: LinuxLeasedFile?
    let identity: ObjectIdentifier

    init(_ hold: LinuxLeasedFile) {
      self.hold = hold
      self.identity = ObjectIdentifier(hold)
    }
  }

  /// A weak reference to a watch.
  private struct Watcher {
    weak var watch: CloseWatch?
    let identity: ObjectIdentifier
  }

  /// nil if inotify_init1(2) or signalfd(2) fails: then only the timer is left.
  init?(on driver: EpollDriver) {
    guard let queue = try? InotifyQueue(on: driver) else { return nil }
    self.queue = queue
    queue.onEvents = { [weak self] in self?.take($0) }
    // SIGIO does not say whose lease is broken when several break at once: all files with a lease are checked.
    signals = try? SignalSource([SIGIO], on: driver) { [weak self] _ in self?.reportLeased() }
    if signals == nil { return nil }
  }

  /// Watches an open file, by its inode; one file always has one number.
  fileprivate func watch(_ file: Int32) -> Int32? {
    try? queue.watch("/proc/self/fd/\(file)", UInt32(IN_CLOSE_WRITE))
  }

  fileprivate func add(_ watch: CloseWatch, _ number: Int32) {
    watches[number, default: []].append(Watcher(watch: watch, identity: ObjectIdentifier(watch)))
  }

  /// The kernel's watch ends with the last of the watches that share it.
  fileprivate func remove(_ watch: CloseWatch, _ number: Int32) {
    watches[number]?.removeAll { $0.identity == ObjectIdentifier(watch) }
    guard watches[number]?.isEmpty == true else { return }
    watches[number] = nil
    queue.unwatch(number)
  }

  /// Records that the file has a lease, so that its breaking is reported, with or without a watch.
  func noteLease(of hold: LinuxLeasedFile) { leased[ObjectIdentifier(hold)] = Entry(hold) }

  /// Records that the file has no lease any more.
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
      // The last event of a watch arrives after its end.
      for watcher in watches[watch] ?? [] { watcher.watch?.onChange?() }
    }
  }
}
