internal import Daemon
internal import Glibc
internal import Rotation

/// Who has a file open, as /proc shows it (proc(5), /proc/PID/fd and fdinfo).
enum OpenFiles {
  /// Descriptors that are looked at, at some microseconds each, before one gives up.
  private static let mostDescriptors = 20_000
  /// Processes that are named.
  static let mostNamed = 3

  /// A file, wherever its names are.
  struct Identity: Hashable {
    var device: dev_t
    var inode: ino_t

    init(_ status: stat) {
      (device, inode) = (status.st_dev, status.st_ino)
    }

    /// That of an open file; nil when it cannot be asked.
    init?(of descriptor: Int32) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { return nil }
      self.init(status)
    }
  }

  /// The processes but our own that have a file open: `pid 4711 (app)`. Those of other users are seen by root alone.
  static func processes(of file: Identity) -> [String] {
    var found: [String] = []
    var last = ""
    look { process, _, status in
      if Identity(status) == file, last != process {
        last = process
        if let text = text(of: process) { found.append(text) }
      }
      return found.count < mostNamed
    }
    return found
  }

  /// Who writes to a file.
  struct Writers {
    /// Some of them.
    var processes: [String] = []
    /// Whether one writes without O_APPEND.
    var hasOffset = false
  }

  /// Every regular file that a process other than this one has open for writing.
  static func writers() -> [Identity: Writers] {
    var found: [Identity: Writers] = [:]
    var last: (process: String, text: String?) = ("", nil)
    look { process, descriptor, status in
      guard status.st_mode & S_IFMT == S_IFREG else { return true }
      // In doubt it is a writer, of the harmless kind.
      let flags = flags(process, descriptor) ?? O_WRONLY | O_APPEND
      guard flags & O_ACCMODE != O_RDONLY else { return true }
      if last.process != process { last = (process, text(of: process)) }
      guard let text = last.text else { return true }
      var writers = found[Identity(status)] ?? Writers()
      if writers.processes.count < mostNamed, writers.processes.last != text { writers.processes.append(text) }
      if flags & O_APPEND == 0 { writers.hasOffset = true }
      found[Identity(status)] = writers
      return true
    }
    return found
  }

  /// Shows every descriptor of the other processes, until it is told false.
  private static func look(_ show: (_ process: String, _ descriptor: String, stat) -> Bool) {
    var left = mostDescriptors
    let own = "\(getpid())"
    for process in numbers(in: "/proc") where process != own {
      for descriptor in numbers(in: "/proc/\(process)/fd") {
        left -= 1
        var status = stat()
        guard unsafe stat("/proc/\(process)/fd/\(descriptor)", &status) == 0 else { continue }
        guard show(process, descriptor, status) else { return }
      }
      if left <= 0 { return }
    }
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

  /// A process by its number and its name; nil when it has ended, and so holds nothing.
  static func text(of process: String) -> String? {
    guard let bytes = try? FileContent.read("/proc/\(process)/comm", limit: 4096) else { return nil }
    return "pid \(process) (" + String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) + ")"
  }

  /// The names in a directory that are decimal numbers.
  static func numbers(in path: String) -> [String] {
    let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return [] }
    defer { close(directory) }
    let entries = (try? DirectoryReader.read(directory)) ?? []
    return entries.map { String(decoding: $0.name.bytes, as: UTF8.self) }.filter {
      $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}
