import Config
import Rotation
import Testing
import Timekeeping

@Suite("Each directive of logrotate's language")
struct LogrotateDirectiveTests {
  private static let zone = Zone.utc

  /// The due times after Thursday, 2026-01-01 12:00 UTC.
  private func due(_ directives: String, count: Int = 2) throws -> [String] {
    guard case .calendar(let calendar) = try #require(job(directives)).schedule else { return [] }
    var time = WallTime(seconds: 1_767_268_800)
    return (0..<count).map { _ in
      time = calendar.next(after: time, in: Self.zone) ?? time
      let local = Self.zone.localTime(at: time)
      return "\(local.month)-\(local.day) \(local.hour):00"
    }
  }

  @Test("the directives of time are due when logrotate's daily run would rotate")
  func times() throws {
    #expect(try due("hourly") == ["1-1 13:00", "1-1 14:00"])
    #expect(try due("daily") == ["1-2 0:00", "1-3 0:00"])
    #expect(try due("weekly") == ["1-4 0:00", "1-11 0:00"])
    #expect(try due("weekly 3") == ["1-7 0:00", "1-14 0:00"])
    #expect(try due("monthly") == ["2-1 0:00", "3-1 0:00"])
    #expect(try due("monthly 15") == ["1-15 0:00", "2-15 0:00"])
    #expect(try due("monthly 30") == ["1-30 0:00", "2-28 0:00"])
    #expect(try due("monthly 31", count: 3) == ["1-31 0:00", "2-28 0:00", "3-31 0:00"])
    #expect(try due("yearly") == ["1-1 0:00", "1-1 0:00"])
    #expect(job("minutes 10")?.schedule == .interval(.seconds(600)))
    #expect(job("weekly 7")?.policy.rules.minAge == .seconds(7 * 86_400))
    #expect(try due("weekly 7") == ["1-2 0:00", "1-3 0:00"])
    #expect(job("daily")?.catchesUp == true)
  }

  @Test("of several criteria the last one counts, and without one it is a size of 1 MiB")
  func lastCriterion() {
    #expect(job("")?.sizeLimit?.bytes == 1 << 20)
    #expect(job("")?.schedule == nil)
    #expect(job("daily\nsize 10k")?.schedule == nil)
    #expect(job("daily\nsize 10k")?.sizeLimit?.bytes == 10_240)
    #expect(job("size 10k\ndaily")?.sizeLimit == nil)
    #expect(job("size 10k\ndaily")?.schedule != nil)
  }

