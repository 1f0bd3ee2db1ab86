import Rotation
import Testing
import Timekeeping

@Suite("Names of archives")
struct ArchiveNameTests {
  @Test(
    "the name of a numbered archive is split into its parts",
    arguments: [
      ("app.log.1", "app.log", 1, ""), ("app.log.12.gz", "app.log", 12, ".gz"), ("a.9999.zst", "a", 9999, ".zst"),
      ("a.10000.xz", "a", 10000, ".xz"), ("a.4", "a", 4, ""), ("a.2.bz2", "a", 2, ".bz2"), ("a.3.lz4", "a", 3, ".lz4"),
      ("a.1.2", "a.1", 2, ""), ("é*[.7", "é*[", 7, ""), ("..1", ".", 1, ""), ("a.log.old.1", "a.log.old", 1, ""),
    ])
  func parses(_ name: String, _ base: String, _ version: Int, _ suffix: String) throws {
    let parsed = try #require(ArchiveNaming.numbered.parse(FileName(name)))
    #expect(parsed == ArchiveNaming.Archive(base: FileName(base), key: .number(version), suffix: suffix))
    #expect(ArchiveNaming.numbered.name(of: parsed.base, parsed.key, suffix: parsed.suffix) == FileName(name))
  }

  @Test(
    "any other name is none",
    arguments: [
      "", "app.log", "app.log.0", "app.log.01", "app.log.1.Gz", "app.log.1.gz.gz", "app.log.gz", "app.log.10001",
      "app.log.20261122", "app.log.99999999999999999999", "app.log.-1", "app.log.1~", "app1", ".1", ".1.gz", "1", "gz",
      ".gz", "app.log.", "app.log.1.", "app.log.1.zip", "app.log.1.2x", "app.log..gz", "app.log.١", "app.log.1.br",
    ])
  func refuses(_ name: String) {
    #expect(ArchiveNaming.numbered.parse(FileName(name)) == nil)
  }

  static let day: Int64 = 20_779 * 86_400  // 2026-11-22

  @Test(
    "names follow the config, and are read back",
    arguments: [
      (Naming(style: .numbered, ending: .extension_), "app.log", "app.3.log", "app.3.log.gz"),
      (Naming(style: .numbered, ending: .extension_), "app", "app.3", "app.3.gz"),
      (Naming(style: .numbered, ending: .extension_), ".app", ".app.3", ".app.3.gz"),
      (Naming(style: .numbered, ending: .extension_), "app.1", "app.3.1", "app.3.1.gz"),
      // Its archives would be the compressed ones of `app`.
      (Naming(style: .numbered, ending: .extension_), "app.gz", "app.gz.3", "app.gz.3.gz"),
      (Naming(style: .numbered, ending: .suffix(".log")), "app.log", "app.3.log", "app.3.log.gz"),
      (Naming(style: .numbered, ending: .suffix(".log")), "app.txt", "app.txt.3", "app.txt.3.gz"),
      (Naming(style: .numbered, ending: .suffix(".log")), ".log", ".log.3", ".log.3.gz"),
      (dated("-%Y%m%d"), "app.log", "app.log-20261122", "app.log-20261122.gz"),
      (dated("-%Y%m%d", .extension_), "app.log", "app-20261122.log", "app-20261122.log.gz"),
      (dated(".%Y.%m.%d", .extension_), "app.log", "app.2026.11.22.log", "app.2026.11.22.log.gz"),
      (dated("_%G-W%V"), "a", "a_2026-W47", "a_2026-W47.gz"),
      (dated("-%s"), "a", "a-1795305600", "a-1795305600.gz"),
      (dated("-%%%y.%j"), "a", "a-%26.326", "a-%26.326.gz"),
      (dated("-%F_%T"), "é%*[", "é%*[-2026-11-22_00:00:00", "é%*[-2026-11-22_00:00:00.gz"),
    ])
  func names(_ naming: Naming, _ base: String, _ plain: String, _ compressed: String) throws {
    let archives = ArchiveNaming(naming)
    let key =
      archives.isDated
      ? archives.next(after: nil, at: WallTime(seconds: Self.day), in: .utc) : VersionKey.number(3)
    #expect(archives.name(of: FileName(base), key) == FileName(plain))
    #expect(archives.name(of: FileName(base), key, suffix: ".gz") == FileName(compressed))
    for (name, suffix) in [(plain, ""), (compressed, ".gz")] {
      #expect(
        archives.parse(FileName(name)) == ArchiveNaming.Archive(base: FileName(base), key: key, suffix: suffix),
        "\(name)")
    }
  }

  static func dated(_ format: String, _ ending: Naming.Ending = .none) -> Naming {
    Naming(style: .dated(DateFormat(text: format)), ending: ending)
  }

  @Test("the suffix of the job's own compressor is read, and no other job's")
  func ownSuffix() {
    let naming = ArchiveNaming(Naming(), suffix: ".br")
    #expect(naming.parse("a.1.br") == ArchiveNaming.Archive(base: "a", key: .number(1), suffix: ".br"))
    #expect(naming.parse("a.1.gz")?.suffix == ".gz")
    #expect(naming.parse("a.1.lzo") == nil)
  }

  @Test("a text like a date that is not in the calendar, or not in this form, is none")
  func noDates() {
    let naming = ArchiveNaming(Self.dated("-%Y%m%d"))
    for name: FileName in [
      "a-20261322", "a-20260230", "a-2026112", "a-20261122~", "a-20261122~0", "a-20261122~01", "-20261122",
      "a20261122", "a-20261122.log", "a-20261122~1~1", "a-20260000", "a.1",
    ] {
      #expect(naming.parse(name) == nil, "\(name)")
    }
    #expect(ArchiveNaming(Self.dated("-%Y-%j")).parse("a-2026-366") == nil)
    #expect(ArchiveNaming(Self.dated("-%G-%V")).parse("a-2025-53") == nil)
    #expect(ArchiveNaming(Self.dated("-%G-%V")).parse("a-2026-53") != nil)
    #expect(ArchiveNaming(Self.dated("-%Y%y%m%d")).parse("a-2026251122") == nil)
  }

  @Test("names in the order of their keys are in the order of their age, whatever the clock shows")
  func neverOlder() throws {
    let naming = ArchiveNaming(Self.dated("-%Y%m%d-%H%M"))
    let zone = try Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")
    // From 0:30 to 4:30 of the night in which the clock shows two to three twice, every 7 minutes; then a day back.
    let night = WallTime(seconds: 1_792_881_000)
    var times = (0..<34).map { night + .seconds($0 * 420) }
    times.append(night - .seconds(86_400))
    var newest: VersionKey?
    var names: Set<FileName> = []
    for time in times {
      let key = naming.next(after: newest, at: time, in: zone)
      if let newest { #expect(key < newest, "\(naming.name(of: "a", key))") }
      let name = naming.name(of: "a", key)
      #expect(names.insert(name).inserted, "\(name)")
      #expect(naming.parse(name)?.key == key)
      newest = key
    }
    #expect(names.contains("a-20261025-0257~1"))
  }
}
