package import Config
internal import EventLoop
internal import Glibc
package import Rotation

/// The state file of logrotate on disk: locked as logrotate locks it (flock(2)), read, and replaced in one step.
///
/// logrotate locks the file itself, and replaces it at its end. So a lock counts only as long as the file still has its name.
package final class LogrotateStateFile {
  /// How the lock is taken.
  package enum Locking: Sendable {
    /// Not at all.
    case none
    /// If nobody has it.
    case now
    /// When nobody has it any more.
    case waits
  }

  /// Why the file cannot be used: a sentence, for exit code 3.
  package struct Failure: Error, Sendable {
    /// The sentence, in logrotate's words where it has some.
    package var message: String
    /// Whether another process has locked it.
    package var isLocked = false
  }

  private static let newFileMode: mode_t = 0o640

  /// Absolute.
  package let path: FilePath
  /// What it has to say when others may read the file, and so lock it.
  package private(set) var warning: String?
  private var file: Descriptor?

  /// Opens the file, which is made where it is missing, and locks it. With `isRegular` false, nothing is locked or written.
  package init(_ path: FilePath, _ locking: Locking) throws(Failure) {
    self.path = path
    guard locking != .none, isReplaceable else { return }
    while true {
      let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
      let opened: Descriptor
      do throws(Errno) {
        opened = Descriptor(owning: try unsafe callWithPath(path) { unsafe open($0, flags, Self.newFileMode) })
      } catch {
        throw Failure(message: "error opening state file \(path.printable): \(error)")
      }
      var status = stat()
      guard unsafe fstat(opened.number, &status) == 0 else {
        throw Failure(message: "error stat of state file \(path.printable): \(Errno(errno))")
      }
      guard status.st_mode & S_IROTH == 0 else {
        warning =
          "state file \(path.printable) is world-readable and thus can be locked from other unprivileged users. "
          + "Skipping lock acquisition..."
        return
      }
      if flock(opened.number, LOCK_EX | (locking == .now ? LOCK_NB : 0)) != 0 {
        if errno == EINTR { continue }
        guard errno == EWOULDBLOCK else {
          throw Failure(message: "error acquiring lock on state file \(path.printable): \(Errno(errno))")
        }
        throw Failure(
          message: "state file \(path.printable) is already locked\n"
            + "logrotate does not support parallel execution on the same set of logfiles.", isLocked: true)
      }
      // Whoever had the lock has replaced the file.
      var named = stat()
      let isThere = (try? unsafe callWithPath(path) { unsafe lstat($0, &named) }) != nil
      guard isThere, named.st_ino == status.st_ino, named.st_dev == status.st_dev else { continue }
      file = consume opened
      return
    }
  }

  /// Whether the path stands for a regular file or for nothing: a device such as /dev/null is neither locked nor written.
  package var isReplaceable: Bool {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil else { return true }
    return status.st_mode & S_IFMT == S_IFREG
  }

  /// The state, and the lines that cannot be read; an empty state where there is no file.
  package func read() throws(Errno) -> (state: LogrotateState, flaws: [LogrotateState.Flaw]) {
    let file: Descriptor
    do throws(Errno) {
      file = Descriptor(owning: try unsafe callWithPath(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
    } catch {
      guard error == .noEntry else { throw error }
      return (LogrotateState(), [])
    }
    // A line has some sixty bytes: to make room for one after the other takes as long as to read them.
    let size = (try? SmallFile.regularSize(file.number)) ?? 0
    var state = LogrotateState(capacity: min(Int(size), Limits.maxLogrotateStateBytes) / 64)
    var reader = LogrotateState.Reader()
    var length = 0
    // Its whole content need not be in memory beside what it says.
    while case let piece = try FileContent.next(of: file.number, most: 1 << 16), !piece.isEmpty {
      length += piece.count
      guard length <= Limits.maxLogrotateStateBytes else { throw Errno(EFBIG) }
      reader.read(piece) { state.record($0.path, $0.last) }
    }
    reader.end { state.record($0.path, $0.last) }
    return (state, reader.flaws)
  }

  /// Replaces the content: a file beside it is written, brought to disk and renamed. Mode and owner stay, but that others may not
  /// read it; so says logrotate of what it writes.
  package func write(_ bytes: [UInt8]) throws(Errno) {
    guard isReplaceable else { return }
    var former = stat()
    let isThere = (try? unsafe callWithPath(path) { unsafe stat($0, &former) }) != nil
    try SmallFile.write(
      bytes, to: path, mode: isThere ? former.st_mode & 0o7777 & ~mode_t(S_IROTH) : Self.newFileMode,
      owner: isThere && geteuid() == 0 ? (former.st_uid, former.st_gid) : nil)
  }
}