  @Test(
    "sizes have C's bases, a sign and one of four units",
    arguments: [
      ("size 10000", 10_000), ("size=5M", 5 << 20), ("size=+4096k", 4096 << 10), ("size = 16K", 16 << 10),
      ("size 0x1000", 4096), ("size 020000", 8192), ("size 1G", 1 << 30),
    ] as [(String, Int64)])
  func sizes(_ text: String, _ bytes: Int64) { #expect(job(text)?.sizeLimit?.bytes == bytes) }

  @Test("maxsize rotates a log that is above it beside a time, and the smaller of it and size counts")
  func maxsize() {
    #expect(job("daily\nmaxsize 1M")?.sizeLimit?.bytes == 1_048_577)
    #expect(job("daily\nmaxsize 1M")?.schedule != nil)
    #expect(job("size 10M\nmaxsize 1M")?.sizeLimit?.bytes == 1_048_577)
    #expect(job("size 1k\nmaxsize 1M")?.sizeLimit?.bytes == 1024)
  }

  @Test("a size so small that each line would rotate the log is looked for once an hour")
  func tinySize() {
    #expect(job("size 0")?.sizeLimit == SizeLimit(bytes: 1, check: nil, minInterval: .seconds(3600)))
    #expect(job("size 4k")?.sizeLimit?.minInterval == nil)
  }

  @Test("minsize and minage are conditions of a time, and a size does not ask for them")
  func conditions() {
    #expect(job("daily\nminsize 1M\nminage 3")?.policy.rules.minSize == 1 << 20)
    #expect(job("daily\nminsize 1M\nminage 3")?.policy.rules.minAge == .seconds(3 * 86_400))
    #expect(job("size 1M\nminsize 2M\nminage 3")?.policy.conditions == [])
  }

  @Test("rotate keeps so many archives, 010 is 8, and -1 all that numbers allow")
  func rotate() {
    #expect(job("")?.policy.keep == 4)
    #expect(job("rotate 0")?.policy.keep == 0)
    #expect(job("rotate 010")?.policy.keep == 8)
    #expect(job("rotate = 0x10")?.policy.keep == 16)
    #expect(job("rotate -1")?.policy.keep == 9_999)
    #expect(job("rotate -1\ndateext")?.policy.keep == Int(Int32.max))
    #expect(jobs("/var/log/a { daily\n}\n").first?.policy.keep == 0)
  }

  @Test("start is the number of the newest archive, dateyesterday and datehourago say by which date it is named")
  func numbersAndDates() {
    #expect(job("start 5")?.policy.naming.name(of: "a", .number(1)) == "a.5")
    #expect(job("start 0")?.policy.naming.version("a.0.gz", of: "a")?.key == .number(1))
    #expect(job("start 5")?.policy.naming.version("a.4", of: "a") == nil)
    #expect(job("start 5\ndateext")?.policy.naming.isDated == true)
    #expect(job("dateext\ndateyesterday")?.policy.rules.dating == .yesterday(hour: 12))
    #expect(job("dateext\ndatehourago\ndateyesterday")?.policy.rules.dating == .yesterday(hour: 11))
    #expect(job("dateext\ndatehourago")?.policy.rules.dating == .hourAgo)
    #expect(job("dateyesterday")?.policy.rules.dating == .rotation)
  }

  @Test("an archive is removed by age when logrotate removes it: at a rotation, after so many times 24 hours")
  func maxage() {
    #expect(job("maxage 30")?.policy.rules.maxAgeAtRotation == .seconds(30 * 86_400))
    #expect(job("maxage 30")?.policy.maxAge == nil)
    #expect(job("maxage 0")?.policy.rules.maxAgeAtRotation == nil)
  }

  @Test("the log is left to its writer unless create is on, and an empty log is rotated unless notifempty is on")
  func creation() {
    #expect(job("")?.policy.creation == .leftToWriter)
    #expect(job("create")?.policy.creation == .likeOldLog)
    #expect(job("create 0640 www-data adm")?.policy.creation == .create(mode: 0o640, user: 33, group: 4))
    #expect(job("create 600")?.policy.creation == .create(mode: 0o600, user: nil, group: nil))
    #expect(job("create www-data adm")?.policy.creation == .create(mode: nil, user: 33, group: 4))
    #expect(job("create 0644 10000 10000")?.policy.creation == .create(mode: 0o644, user: 10_000, group: 10_000))
    #expect(job("create\nnocreate")?.policy.creation == .leftToWriter)
    #expect(job("")?.policy.rotatesEmpty == true)
    #expect(job("notifempty")?.policy.rotatesEmpty == false)
    #expect(job("notifempty\nifempty")?.policy.rotatesEmpty == true)
  }

  @Test("copytruncate keeps the file and needs no create; renamecopy and copytruncate replace each other")
  func methods() {
    #expect(job("copytruncate\ncreate")?.policy.method == .truncate(by: .auto))
    #expect(job("copytruncate\ncreate")?.policy.creation == .leftToWriter)
    #expect(job("copytruncate\nnocopytruncate")?.policy.method == .move)
    #expect(job("copytruncate\nrenamecopy")?.policy.method == .move)
    #expect(job("renamecopy\ncopytruncate")?.policy.method == .truncate(by: .auto))
    #expect(job("copy\ncopytruncate")?.policy.method == .truncate(by: .auto))
    #expect(job("copy\ncreate")?.policy.method == .copy)
    #expect(job("copy\ncreate")?.policy.creation == .leftToWriter)
    #expect(job("copy\nrenamecopy")?.policy.method == .copy)
    #expect(job("copy\nnocopy")?.policy.method == .move)
    #expect(job("copy\nsize 1M")?.sizeLimit?.minInterval == .seconds(86_400))
  }

  @Test("compression has logrotate's program, suffix, options and delay")
  func compression() {
    #expect(job("")?.policy.compression == nil)
    #expect(job("compress")?.policy.compression == Compression(command: ["gzip", "-c", "-n"], suffix: ".gz"))
    #expect(job("compress\ndelaycompress")?.policy.compression?.from == 2)
    #expect(job("compress\ndelaycompress\nnodelaycompress")?.policy.compression?.from == 1)
    #expect(job("compress\nnocompress")?.policy.compression == nil)
    #expect(
      job("compress\ncompresscmd /usr/bin/zstd\ncompressoptions -9 '--long'")?.policy.compression
        == Compression(command: ["/usr/bin/zstd", "-q", "-c", "-T1", "-9", "--long"], suffix: ".zst"))
    #expect(job("compress\ncompresscmd xz")?.policy.compression?.suffix == ".xz")
    #expect(job("compress\ncompressext .x\ncompresscmd xz")?.policy.compression?.suffix == ".xz")
    #expect(job("compress\ncompresscmd xz\ncompressext .x")?.policy.compression?.suffix == ".x")
    #expect(
      job("compress\ncompresscmd /opt/squash\ncompressext .sq")?.policy.compression
        == Compression(command: ["/opt/squash"], suffix: ".sq"))
  }

  @Test("dateext has logrotate's formats, and extension stays at the end")
  func names() {
    func style(_ directives: String) -> Naming.Style? { job(directives)?.policy.rules.naming.style }
    #expect(style("") == .numbered)
    #expect(style("dateext") == .dated(DateFormat(text: "-%Y%m%d")))
    #expect(style("dateext\nhourly") == .dated(DateFormat(text: "-%Y%m%d%H")))
    #expect(style("dateext\nminutes 5") == .dated(DateFormat(text: "-%Y%m%d%H%M")))
    #expect(style("dateext\ndateformat .%Y-%m-%d") == .dated(DateFormat(text: ".%Y-%m-%d")))
    #expect(style("dateext\nnodateext") == .numbered)
    #expect(job("extension .log")?.policy.rules.naming.ending == .suffix(".log"))
    #expect(job("addextension .log")?.policy.rules.naming.ending == .suffix(".log"))
  }

  @Test("olddir is the directory of the archives, made with what createolddir says")
  func oldDirectory() {
    #expect(job("olddir old")?.policy.archiveDirectory == ArchiveDirectory(path: "old"))
    #expect(job("olddir /var/log/archive/")?.policy.archiveDirectory == ArchiveDirectory(path: "/var/log/archive"))
    #expect(
      job("olddir /a\ncreateolddir 750 root adm")?.policy.archiveDirectory
        == ArchiveDirectory(path: "/a", mode: 0o750, user: 0, group: 4))
    #expect(job("olddir old\nnoolddir")?.policy.archiveDirectory == nil)
  }

  @Test("directives that need nothing here are taken without a word")
  func needless() {
    #expect(problems("missingok\nsu root syslog\nnomail\nnoshred\nmaillast\nmailfirst\nnoallowhardlink\nnocopy") == [])
    #expect(problems("sharedscripts\nignoreduplicates\nuncompresscmd gunzip\nshredcycles 3\nnocreateolddir") == [])
  }
}
