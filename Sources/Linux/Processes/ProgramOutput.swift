internal import CLinux
internal import EventLoop
internal import Glibc
package import Rotation
package import Timekeeping

/// What another program prints, for a program that waits for it.
package enum ProgramOutput {
  /// What came of a program.
  package enum End: Hashable, Sendable {
    case exited(Int32)
    case killed(Int32)
    /// It has printed nothing for too long, and was killed.
    case silent
    /// No more was wanted, and it was killed.
    case enough
  }

  /// Runs a program and hands over each line that it prints, without its newline and at most so many bytes of it, until one is
  /// enough. Its standard error is that of this program, or is dropped. Errno.noEntry where it is not installed.
  package static func read(
    _ arguments: [ExactText], longestLine: Int, patience: Span, showsErrors: Bool, _ each: ([UInt8]) -> Bool
  ) throws(Errno) -> End {
    let nothing = Descriptor(owning: try check(unsafe open("/dev/null", O_RDWR | O_CLOEXEC)))
    var ends: [Int32] = [0, 0]
    _ = try check(unsafe linux_pipe(&ends))
    let source = Descriptor(owning: ends[0])
    var process: pid_t = 0
    let error = showsErrors ? STDERR_FILENO : nothing.number
    let code = unsafe withStrings(arguments) { arguments in
      unsafe withStrings(ProcessEnvironment.ofChild(with: [:])) { environment in
        unsafe linux_spawn(arguments, environment, nothing.number, ends[1], error, &process)
      }
    }
    _ = close(ends[1])
    guard code == 0 else { throw Errno(code) }
    let early = lines(of: source.number, longestLine, patience, each)
    if early != nil { _ = kill(-process, SIGKILL) }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    return early ?? (status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F))
  }

  /// Reads to the end; what ended it before.
  private static func lines(
    of source: Int32, _ longestLine: Int, _ patience: Span, _ each: ([UInt8]) -> Bool
  ) -> End? {
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var waited = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&waited, 1, Int32(clamping: patience.nanoseconds / 1_000_000))
      if ready == 0 { return .silent }
      let count = ready < 0 ? -1 : unsafe Glibc.read(source, &chunk, chunk.count)
      guard count != 0 else { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        break
      }
      for byte in chunk[..<count] {
        if byte != UInt8(ascii: "\n") {
          if line.count < longestLine { line.append(byte) }
          continue
        }
        guard each(line) else { return .enough }
        line.removeAll(keepingCapacity: true)
      }
    }
    return line.isEmpty || each(line) ? nil : .enough
  }
}
