import CLinux
import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

@Suite("Extreme numbers of the kernel")
struct ExtremeNumbersTests {
  static let numbers: [Int64] = [.min, -1, 0, 1, 1 << 33, 9_223_372_037, 1 << 55, 1 << 62, .max]

  @Test("any result of statx for a file is accepted", arguments: numbers)
  func status(number: Int64) {
    var raw = linux_status()
    (raw.mode, raw.size, raw.blocks) = (UInt32(S_IFREG) | 0o644, number, number)
    (raw.modified_seconds, raw.modified_nanoseconds) = (number, 999_999_999)
    (raw.has_born, raw.born_seconds) = (1, number)
    let status = FileStatus(raw)
    #expect(status.size == max(0, number))
    #expect(status.allocated == Int64(clamping: max(0, Int128(number) * 512)))
    let seconds = Int64(clamping: Int128(number) * 1_000_000_000)
    #expect(status.modified.nanoseconds == Int64(clamping: Int128(seconds) + 999_999_999))
    #expect(status.born?.nanoseconds == seconds)
  }

  @Test("a pidfile of any time is read")
  func pidFile() throws {
    let scratch = try ScratchDirectory()
    let path = "\(scratch.path)/pid"
    // A tmpfs stores times that other file systems limit.
    for path in [path, "/dev/shm/rotated-pid-\(getpid())"] {
      defer { _ = unsafe unlink(path) }
      for seconds in [Int.min, -1, 0, 1 << 40, Int.max] {
        try write("\(getpid())\n", to: path)
        let times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(unsafe utimensat(AT_FDCWD, path, times, 0) == 0)
        // Signal 0 reaches nobody; a file older than this process is refused.
        do throws(SignalFailure) {
          try PidFile.signal(FilePath(path), 0, ofOwners: [])
        } catch {
          #expect(error == .system(.noProcess))
        }
      }
    }
  }

  private func write(_ text: String, to path: String) throws {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    let bytes = Array(text.utf8)
    #expect(unsafe Glibc.write(file, bytes, bytes.count) == bytes.count)
  }
}
