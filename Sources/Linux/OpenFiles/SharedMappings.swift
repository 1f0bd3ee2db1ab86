internal import Daemon
internal import Glibc
internal import Rotation

/// Finds which processes have which file in a shared mapping, in /proc (proc(5), /proc/PID/maps).
enum SharedMappings {
  /// The most bytes of such lists that are read for all processes, at about a millisecond for 100 kB.
  private static let mostBytes = 8 << 20

  /// The processes by device and inode of the file, as the kernel shows them: `fe:01 4711`.
  static func processes() -> [String: [String]] {
    var found: [String: [String]] = [:]
    var left = mostBytes
    let own = "\(getpid())"
    for process in OpenFiles.numbers(in: "/proc") where process != own {
      // For a process that hangs on a disk with its memory locked, reading the list hangs, too.
      guard !hangs(process) else { continue }
      let bytes = (try? FileContent.read("/proc/\(process)/maps", limit: left)) ?? []
      left -= bytes.count
      let keys = Set(lines(of: bytes).compactMap(sharedKey))
      if !keys.isEmpty, let text = OpenFiles.text(of: process) {
        for key in keys where found[key, default: []].count < OpenFiles.mostNamed {
          found[key, default: []].append(text)
        }
      }
      if left <= 0 { break }
    }
    return found
  }

  /// The device and inode that the kernel shows for an open file. On some file systems (btrfs, overlayfs) this is not
  /// the device of fstat(2), so it is read from a mapping of this process.
  static func key(of file: Int32) -> String? {
    let length = 1
    guard let mapping = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, file, 0), unsafe mapping != MAP_FAILED else {
      return nil
    }
    defer { _ = unsafe munmap(mapping, length) }
    let start = String(UInt(bitPattern: mapping), radix: 16)
    let bytes = (try? FileContent.read("/proc/self/maps", limit: mostBytes)) ?? []
    return lines(of: bytes).first { line in
      line.drop { $0 == UInt8(ascii: "0") }.starts(with: "\(start)-".utf8)
    }.flatMap(sharedKey)
  }

  /// Whether a process is in an uninterruptible sleep: the letter after its name in /proc/PID/stat.
  private static func hangs(_ process: String) -> Bool {
    guard let bytes = try? FileContent.read("/proc/\(process)/stat", limit: 4096),
      let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count
    else { return true }
    return bytes[end + 2] == UInt8(ascii: "D")
  }

  private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "\n")) }

  /// The file in a line `7f01-7f02 rw-s 00000000 fe:01 4711    /path`; nil if the mapping is not shared, or has no
  /// file.
  private static func sharedKey(_ line: ArraySlice<UInt8>) -> String? {
    guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 4 < line.endIndex,
      line[space + 4] == UInt8(ascii: "s")
    else { return nil }
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
    guard fields.count >= 5, fields[4] != [UInt8(ascii: "0")] else { return nil }
    return String(decoding: fields[3], as: UTF8.self) + " " + String(decoding: fields[4], as: UTF8.self)
  }
}
