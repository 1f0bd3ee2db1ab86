internal import CLinux
package import Daemon
package import EventLoop
internal import Glibc
package import Rotation

/// Child processes (posix_spawn(3), pidfd_open(2)) and signals to others.
///
/// The end of a child is an event of the loop: nothing waits for it, and SIGCHLD is not used.
package final class LinuxProcesses: ProcessSpawner {
  private let driver: EpollDriver
  private let loop: LoopExecutor

  /// Children of a loop and its driver.
  package init(driver: EpollDriver, loop: LoopExecutor) {
    self.driver = driver
    self.loop = loop
  }

  package func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess {
    let lines = try ChildLines()
    let nothing = Descriptor(owning: try check(unsafe open("/dev/null", O_RDWR | O_CLOEXEC)))
    let output = if case .file(let token) = request.output { token } else { lines.writer }
    let process = try spawn(
      request, input: request.input ?? nothing.number, output: output, error: lines.writer)
    lines.closeWriter()
    FileLimit.restore(for: process)
    if request.isBackground { linux_run_in_background(process) }
    let child: LinuxChild
    do throws(Errno) {
      child = try LinuxChild(process, lines, on: driver, onLine: onLine, onEnd: onEnd)
    } catch {
      // A child that cannot be watched must not continue.
      _ = Glibc.kill(-process, SIGKILL)
      var status: Int32 = 0
      _ = unsafe waitpid(process, &status, 0)
      throw error
    }
    if let limit = request.limit { child.limit(to: limit, on: loop) }
    return child
  }

  package func signal(
    pidFile path: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>
  ) throws(SignalFailure) {
    try PidFile.signal(path, signal, ofOwners: users)
  }

  private func spawn(
    _ request: ChildRequest, input: Int32, output: Int32, error: Int32
  ) throws(Errno) -> pid_t {
    var process: pid_t = 0
    let code = unsafe withStrings(request.arguments) { arguments in
      unsafe withStrings(ProcessEnvironment.ofChild(with: request.environment)) { environment in
        unsafe linux_spawn(arguments, environment, input, output, error, &process)
      }
    }
    guard code == 0 else { throw Errno(code) }
    return process
  }
}

/// Calls with the texts as a NULL-terminated array of C strings.
func withStrings<Result>(
  _ texts: [ExactText], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = unsafe texts.map { text in
    unsafe text.withCString { unsafe strdup($0) }
  }
  unsafe pointers.append(nil)
  defer { unsafe pointers.forEach { unsafe free($0) } }
  return unsafe pointers.withUnsafeBufferPointer { buffer in
    guard let start = buffer.baseAddress else { preconditionFailure("An array with a last NULL is not empty.") }
    return unsafe body(start)
  }
}
