internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// A file that contains the number of a process.
///
/// Whoever can write the file chooses the process that the daemon, often root, signals. So a file is accepted only if
/// nobody but its owner can write it. A file of root, or of the daemon's own user, may name any process. A file of a
/// log's owner may only name a process that this user may signal (kill(2)). The owner of the opened file decides, not
/// that of the directory: many services own the directory of the pidfile that root writes.
enum PidFile {
  /// A pidfile has a number and perhaps a newline.
  private static let longest = 64
  /// How much later than its pidfile was written a process may seem to have started: its start is known to a hundredth
  /// of a second, and the clocks may have been adjusted slightly since.
  private static let tolerance = Span.seconds(2)
  /// The most users that a refusal names.
  private static let mostNamed = 5

  /// The content of a pidfile.
  private struct Content {
    var process: pid_t
    var written: WallTime
    /// The user to whom its process must belong; nil for a file that may name any process.
    var user: uid_t?
  }

  /// Sends a signal to the process that the file names.
  ///
  /// ESRCH: there is no such process, or it has started after the file was written, and so reuses the number. `users`
  /// are the owners of the logs; apart from them, only root and the daemon's user may own the file.
  static func signal(_ path: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>) throws(SignalFailure) {
    let process = try read(path, users).process
    let number = linux_pidfd_open(process)
    // EINVAL: it is the number of a thread.
    guard number >= 0 else { throw errno == EINVAL ? .noNumber : .system(Errno(errno)) }
    let descriptor = Descriptor(owning: number)
    // From here on the descriptor names one process; check that it is the one in the file.
    let content = try read(path, users)
    guard content.process == process else { throw .system(.noProcess) }
    if let started = started(process), started > content.written + tolerance { throw .system(.noProcess) }
    // The number may be another process's by now. Then the signal reaches nobody, because the descriptor's process has
    // ended.
    if let user = content.user, try !Self.users(of: process).contains(user) {
      throw .refused("process \(process) does not belong to user \(user), who owns \(path.printable)")
    }
    let result = linux_pidfd_send_signal(descriptor.number, signal)
    guard result >= 0 else { throw .system(Errno(errno)) }
  }

  /// Reads a file, if it is accepted.
  private static func read(_ path: FilePath, _ users: Set<UInt32>) throws(SignalFailure) -> Content {
    let file = Descriptor(owning: try open(path))
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else { throw .system(Errno(errno)) }
    let user = try owner(of: status, path, users)
    var bytes = [UInt8](repeating: 0, count: longest)
    let count = unsafe Glibc.read(file.number, &bytes, bytes.count)
    guard count >= 0 else { throw .system(Errno(errno)) }
    let digits = bytes[..<count].drop { $0 == 0x20 }.prefix { (0x30...0x39).contains($0) }
    guard let process = pid_t(String(decoding: digits, as: UTF8.self)), process > 1 else { throw .noNumber }
    return Content(process: process, written: WallTime(status.st_mtim), user: user)
  }

  /// Opens a file whose name is no symbolic link. Links in the path are followed as by `ComponentWalk`.
  private static func open(_ path: FilePath) throws(SignalFailure) -> Int32 {
    let (above, name) = path.split
    let parent: Int32
    do throws(Errno) {
      parent = try ComponentWalk.openDirectory(above, forReading: false).descriptor
    } catch .symbolicLink {
      throw .refused(
        "\(above.printable) contains a symbolic link that users other than root can change: write the directory it leads to"
      )
    } catch {
      throw .system(error)
    }
    let directory = Descriptor(owning: parent)
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW
    do throws(Errno) {
      return try unsafe callWithName(name) { unsafe openat(directory.number, $0, flags) }
    } catch .symbolicLink {
      let target = try? LinkStatus.read(name, in: directory.number).target
      let place = target.map { "\(above.resolving($0).printable)" } ?? "the file that it leads to"
      throw .refused("\(path.printable) is a symbolic link: write \(place) instead, if that is the pidfile")
    } catch {
      throw .system(error)
    }
  }

  /// Checks a file. Returns the user to whom its process must belong; nil for any process.
  ///
  /// A hard link can put the pidfile of another service under this name, so a second name is refused. The owner of the
  /// directory can still rename files of root in it: root has given these files into that user's hands.
  private static func owner(
    of status: stat, _ path: FilePath, _ users: Set<UInt32>
  ) throws(SignalFailure) -> uid_t? {
    let path = path.printable
    guard status.st_mode & S_IFMT == S_IFREG else { throw .refused("\(path) is not a regular file") }
    guard status.st_nlink == 1 else {
      throw .refused("\(path) has \(status.st_nlink) hard links; a pidfile must have only one name")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      let mode = String(status.st_mode & 0o7777, radix: 8)
      throw .refused("\(path) is writable by users other than its owner (mode 0\(mode))")
    }
    let owner = status.st_uid
    if owner == 0 || owner == geteuid() { return nil }
    if users.contains(owner) { return owner }
    throw .refused("\(path) belongs to user \(owner) and not to \(expected(users))")
  }

  /// Who may own a pidfile, in words.
  private static func expected(_ users: Set<UInt32>) -> String {
    let own = geteuid()
    let owners = users.subtracting([0, own]).sorted()
    let named = owners.prefix(mostNamed).map(String.init).joined(separator: ", ")
    var expected = ["root"]
    if own != 0 { expected.append("the user of rotated (user \(own))") }
    switch owners.count {
    case 0: break
    case 1: expected.append("the owner of the log (user \(named))")
    case ...mostNamed: expected.append("an owner of the logs (users \(named))")
    default: expected.append("an owner of the logs (users \(named) and \(owners.count - mostNamed) more)")
    }
    return expected.joined(separator: " or ")
  }

  /// The real and the saved user of a process, who may signal it (kill(2)).
  private static func users(of process: pid_t) throws(SignalFailure) -> Set<uid_t> {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try FileContent.read("/proc/\(process)/status", limit: 1 << 20)
    } catch {
      throw .system(error == .noEntry ? .noProcess : error)
    }
    // In the command's name, in the first line, a newline is written as `\n`.
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.first(where: { $0.starts(with: "Uid:".utf8) }) else { throw .system(.io) }
    // Real, effective, saved and file system user (proc_pid_status(5)).
    let fields = line.dropFirst(4).split(separator: UInt8(ascii: "\t"))
    let users = fields.compactMap { uid_t(String(decoding: $0, as: UTF8.self)) }
    guard users.count == 4 else { throw .system(.io) }
    return [users[0], users[2]]
  }

  /// When a process was started, on the wall clock as it is now; nil if that is unknown.
  private static func started(_ process: pid_t) -> WallTime? {
    guard let bytes = try? FileContent.read("/proc/\(process)/stat", limit: 4096),
      // The command's name is in parentheses and may contain any character.
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // The fields from the third on; starttime is the 22nd, in clock ticks since boot (proc(5)).
    let fields = bytes[end...].dropFirst(2).split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let ticks = Int64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    let sinceBoot = Span(nanoseconds: ticks.saturatingMultiply(1_000_000_000 / max(1, perSecond)))
    return SystemClock.wall - Span(nanoseconds: SystemClock.monotonic.nanoseconds) + sinceBoot
  }
}
