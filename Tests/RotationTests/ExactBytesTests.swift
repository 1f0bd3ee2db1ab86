import Rotation
import Testing

/// Names and paths as the kernel distinguishes them.
@Suite("Names and paths")
struct ExactBytesTests {
  /// Pairs that are equal as `String`: a diaeresis, the angstrom sign, a Hangul syllable, the ohm sign.
  static let duplicates = [
    ("gr\u{FC}\u{DF}e.log", "gru\u{308}\u{DF}e.log"), ("\u{212B}.log", "\u{C5}.log"),
    ("\u{AC00}.log", "\u{1100}\u{1161}.log"), ("\u{2126}.log", "\u{3A9}.log"),
  ]

  @Test("that are equal in Unicode are two keys, each with its own position in an order", arguments: duplicates)
  func areTwoKeys(one: String, other: String) {
    #expect(one == other)
    let (first, second) = (FileName(one), FileName(other))
    #expect(first != second)
    #expect(Set([first, second]).count == 2)
    #expect((first < second) != (second < first))
    #expect(FilePath("/logs").appending(first) != FilePath("/logs").appending(second))
    #expect(LogPattern(FilePath("/\(one)/*.log")) != LogPattern(FilePath("/\(other)/*.log")))
    #expect(!LogPattern(FilePath("/\(one)")).matches(path: FilePath("/\(other)")))
    #expect(!LogPattern(FilePath("/\(one)*")).matches(path: FilePath("/\(other).1")))
    #expect(ExactText(one) != ExactText(other))
  }

  @Test("that are not UTF-8 keep their bytes, are matched by a pattern, and are shown escaped")
  func notText() {
    let name = FileName(bytes: [0x67, 0x72, 0xFC, 0x2E, 0x6C, 0x6F, 0x67])
    let path: FilePath = "/logs/\(name)"
    #expect(path.bytes == Array("/logs/gr".utf8) + [0xFC] + Array(".log".utf8))
    #expect(path.split.name == name)
    #expect("\(path)" == #"/logs/gr\xfc.log"#)
    #expect(FileName(#"gr\xfc.log"#) != name)
    #expect(LogPattern("/logs/gr?.log").matches(path: path))
    #expect(LogPattern("/logs/*.log").matches(path: path))
    let archive = ArchiveNaming.numbered.name(of: name, .number(3), suffix: ".gz")
    #expect(ArchiveNaming.numbered.parse(archive)?.base == name)
    #expect(StagingName.log(of: StagingName.of(name)) == name)
    #expect(FileName(bytes: [0x0A, 0xE0, 0x80, 0x80, 0xED, 0xA0, 0x80]).printable == #"\n\xe0\x80\x80\xed\xa0\x80"#)
  }

  @Test(
    "are split and joined again",
    arguments: [
      ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("/a//b", "/a/", "b"), ("old/a.1", "old", "a.1"),
    ])
  func split(text: String, directory: String, name: String) {
    let path = FilePath(text)
    #expect(path.split == (FilePath(directory), FileName(name)))
    if path.isAbsolute, text != "/a//b" { #expect(path.split.directory.appending(path.split.name) == path) }
  }

  @Test("lead from one directory to another, and back")
  func resolving() {
    for (from, by, to): (FilePath, FilePath, FilePath) in [
      ("/logs", "old", "/logs/old"), ("/", "old", "/old"), ("/logs", "a/b", "/logs/a/b"),
    ] {
      #expect(from.resolving(by) == to)
      #expect(to.removing(suffix: by) == from)
    }
    #expect(FilePath("/logs").resolving("/archive") == "/archive")
    #expect(FilePath("/logs").resolving(nil) == "/logs")
    for (path, suffix): (FilePath, FilePath) in [("/logs/old", "ld"), ("/old", "/old"), ("old", "old")] {
      #expect(path.removing(suffix: suffix) == nil)
    }
  }
}
