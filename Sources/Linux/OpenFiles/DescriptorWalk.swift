internal import CLinux
internal import EventLoop
internal import Glibc

/// Lists every descriptor of the other processes, some at a time (proc(5), /proc/PID/fd). A user may have as many
/// processes and descriptors as the system allows.
final class DescriptorWalk {
  /// The number of a process, the number of its descriptor, and the status of the open file.
  typealias Entry = (process: String, descriptor: String, status: stat)

  /// Bytes of a directory per read: about 170 entries, which take a millisecond to check.
  private static let bytesAtOnce = 4096
  private static let ownNumber = "\(getpid())"

  /// Whether nothing was invisible so far. Only root sees processes of other users (CAP_SYS_PTRACE).
  private(set) var isWhole = true
  private var list: Descriptor?
  private var processes: [String] = []
  private var process = ""
  private var descriptors: Descriptor?

  init() {
    let number = Self.open("/proc")
    list = number < 0 ? nil : Descriptor(owning: number)
    if number < 0 { isWhole = false }
  }

  /// The next entries, sometimes none; nil at the end.
  func next() -> [Entry]? {
    if let directory = descriptors?.number {
      let names = Self.numbers(in: directory)
      if names == nil { note(errno) }
      if names?.isEmpty != false { descriptors = nil }
      return (names ?? []).compactMap(entry)
    }
    if let next = processes.popLast() {
      process = next
      let number = Self.open("/proc/\(next)/fd")
      if number < 0 { note(errno) } else { descriptors = Descriptor(owning: number) }
      return []
    }
    guard let list = list?.number else { return nil }
    guard let names = Self.numbers(in: list) else {
      isWhole = false
      return nil
    }
    guard !names.isEmpty else { return nil }
    processes = names.filter { $0 != Self.ownNumber }
    return []
  }

  private func entry(_ descriptor: String) -> Entry? {
    var status = stat()
    guard unsafe stat("/proc/\(process)/fd/\(descriptor)", &status) == 0 else {
      note(errno)
      return nil
    }
    return (process, descriptor, status)
  }

  /// What has ended meanwhile is not invisible.
  private func note(_ code: Int32) {
    if code != ENOENT, code != ESRCH { isWhole = false }
  }

  private static func open(_ path: String) -> Int32 { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }

  /// The names of a directory's next entries that are decimal numbers (getdents64(2)); none at its end, nil for an
  /// error. Many entries may have no such name, so it reads until it finds some.
  private static func numbers(in directory: Int32) -> [String]? {
    while true {
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: bytesAtOnce) { buffer, filled in
        count = unsafe linux_entries(directory, buffer.baseAddress, buffer.count)
        filled = max(0, count)
      }
      guard count >= 0 else { return nil }
      if bytes.isEmpty { return [] }
      let names = names(in: bytes[...]).filter { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
      if !names.isEmpty { return names }
    }
  }

  /// An entry has inode, offset, length of the entry (16 bits), type, and a name that ends with a NUL.
  private static func names(in bytes: ArraySlice<UInt8>) -> [String] {
    var names: [String] = []
    var rest = bytes
    while rest.count > 19 {
      let start = rest.startIndex
      let length = Int(rest[start + 16]) | Int(rest[start + 17]) << 8
      names.append(String(decoding: rest[(start + 19)...].prefix { $0 != 0 }, as: UTF8.self))
      rest = rest.dropFirst(max(length, 20))
    }
    return names
  }
}
