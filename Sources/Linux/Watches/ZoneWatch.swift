package import EventLoop
internal import Glibc
package import Rotation

/// Sees that /etc/localtime was set to another zone, by a watch on its directory (inotify(7)), since setting it
/// replaces a symbolic link.
///
/// What it does not see, a reload finds: new tzdata under the same name, and a file that is mounted over another.
package final class ZoneWatch {
  private static let changes = [
    IN_CREATE, IN_DELETE, IN_MOVED_TO, IN_MOVED_FROM, IN_CLOSE_WRITE, IN_ONLYDIR,
  ].reduce(0) { $0 | UInt32($1) }

  private let queue: InotifyQueue

  /// Calls the handler, between passes of the loop, whenever the name may stand for another zone.
  ///
  /// Throws what inotify_init1(2) and inotify_add_watch(2) give: EMFILE and ENOSPC at the limits of the user.
  package init(
    directory: FilePath = "/etc", name: FileName = "localtime", on driver: EpollDriver, handler: @escaping () -> Void
  ) throws(Errno) {
    queue = try InotifyQueue(on: driver)
    _ = try queue.watch(directory, Self.changes)
    let wanted = name.bytes
    queue.onEvents = { events in
      let isNamed = events.contains { $0.name.elementsEqual(wanted) || $0.mask & UInt32(IN_Q_OVERFLOW) != 0 }
      guard isNamed else { return }
      // For the times of day that libc writes at a terminal.
      tzset()
      handler()
    }
  }
}
