internal import CLinux
package import EventLoop
internal import Glibc
package import Rotation
internal import Timekeeping

/// Sees that /etc/localtime was set to another zone, by a watch on its directory (inotify(7)), since setting it
/// replaces a symbolic link.
///
/// What it does not see, a reload finds: new tzdata under the same name, and a file that is mounted over another.
package final class ZoneWatch {
  private static let changes = [
    IN_CREATE, IN_DELETE, IN_MOVED_TO, IN_MOVED_FROM, IN_CLOSE_WRITE, IN_ONLYDIR,
  ].reduce(0) { $0 | UInt32($1) }

  private let driver: EpollDriver
  private let source: Descriptor

  /// Calls the handler, between passes of the loop, whenever the name may stand for another zone.
  ///
  /// Throws what inotify_init1(2) and inotify_add_watch(2) give: EMFILE and ENOSPC at the limits of the user.
  package init(
    directory: FilePath = "/etc", name: FileName = "localtime", on driver: EpollDriver, handler: @escaping () -> Void
  ) throws(SystemCallError) {
    let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    guard number >= 0 else { throw SystemCallError("inotify_init1") }
    self.driver = driver
    self.source = Descriptor(owning: number)
    do throws(Errno) {
      _ = try unsafe callWithPath(directory) { unsafe inotify_add_watch(number, $0, Self.changes) }
    } catch {
      throw SystemCallError("inotify_add_watch", code: error.code)
    }
    let wanted = name.bytes
    try driver.watch(number, events: EPOLLIN.rawValue) { _ in
      guard Self.names(wanted, in: number) else { return }
      // For the times of day that libc writes at a terminal.
      tzset()
      handler()
    }
  }

  deinit {
    driver.unwatch(source.number)
  }

  /// Takes all events; whether one of them is about the name, or may have been.
  private static func names(_ wanted: [UInt8], in source: Int32) -> Bool {
    var isNamed = false
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = unsafe read(source, &buffer, buffer.count), count > 0 {
      for event in InotifyEvents(buffer[..<count])
      where event.name.elementsEqual(wanted) || event.mask & UInt32(IN_Q_OVERFLOW) != 0 { isNamed = true }
    }
    return isNamed
  }
}
