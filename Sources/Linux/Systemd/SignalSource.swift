internal import CLinux
package import EventLoop
internal import Glibc
internal import Rotation

/// Signals as events of the loop (signalfd(2)): they interrupt nothing, and equal ones are merged.
///
/// They are blocked on the calling thread, which is the only one of the daemon. SIGPIPE is ignored in the whole
/// process, because a closed pipe is an error of write(2) here. A child inherits both unless its spawn resets them.
package final class SignalSource {
  /// Signals that are read at a time.
  private static let atOnce = 8

  private let driver: EpollDriver
  private let source: Descriptor
  private let previousMask: sigset_t

  /// Blocks signals until a source takes them: a program calls this first, since each of them would end it. Errors of
  /// writes that are signals by default (SIGPIPE, SIGXFSZ) become only an errno.
  package static func hold(_ signals: [Int32]) {
    var mask = set(of: signals)
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    // A closed pipe, and a limit on file sizes, are errors of the write (EPIPE, EFBIG), not the end of the daemon.
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Unblocks signals: they have their normal effect again, and pending ones at once.
  package static func release(_ signals: [Int32]) {
    var mask = set(of: signals)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// A descriptor that is readable while one of these blocked signals is pending (signalfd(2)).
  static func descriptor(of signals: [Int32]) throws(Errno) -> Descriptor {
    var mask = set(of: signals)
    let number = unsafe signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard number >= 0 else { throw Errno(errno) }
    return Descriptor(owning: number)
  }

  private static func set(of signals: [Int32]) -> sigset_t {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for number in signals { unsafe sigaddset(&mask, number) }
    return mask
  }

  /// Calls the handler with each signal that arrives, between passes of the loop.
  package init(
    _ signals: [Int32], on driver: EpollDriver, handler: @escaping (_ signal: Int32) -> Void
  ) throws(SystemCallError) {
    var previous = sigset_t()
    unsafe pthread_sigmask(SIG_BLOCK, nil, &previous)
    // Before the descriptor exists: a signal in between waits for it.
    Self.hold(signals)
    do throws(Errno) {
      self.source = try Self.descriptor(of: signals)
    } catch {
      unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
      throw SystemCallError("signalfd", code: error.code)
    }
    let number = source.number
    self.driver = driver
    self.previousMask = previous
    try driver.watch(number, events: EPOLLIN.rawValue) { _ in Self.deliver(from: number, to: handler) }
  }

  deinit {
    driver.unwatch(source.number)
    var mask = previousMask
    unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  private static func deliver(from source: Int32, to handler: (Int32) -> Void) {
    let size = MemoryLayout<signalfd_siginfo>.size
    // One read takes all that wait. If there are more, the watch reports them again.
    unsafe withUnsafeTemporaryAllocation(of: signalfd_siginfo.self, capacity: atOnce) { records in
      let bytes = unsafe read(source, records.baseAddress, atOnce * size)
      for index in 0..<(max(bytes, 0) / size) { handler(Int32(unsafe records[index].ssi_signo)) }
    }
  }
}
