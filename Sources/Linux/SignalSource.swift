internal import CLinux
package import EventLoop
internal import Glibc

/// Signals as events of the loop (signalfd(2)): they interrupt nothing, and equal ones are merged.
///
/// They are blocked on the calling thread, which is the only one of the daemon. SIGPIPE is ignored in the whole
/// process, as a reader that has gone is an error of write(2) here. A child inherits both unless its spawn resets them.
package final class SignalSource {
  private let driver: EpollDriver
  private let source: Descriptor
  private let previousMask: sigset_t

  /// Calls the handler with each signal that arrives, between passes of the loop.
  package init(
    _ signals: [Int32], on driver: EpollDriver, handler: @escaping (_ signal: Int32) -> Void
  ) throws(SystemCallError) {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for number in signals { unsafe sigaddset(&mask, number) }
    var previous = sigset_t()
    // Before the descriptor is there: a signal in between waits for it.
    unsafe pthread_sigmask(SIG_BLOCK, &mask, &previous)
    _ = signal(SIGPIPE, SIG_IGN)
    // A limit on file sizes is an error of the write (EFBIG), not the end of the daemon.
    _ = signal(SIGXFSZ, SIG_IGN)
    let number = unsafe signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard number >= 0 else {
      let error = SystemCallError("signalfd")
      unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
      throw error
    }
    self.driver = driver
    self.source = Descriptor(owning: number)
    self.previousMask = previous
    try driver.watch(number, events: EPOLLIN.rawValue) { _ in Self.deliver(from: number, to: handler) }
  }

  deinit {
    driver.unwatch(source.number)
    var mask = previousMask
    unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  private static func deliver(from source: Int32, to handler: (Int32) -> Void) {
    var record = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    while unsafe read(source, &record, size) == size { handler(Int32(record.ssi_signo)) }
  }
}
