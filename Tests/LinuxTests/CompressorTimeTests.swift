import Config
import Glibc
import Rotation
import Testing

/// A compressor reads the archive itself as its standard input, and may read its time.
@Suite("A compressor")
struct CompressorTimeTests {
  static let compressors = ["gzip", "xz", "bzip2", "lz4", "zstd"]
  /// 1960, the last second before 1970, the first of it, 2038, 2106 and 2200.
  static let times: [Int] = [-315_619_200, -1, 0, 2_147_483_648, 4_294_967_297, 7_258_118_400]

  @Test("accepts an archive of any time, and reports no problem", arguments: compressors, times)
  func anyTime(compressor: String, time: Int) throws {
    guard run("sh", "-c", "command -v \(compressor)") == 0 else { return print("skipped: no \(compressor) here") }
    let accounts = Accounts(user: { _ in nil }, group: { _ in nil })
    let system = SystemFacts(accounts: accounts, zones: { _ in nil }, machine: "", programs: { _ in true })
    let text = "[job.a]\nlogs = '/a'\nsize = '1M'\ncompress = '\(compressor)'\n"
    let job = ConfigReader.read(Array(text.utf8), file: "c", system: system).configuration?.jobs.first
    let command = try #require(job?.policy.compression?.command)
    // On a file system that stores every time.
    let path = "/dev/shm/rotated-time-\(getpid())-\(compressor)\(time)"
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { _ = unsafe (unlink(path), unlink("\(path).out")) }
    #expect(unsafe write(file, "line\n", 5) == 5)
    close(file)
    let stamp = timespec(tv_sec: time, tv_nsec: 0)
    #expect(unsafe utimensat(AT_FDCWD, path, [stamp, stamp], 0) == 0)
    let line = command.map(\.printable).joined(separator: " ")
    #expect(run("sh", "-c", "\(line) < \(path) > \(path).out") == 0, "\(line)")
    #expect(run("test", "-s", "\(path).out") == 0)
  }
}
