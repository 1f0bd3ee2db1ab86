internal import CLinux
internal import EventLoop
internal import Glibc
internal import Rotation

/// One queue of inotify(7), whose events are events of the loop.
final class InotifyQueue {
  /// Buffers that are read before the loop gets control; it calls again while there is more.
  private static let buffersAtOnce = 16

  private let driver: EpollDriver
  private let source: Descriptor
  /// Called between passes of the loop with the events, in their order.
  var onEvents: ([InotifyEvents.Event]) -> Void = { _ in }
  private var buffer = [UInt8](repeating: 0, count: 1 << 14)

  /// Throws the error of inotify_init1(2): `Errno.tooManyFiles` at the limits of the user and the process.
  init(on driver: EpollDriver) throws(Errno) {
    self.driver = driver
    self.source = Descriptor(owning: try check(inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))))
    do throws(SystemCallError) {
      try driver.watch(source.number, events: EPOLLIN.rawValue) { [weak self] _ in self?.takeEvents() }
    } catch {
      throw Errno(error.code)
    }
  }

  deinit {
    driver.unwatch(source.number)
  }

  /// Watches the file at a path for the events of a mask, which replaces the mask of an earlier call for the same file.
  /// One file always has one number. `Errno.noSpace` at the limit of the user.
  func watch(_ path: FilePath, _ mask: UInt32) throws(Errno) -> Int32 {
    try unsafe callWithPath(path) { unsafe inotify_add_watch(source.number, $0, mask) }
  }

  /// Ends a watch; no effect on one that has ended.
  func unwatch(_ watch: Int32) { _ = inotify_rm_watch(source.number, watch) }

  private func takeEvents() {
    var found: [InotifyEvents.Event] = []
    for _ in 0..<Self.buffersAtOnce {
      let count = unsafe read(source.number, &buffer, buffer.count)
      guard count > 0 else { break }
      found += InotifyEvents(buffer[..<count])
    }
    if !found.isEmpty { onEvents(found) }
  }
}
