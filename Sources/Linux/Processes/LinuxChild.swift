internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// A child process, watched by its pidfd until it has ended.
final class LinuxChild: ChildProcess {
  private let process: pid_t
  private let descriptor: Descriptor
  private let lines: ChildLines
  private let driver: EpollDriver
  private let onLine: (String) -> Void
  /// Released when it is called: its closure may refer to this child, and would keep it and its descriptors for ever.
  private var onEnd: ((ChildEnd) -> Void)?
  private var hasEnded = false
  private var isOverdue = false
  private var timer: Alarm?

  /// Watches a child that was just started. It keeps a reference to itself until the child has ended.
  init(
    _ process: pid_t, _ lines: ChildLines, on driver: EpollDriver, onLine: @escaping (String) -> Void,
    onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) {
    self.process = process
    self.lines = lines
    self.driver = driver
    self.onLine = onLine
    self.onEnd = onEnd
    let number = try check(linux_pidfd_open(process))
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    self.descriptor = Descriptor(owning: number)
    do throws(SystemCallError) {
      try driver.watch(lines.reader, events: EPOLLIN.rawValue) { _ in self.readLines() }
      do throws(SystemCallError) {
        try driver.watch(number, events: EPOLLIN.rawValue) { _ in self.end() }
      } catch {
        driver.unwatch(lines.reader)
        throw error
      }
    } catch {
      throw Errno(error.code)
    }
  }

  func kill() {
    // The number is the child's until it is reaped, which happens only here.
    guard !hasEnded else { return }
    _ = Glibc.kill(-process, SIGKILL)
  }

  /// Kills the child after this time, unless it has ended.
  func limit(to span: Span, on loop: LoopExecutor) {
    let alarm = Alarm(on: loop)
    timer = alarm
    let deadline = loop.now().advanced(by: span)
    loop.start(self) { child in
      guard await alarm.wait(until: .monotonic(deadline)) == .due, !child.hasEnded else { return }
      child.isOverdue = true
      child.kill()
    }
  }

  private func readLines() {
    // The end of the output is not the end of the child, and a pipe that stays readable would keep the loop awake.
    if !lines.read(onLine) { driver.unwatch(lines.reader) }
  }

  private func end() {
    var (code, status): (Int32, Int32) = (0, 0)
    guard !hasEnded, unsafe linux_reap(descriptor.number, &code, &status) > 0 else { return }
    hasEnded = true
    // Later output of a grandchild that still has the pipe open is ignored.
    _ = lines.read(onLine)
    lines.finish(onLine)
    driver.unwatch(lines.reader)
    driver.unwatch(descriptor.number)
    timer?.ring()
    let tell = onEnd
    onEnd = nil
    if isOverdue {
      tell?(.timedOut)
    } else {
      tell?(code == Int32(CLD_EXITED) ? .exited(status) : .killed(signal: status))
    }
  }
}
