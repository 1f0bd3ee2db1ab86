import Rotation
import Testing
import Timekeeping

/// Names near the 255 bytes that a directory takes: every name of a rotation is known before its first step.
@Suite("A name that is too long")
struct NameLengthTests {
  private static let dated = ArchiveNaming(Naming(style: .dated(DateFormat(text: "-%Y%m%d"))))
  private static let noon = Moment(WallTime(seconds: 20_000 * 86_400), in: .utc)

  private func log(_ length: Int) -> FileName { FileName(String(repeating: "a", count: length)) }

  private func live(_ inode: UInt64) -> FileStatus {
    FileStatus(
      kind: .regular, inode: inode, size: 5, mode: 0o640, user: 0, group: 0, links: 1, modified: WallTime(seconds: 0),
      born: nil)
  }

  private func plan(_ inventory: Inventory, keep: Int = 20) -> Plan {
    Planner.plan(inventory, Policy(keep: keep), .rotate, at: Self.noon)
  }

  @Test("of a dated archive whose number gains a digit is detected before the first step")
  func sequence() throws {
    let name = log(255 - "-20241004~9".utf8.count)
    let today = Self.noon.time.seconds
    for (newest, fits) in [(8, true), (9, false)] {
      let inventory = Inventory(
        name: name, live: live(1), versions: [Version(.date(today, sequence: newest), inode: 2)], naming: Self.dated)
      if fits {
        #expect(try #require(plan(inventory).archive).name.bytes.count == 255)
      } else {
        #expect(plan(inventory).skip == .nameTooLong("\(name)-20241004~10"))
      }
    }
  }

  @Test("is not made after the greatest number, which somebody has planted")
  func lastNumber() {
    let today = Self.noon.time.seconds
    let inventory = Inventory(
      name: "app.log", live: live(1), versions: [Version(.date(today, sequence: Limits.maxSequence), inode: 2)],
      naming: Self.dated)
    #expect(plan(inventory).skip == .noFurtherName("app.log-20241004~999999999"))
  }

  @Test("of an archive that is shifted, or set aside, is detected before the first step")
  func shifted() {
    let name = log(255 - ".9.zstandard-12".utf8.count)
    func versions(_ suffix: String) -> [Version] {
      (1...9).map { Version(number: $0, suffix: $0 == 9 ? suffix : "", inode: UInt64($0 + 1)) }
    }
    #expect(plan(Inventory(name: name, live: live(1), versions: versions(".gz"))).takesLive)
    let long = ".zstandard-12"
    let naming = ArchiveNaming(Naming(), suffix: long)
    let inventory = Inventory(name: name, live: live(1), versions: versions(long), naming: naming)
    #expect(plan(inventory).skip == .nameTooLong("\(name).10\(long)"))
    let duplicates = versions("") + [Version(number: 1, suffix: ".gz", inode: 77)]
    guard case .nameTooLong = plan(Inventory(name: name, live: live(1), versions: duplicates)).skip else {
      Issue.record("rotated, though a name is too long to be set aside")
      return
    }
  }

  @Test("for the hidden names of a compression leaves the archive uncompressed, for every length of a name")
  func compression() {
    var policy = Policy(keep: 5)
    policy.rules.compression = Compression(command: ["gzip"], suffix: ".gz")
    for length in 200...246 {
      let inventory = Inventory(name: log(length), live: live(1), versions: [Version(number: 1, inode: 2)])
      let archive = inventory.location(of: inventory.versions[0])
      let fits = length + 2 + ".".utf8.count + ".rotated-output-9".utf8.count <= 255
      #expect(Housekeeping.compressible(inventory, policy).isEmpty == !fits, "\(length)")
      #expect(Housekeeping.impossible(archive, .logDirectory, policy) == (fits ? nil : "compressed"), "\(length)")
    }
  }
  @Test("of a log that is truncated is detected before its content is copied")
  func truncated() {
    var policy = Policy(keep: 20)
    policy.rules.method = .truncate(by: .auto)
    for (length, fits) in [(255 - ".21".utf8.count, false), (255 - "..rotated".utf8.count, true)] {
      let inventory = Inventory(name: log(length), live: live(1))
      let skip = Planner.obstacle(inventory, policy)
      #expect((skip == nil) == fits, "\(String(describing: skip))")
      if !fits { #expect(skip == .nameTooLong(StagingName.of(log(length)))) }
    }
    let dated = Inventory(name: log(250), live: live(1), naming: Self.dated)
    guard case .nameTooLong = Planner.obstacle(dated, policy) else {
      Issue.record("not seen")
      return
    }
  }
}
