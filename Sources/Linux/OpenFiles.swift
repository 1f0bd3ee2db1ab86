internal import Daemon
internal import Glibc

/// Who has a file open, as /proc shows it (proc(5), /proc/PID/fd and fdinfo).
enum OpenFiles {
  /// Descriptors that are looked at, at some microseconds each, before one gives up.
  private static let mostDescriptors = 20_000
  /// Processes that are named.
  private static let mostNamed = 3

  /// The processes but our own that have the file open, for writing or at all: `pid 4711 (app)`. Those of other users are
  /// seen by root alone, and a mapping without a descriptor by nobody.
  static func processes(device: dev_t, inode: ino_t, thatWrite: Bool) -> [String] {
    var found: [String] = []
    var left = mostDescriptors
    let own = "\(getpid())"
    for process in numbers(in: "/proc") where process != own {
      for descriptor in numbers(in: "/proc/\(process)/fd") {
        left -= 1
        var status = stat()
        guard unsafe stat("/proc/\(process)/fd/\(descriptor)", &status) == 0 else { continue }
        guard status.st_dev == device, status.st_ino == inode else { continue }
        guard !thatWrite || isWritable(process, descriptor) else { continue }
        found.append("pid \(process) (\(name(of: process)))")
        break
      }
      if left <= 0 || found.count == mostNamed { break }
    }
    return found
  }

  /// A file, wherever its names are.
  struct Identity: Hashable {
    var device: dev_t
    var inode: ino_t
  }

  /// Every regular file that a process other than this one has open for writing without O_APPEND.
  static func offsetWritten() -> Set<Identity> {
    var found: Set<Identity> = []
    var left = mostDescriptors
    let own = "\(getpid())"
    for process in numbers(in: "/proc") where process != own {
      for descriptor in numbers(in: "/proc/\(process)/fd") {
        left -= 1
        var status = stat()
        guard unsafe stat("/proc/\(process)/fd/\(descriptor)", &status) == 0, status.st_mode & S_IFMT == S_IFREG,
          let flags = flags(process, descriptor), flags & O_ACCMODE != O_RDONLY, flags & O_APPEND == 0
        else { continue }
        found.insert(Identity(device: status.st_dev, inode: status.st_ino))
      }
      if left <= 0 { break }
    }
    return found
  }

  /// In doubt it is.
  private static func isWritable(_ process: String, _ descriptor: String) -> Bool {
    flags(process, descriptor).map { $0 & O_ACCMODE != O_RDONLY } ?? true
  }

  /// What a descriptor was opened with: the third field of a line `flags: 0100001`, in octal; nil when it cannot be read.
  private static func flags(_ process: String, _ descriptor: String) -> Int32? {
    let bytes = head(of: "/proc/\(process)/fdinfo/\(descriptor)")
    for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: "flags:".utf8) {
      let digits = line.dropFirst(6).drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
      return Int32(String(decoding: digits, as: UTF8.self), radix: 8)
    }
    return nil
  }

  /// The first bytes of a file, in one read; thousands of them are read in a row.
  private static func head(of path: String) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    return unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = max(0, unsafe read(file, buffer.baseAddress, buffer.count))
    }
  }

  private static func name(of process: String) -> String {
    let bytes = (try? FileContent.read("/proc/\(process)/comm", limit: 4096)) ?? Array("?".utf8)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The names in a directory that are decimal numbers.
  private static func numbers(in path: String) -> [String] {
    let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return [] }
    defer { close(directory) }
    let entries = (try? DirectoryReader.read(directory)) ?? []
    return entries.map(\.name).filter { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
