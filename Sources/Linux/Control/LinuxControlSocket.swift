internal import CLinux
package import Daemon
package import EventLoop
internal import Glibc
package import Rotation

/// The listening socket of the control server (unix(7)), for root, the daemon's user, and the group of its directory.
///
/// A lock on a file beside it (flock(2)) says who listens. So a socket that a crash has left is told from one that is in use, and is
/// replaced without a moment in which two daemons would do so.
package final class LinuxControlSocket: ControlSocket {
  package var onClient: (() -> Void)?
  private let driver: EpollDriver
  private let path: FilePath
  private let lock: Descriptor
  private let listener: Descriptor
  private var isOpen = true

  /// Why nobody can connect, as the end of a sentence.
  package struct Unusable: Error {
    package var reason: String
  }

  /// Listens at a path; a directory that is missing is made.
  package init(_ path: FilePath, on driver: EpollDriver) throws(Unusable) {
    self.driver = driver
    self.path = path
    do throws(Errno) {
      let directory = path.split.directory
      _ = try? unsafe callWithPath(directory) { unsafe mkdir($0, 0o755) }
      lock = Descriptor(
        owning: try unsafe callWithPath(FilePath("\(path).lock")) {
          unsafe open($0, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        })
      guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else { throw Errno(errno) }
      listener = try Self.listen(at: path, in: directory)
    } catch {
      throw Unusable(reason: error == .again ? "another daemon listens there" : "\(error)")
    }
    do throws(SystemCallError) {
      // Told once for each client, and not again and again while none can be let in.
      let events = EPOLLIN.rawValue | EPOLLET.rawValue
      try driver.watch(listener.number, events: events) { [weak self] _ in self?.onClient?() }
    } catch {
      throw Unusable(reason: "\(error)")
    }
    VarlinkRegistry.add(path)
  }

  deinit { close() }

  package func accept() -> ControlAccept {
    guard isOpen else { return .nobody }
    let number = linux_accept(listener.number)
    guard number >= 0 else {
      let code = errno
      return [EAGAIN, ECONNABORTED, EINTR].contains(code) ? .nobody : .failed(Errno(code))
    }
    do throws(SystemCallError) {
      return .client(try LinuxControlConnection(Descriptor(owning: number), on: driver))
    } catch {
      return .failed(Errno(error.code))
    }
  }

  package func close() {
    guard isOpen else { return }
    isOpen = false
    driver.unwatch(listener.number)
    VarlinkRegistry.remove(path)
    // The lock is still held: the name is ours.
    _ = try? unsafe callWithPath(path) { unsafe unlink($0) }
    shutdown(listener.number, Int32(SHUT_RDWR))
  }

  /// A socket that is bound, with its mode, and listens.
  private static func listen(at path: FilePath, in directory: FilePath) throws(Errno) -> Descriptor {
    guard var address = address(path) else { throw .nameTooLong }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    var status = stat()
    _ = try unsafe callWithPath(directory) { unsafe stat($0, &status) }
    let group = status.st_gid
    // What is not a socket is not ours to remove.
    if (try? unsafe callWithPath(path) { unsafe lstat($0, &status) }) != nil, status.st_mode & S_IFMT == S_IFSOCK {
      _ = try unsafe callWithPath(path) { unsafe unlink($0) }
    }
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let made = Descriptor(owning: try check(socket(AF_UNIX, kind, 0)))
    // Nobody else can connect before it has its mode.
    let mask = umask(0o177)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(made.number, $0, length) }
    }
    let code = errno
    umask(mask)
    guard result == 0 else { throw Errno(code) }
    if group != 0 { _ = try? unsafe callWithPath(path) { unsafe lchown($0, uid_t.max, group) } }
    _ = try unsafe callWithPath(path) { unsafe chmod($0, 0o660) }
    _ = try check(Glibc.listen(made.number, SOMAXCONN))
    return made
  }

  private static func address(_ path: FilePath) -> sockaddr_un? {
    var address = sockaddr_un()
    guard path.bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.bytes) }
    return address
  }
}

/// Where tools look for services by their interfaces, if the system has that: a link for each.
enum VarlinkRegistry {
  private static let link: FilePath = "/run/varlink/registry/org.rotated.Manager"

  /// Adds a socket, for root alone; a link that leads to another socket stays.
  static func add(_ path: FilePath) {
    guard geteuid() == 0, target == nil || target == path else { return }
    _ = unsafe path.withCString { target in unsafe link.withCString { unsafe symlink(target, $0) } }
  }

  /// Removes the link if it leads to this socket.
  static func remove(_ path: FilePath) {
    guard geteuid() == 0, target == path else { return }
    _ = try? unsafe callWithPath(link) { unsafe unlink($0) }
  }

  private static var target: FilePath? {
    var buffer = [CChar](repeating: 0, count: Limits.maxPathBytes + 1)
    let count = unsafe link.withCString { unsafe readlink($0, &buffer, buffer.count) }
    return count > 0 ? FilePath(buffer.prefix(count).map { UInt8(bitPattern: $0) }) : nil
  }
}
