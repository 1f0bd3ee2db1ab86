internal import CLinux
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// A file that holds the number of a process.
///
/// Whoever can write the file chooses the process that the daemon, often root, signals. A file is therefore accepted only if
/// nobody but its owner can write it. A file of root, or of the daemon's own user, names any process. A file of a log's
/// owner names only a process that this user may signal (kill(2)). The file that was opened decides, not the directory:
/// many services have a directory of their own for the pidfile that root writes.
enum PidFile {
  /// A pidfile has a number and perhaps a newline.
  private static let longest = 64
  /// How much later than its pidfile was written a process may seem to have started: its start is known to a
  /// hundredth of a second, and both clocks may have been set apart since by a little.
  private static let tolerance = Span.seconds(2)
  /// A refusal names so many users at most.
  private static let mostNamed = 5

  /// What a pidfile says.
  private struct Content {
    var process: pid_t
    var written: WallTime
    /// The user whose processes alone it can name; nil for a file that can name any.
    var user: uid_t?
  }

  /// Sends a signal to the process of the file.
  ///
  /// ESRCH: no such process, or one that has started after the file was written, and so has the number by chance.
  /// `users` are the owners of the logs; beside them only root and the daemon's user may own the file.
  static func signal(_ path: FilePath, _ signal: Int32, ofOwners users: Set<UInt32>) throws(SignalFailure) {
    let process = try read(path, users).process
    let number = linux_pidfd_open(process)
    // EINVAL: the number of a thread.
    guard number >= 0 else { throw errno == EINVAL ? .noNumber : .system(Errno(errno)) }
    let descriptor = Descriptor(owning: number)
    // From here on the descriptor names one process; was it the one that the file means?
    let content = try read(path, users)
    guard content.process == process else { throw .system(.noProcess) }
    if let started = started(process), started > content.written + tolerance { throw .system(.noProcess) }
    // The number may be another process's by now. The signal then reaches nobody: the descriptor's process has ended.
    if let user = content.user, try !Self.users(of: process).contains(user) {
      throw .refused("process \(process) does not belong to user \(user), who owns \(path.printable)")
    }
    let result = linux_pidfd_send_signal(descriptor.number, signal)
    guard result >= 0 else { throw .system(Errno(errno)) }
  }

  /// Reads a file that is accepted.
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

  /// Opens a file whose name is no symbolic link. Links on the way are followed where `ComponentWalk` does.
  private static func open(_ path: FilePath) throws(SignalFailure) -> Int32 {
    let (above, name) = path.split
    let parent: Int32
    do throws(Errno) {
      parent = try ComponentWalk.openDirectory(above, forReading: false).descriptor
    } catch .symbolicLink {
      throw .refused(
        "\(above.printable) has a symbolic link in it that not only root can change: name the directory it leads to")
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
      throw .refused("\(path.printable) is a symbolic link: name \(place) instead, if that is the pidfile")
    } catch {
      throw .system(error)
    }
  }

  /// Checks a file, and gives the user whose processes alone it can name; nil for any process.
  ///
  /// A hard link can put the pidfile of another service under this name, so a second name is refused. The owner of the
  /// directory can still rename files of root that are in it. Root has put them there, in the hands of that user.
  private static func owner(
    of status: stat, _ path: FilePath, _ users: Set<UInt32>
  ) throws(SignalFailure) -> uid_t? {
    let path = path.printable
    guard status.st_mode & S_IFMT == S_IFREG else { throw .refused("\(path) is not a regular file") }
    guard status.st_nlink == 1 else {
      throw .refused("\(path) has \(status.st_nlink) hard links, and a pidfile has one name alone")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      let mode = String(status.st_mode & 0o7777, radix: 8)
      throw .refused("\(path) can be written by others than its owner (mode 0\(mode))")
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

  /// The real and the saved user of a process: those who may signal it (kill(2)).
  private static func users(of process: pid_t) throws(SignalFailure) -> Set<uid_t> {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try FileContent.read("/proc/\(process)/status", limit: 1 << 20)
    } catch {
      throw .system(error == .noEntry ? .noProcess : error)
    }
    // The command's name, in the first line, has its newlines written as `\n`.
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let line = lines.first(where: { $0.starts(with: "Uid:".utf8) }) else { throw .system(.io) }
    // Real, effective, saved and file system's (proc_pid_status(5)).
    let fields = line.dropFirst(4).split(separator: UInt8(ascii: "\t"))
    let users = fields.compactMap { uid_t(String(decoding: $0, as: UTF8.self)) }
    guard users.count == 4 else { throw .system(.io) }
    return [users[0], users[2]]
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
    let sinceBoot = Span(nanoseconds: ticks.saturatingMultiply(1_000_000_000 / max(1, perSecond)))
    return SystemClock.wall - Span(nanoseconds: SystemClock.monotonic.nanoseconds) + sinceBoot
  }
}
