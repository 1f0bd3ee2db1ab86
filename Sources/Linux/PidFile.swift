internal import CLinux
internal import CSystemd
internal import EventLoop
internal import Glibc
internal import Rotation

/// A file that holds the number of a process.
enum PidFile {
  /// A pidfile has a number and perhaps a newline.
  private static let longest = 64
  /// How much later than its pidfile was written a process may seem to have started: its start is known to a
  /// hundredth of a second, and both clocks may have been set apart since by a little.
  private static let tolerance = Span.seconds(2)

  /// Sends a signal to the process of the file.
  ///
  /// ESRCH: no such process, or one that has started after the file was written, and so has the number by chance.
  /// EINVAL: no number, or 1 and less.
  static func signal(_ path: FilePath, _ signal: Int32) throws(Errno) {
    let (process, written) = try read(path)
    let descriptor = Descriptor(owning: try check(linux_pidfd_open(process)))
    // From here on the descriptor names one process; was it the one that the file means?
    guard try read(path).process == process else { throw Errno(ESRCH) }
    if let started = started(process), started > written + tolerance { throw Errno(ESRCH) }
    _ = try check(linux_pidfd_send_signal(descriptor.number, signal))
  }

  /// The number, and when the file was written.
  private static func read(_ path: FilePath) throws(Errno) -> (process: pid_t, written: WallTime) {
    let file = Descriptor(
      owning: try unsafe callWithPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) })
    var status = stat()
    _ = try check(unsafe fstat(file.number, &status))
    guard status.st_mode & S_IFMT == S_IFREG else { throw .invalid }
    var bytes = [UInt8](repeating: 0, count: longest)
    let count = try check(unsafe Glibc.read(file.number, &bytes, bytes.count))
    let digits = bytes[..<count].drop { $0 == 0x20 }.prefix { (0x30...0x39).contains($0) }
    guard let process = pid_t(String(decoding: digits, as: UTF8.self)), process > 1 else { throw .invalid }
    return (process, WallTime(status.st_mtim))
  }

  /// When a process was started, by the clock as it is now; nil when that is not to be seen.
  private static func started(_ process: pid_t) -> WallTime? {
    guard let bytes = try? FileContent.read("/proc/\(process)/stat", limit: 4096),
      // The command's name stands in parentheses and may hold anything.
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // Fields from the third on; starttime is the 22nd, in clock ticks since boot (proc(5)).
    let fields = bytes[end...].dropFirst(2).split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let ticks = Int64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    var (boot, wall) = (timespec(), timespec())
    unsafe clock_gettime(CLOCK_BOOTTIME, &boot)
    unsafe clock_gettime(CLOCK_REALTIME, &wall)
    let sinceBoot = Span(nanoseconds: ticks.saturatingMultiply(1_000_000_000 / max(1, perSecond)))
    return WallTime(wall) - (WallTime(boot) - WallTime(seconds: 0)) + sinceBoot
  }
}
