package import EventLoop
internal import Glibc
package import Rotation

/// Detects that /etc/localtime was set to another zone, by a watch on its directory (inotify(7)), since setting it
/// replaces a symbolic link.
///
/// It does not detect new tzdata under the same name, or a file that is mounted over another: a reload finds these.
package final class ZoneWatch {
  private static let changes = [
    IN_CREATE, IN_DELETE, IN_MOVED_TO, IN_MOVED_FROM, IN_CLOSE_WRITE, IN_ONLYDIR,
  ].reduce(0) { $0 | UInt32($1) }

  private let queue: InotifyQueue

  /// Calls the handler, between passes of the loop, whenever the name may refer to another zone.
  ///
  /// Throws the errors of inotify_init1(2) and inotify_add_watch(2): EMFILE and ENOSPC at the limits of the user.
  package init(
    directory: FilePath = "/etc", name: FileName = "localtime", on driver: EpollDriver, handler: @escaping () -> Void
  ) throws(Errno) {
    queue = try InotifyQueue(on: driver)
    _ = try queue.watch(directory, Self.changes)
    let wanted = name.bytes
    queue.onEvents = { events in
      let isNamed = events.contains { $0.name.elementsEqual(wanted) || $0.mask & UInt32(IN_Q_OVERFLOW) != 0 }
      guard isNamed else { return }
      // For the times of day that libc writes to a terminal.
      tzset()
      handler()
    }
  }
}
