import Rotation
import Testing

@Suite("Names of archives")
struct ArchiveNameTests {
  @Test(
    "an archive's name is taken apart",
    arguments: [
      ("app.log.1", "app.log", 1, ""), ("app.log.12.gz", "app.log", 12, ".gz"), ("a.9999.zst", "a", 9999, ".zst"),
      ("a.10000.xz", "a", 10000, ".xz"), ("a.4", "a", 4, ""), ("a.2.bz2", "a", 2, ".bz2"), ("a.3.lz4", "a", 3, ".lz4"),
      ("a.1.2", "a.1", 2, ""), ("é*[.7", "é*[", 7, ""), ("..1", ".", 1, ""),
    ])
  func parses(_ name: String, _ base: String, _ version: Int, _ suffix: String) throws {
    let parsed = try #require(ArchiveName.parse(name))
    #expect(parsed.base == base)
    #expect(parsed.version == version)
    #expect(parsed.suffix == suffix)
    #expect(ArchiveName.plain(parsed.base, parsed.version) + parsed.suffix == name)
  }

  @Test(
    "any other name is none",
    arguments: [
      "", "app.log", "app.log.0", "app.log.01", "app.log.1.Gz", "app.log.1.gz.gz", "app.log.gz", "app.log.10001",
      "app.log.20261122", "app.log.99999999999999999999", "app.log.-1", "app.log.1~", "app1", ".1", ".1.gz", "1", "gz",
      ".gz", "app.log.", "app.log.1.", "app.log.1.zip", "app.log.1.2x", "app.log..gz", "app.log.١",
    ])
  func refuses(_ name: String) {
    #expect(ArchiveName.parse(name) == nil)
  }
}
