internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// Finds who has a file open, in /proc (proc(5), /proc/PID/fd and fdinfo).
enum OpenFiles {
  /// The most descriptors that one call checks; each takes some microseconds. Only messages use the result.
  private static let mostDescriptors = 20_000
  /// The most processes that are named.
  static let mostNamed = 3

  /// The identity of a file, independent of its names.
  struct Identity: Hashable {
    var device: dev_t
    var inode: ino_t

    init(_ status: stat) {
      (device, inode) = (status.st_dev, status.st_ino)
    }

    /// The identity of an open file; nil if fstat(2) fails.
    init?(of descriptor: Int32) {
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { return nil }
      self.init(status)
    }
  }

  /// The other processes that have a file open: `pid 4711 (app)`. Only root sees those of other users.
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

  /// The writers of a file.
  struct Writers {
    /// Some of them.
    var processes: [String] = []
    /// Whether one writes without O_APPEND.
    var hasOffset = false
    /// Whether the flags of some descriptor could not be read.
    var isUncertain = false
  }

  /// Every regular file that a process other than this one has open for writing.
  static func writers() -> [Identity: Writers] {
    var search = WriterSearch(wantsNames: true)
    var left = mostDescriptors
    while left > 0, let count = search.step() { left -= count }
    return search.found
  }

  /// The files that processes have open for writing, as far as the search has come.
  struct WriterSearch {
    private(set) var found: [Identity: Writers] = [:]
    private let walk = DescriptorWalk()
    private let wantsNames: Bool
    private var last: (process: String, text: String?) = ("", nil)

    /// `wantsNames`: whether to read the names of processes, for messages.
    init(wantsNames: Bool) {
      self.wantsNames = wantsNames
    }

    /// Whether nothing was invisible, so that a file that is not in `found` has no writer.
    var isWhole: Bool { walk.isWhole }

    /// Checks some more descriptors, for a millisecond or two. Returns how many; nil at the end.
    mutating func step() -> Int? {
      let seen = walk.next()
      for (process, descriptor, status) in seen ?? [] where status.st_mode & S_IFMT == S_IFREG {
        add(process, descriptor, status)
      }
      return seen?.count
    }

    private mutating func add(_ process: String, _ descriptor: String, _ status: stat) {
      let flags = OpenFiles.state(process, descriptor).flags
      // If the flags are unknown, it counts as a writer.
      if let flags, flags & O_ACCMODE == O_RDONLY { return }
      var writers = found[Identity(status)] ?? Writers()
      if wantsNames {
        if last.process != process { last = (process, OpenFiles.text(of: process)) }
        // The process has ended, and so has nothing open.
        guard let text = last.text else { return }
        if writers.processes.count < mostNamed, writers.processes.last != text { writers.processes.append(text) }
      }
      if let flags {
        if flags & O_APPEND == 0 { writers.hasOffset = true }
      } else {
        writers.isUncertain = true
      }
      found[Identity(status)] = writers
    }
  }

  /// Shows every descriptor of the other processes, until `show` returns false.
  private static func look(_ show: (_ process: String, _ descriptor: String, stat) -> Bool) {
    let walk = DescriptorWalk()
    var left = mostDescriptors
    while left > 0, let seen = walk.next() {
      left -= seen.count
      for (process, descriptor, status) in seen where !show(process, descriptor, status) { return }
    }
  }

  /// The flags of a descriptor, in octal in the file, and its offset in bytes; nil what cannot be read.
  static func state(_ process: String, _ descriptor: String) -> (flags: Int32?, position: Int64?) {
    let bytes = head(of: "/proc/\(process)/fdinfo/\(descriptor)")
    let (flags, position) = (field("flags:", of: bytes).first, field("pos:", of: bytes).first)
    return (flags.flatMap { Int32($0, radix: 8) }, position.flatMap { Int64($0) })
  }

  /// The words of the line that begins with a name, which is left out.
  private static func field(_ name: String, of bytes: [UInt8]) -> [String] {
    let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name.utf8) }
    let words = line?.dropFirst(name.utf8.count).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
    return (words ?? []).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first bytes of a file, in one read, since thousands are read in a row.
  private static func head(of path: String) -> [UInt8] {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard number >= 0 else { return [] }
    let file = Descriptor(owning: number)
    return unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = max(0, unsafe read(file.number, buffer.baseAddress, buffer.count))
    }
  }

  /// A process by number and name; nil if it has ended, and so has nothing open.
  static func text(of process: String) -> String? { name(of: process).map { "pid \(process) (\($0))" } }

  /// The name of a process; nil if it has ended.
  static func name(of process: String) -> String? {
    let bytes = head(of: "/proc/\(process)/comm")
    return bytes.isEmpty ? nil : String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// The effective user of a process: the second number of the line `Uid:` of its status.
  static func user(of process: String) -> Int64? {
    field("Uid:", of: head(of: "/proc/\(process)/status")).dropFirst().first.flatMap { Int64($0) }
  }

  /// The names in a directory that are decimal numbers.
  static func numbers(in path: String) -> [String] {
    let number = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return [] }
    let directory = Descriptor(owning: number)
    let entries = (try? DirectoryReader.read(directory.number)) ?? []
    return entries.map { String(decoding: $0.name.bytes, as: UTF8.self) }.filter {
      $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}
