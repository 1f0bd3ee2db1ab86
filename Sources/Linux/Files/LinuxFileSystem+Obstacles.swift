internal import CLinux
internal import EventLoop
internal import Glibc
package import Rotation

// The cause of an error, for messages: an error number alone makes an administrator search.

extension LinuxFileSystem {
  package func obstacle(_ errno: Errno, at path: FilePath) -> String? {
    switch errno {
    case .symbolicLink: Self.refusedLink(in: path)
    case .notPermitted: Self.flag(at: path)
    case .busy where Self.attributes(of: path) & linux_attribute_mount_root != 0:
      "a file system is mounted over \(path)"
    default: nil
    }
  }

  /// The first symbolic link of a path that is not followed, with its target and the path to write instead.
  private static func refusedLink(in path: FilePath) -> String? {
    let names = ComponentWalk.components(of: path)
    var reached: FilePath = "/"
    for (index, name) in names.enumerated() {
      let above = reached
      reached = reached.appending(name)
      guard let (directory, _) = try? ComponentWalk.openDirectory(above) else { return nil }
      let parent = Descriptor(owning: directory)
      var status = linux_status()
      guard (try? unsafe callWithPath(name) { unsafe linux_status_at(parent.number, $0, &status) }) != nil,
        status.mode & UInt32(S_IFMT) == UInt32(S_IFLNK), let link = try? LinkStatus.read(name, in: parent.number)
      else { continue }
      var walk = ComponentWalk()
      if let last = try? walk.open(name, in: parent.number, isLast: false) {
        _ = close(last)
        continue
      }
      let rest = names[(index + 1)...].map { "/\($0)" }.joined()
      let why =
        link.isTrusted
        ? "leads to another link that other users can change, or to too many links"
        : "is not followed, as users other than root and the daemon's own can change it or a directory above it"
      let instead = RealPath.resolve(reached).map { "; write \($0)\(rest) instead" } ?? ""
      return "the link \(reached) to \(link.target) \(why)\(instead)"
    }
    return nil
  }

  /// The flags that chattr(1) has set on a file or on its directory.
  private static func flag(at path: FilePath) -> String? {
    for path in [path, path.split.directory] {
      let attributes = attributes(of: path)
      if attributes & linux_attribute_immutable != 0 {
        return "\(path) is immutable; `chattr -i` allows changes"
      }
      if attributes & linux_attribute_append != 0 {
        return "\(path) is append-only; `chattr -a` allows other changes"
      }
    }
    return nil
  }

  static func attributes(of path: FilePath) -> UInt64 {
    var attributes: UInt64 = 0
    let isKnown = (try? unsafe callWithPath(path) { unsafe linux_attributes_at($0, &attributes) }) != nil
    return isKnown ? attributes : 0
  }
}

/// Paths without symbolic links.
enum RealPath {
  /// The path of an open directory; nil if it is unknown.
  static func of(_ directory: Int32) -> FilePath? { resolve("/proc/self/fd/\(directory)") }

  /// realpath(3).
  static func resolve(_ path: FilePath) -> FilePath? {
    guard !path.bytes.contains(0), let text = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
    defer { unsafe free(text) }
    return unsafe FilePath(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }
}
