import Glibc
import Rotation
import Testing

@Suite("Patterns of logs")
struct LogPatternTests {
  @Test(
    "a pattern matches as in glob(7)",
    arguments: [
      ("/a/*.log", "/a/x.log", true), ("/a/*.log", "/a/x.log.1", false), ("/a/*.log", "/a/.x.log", false),
      ("/a/*.log", "/a/.log", false), ("/a/.*", "/a/.x", true), ("/a/?x", "/a/.x", false), ("/a/[.]x", "/a/.x", false),
      ("/a/\\.*", "/a/.x", true), ("/a/*", "/a/b/c", false), ("/*/c", "/a/c", true), ("/*/c", "/a/b/c", false),
      ("/*/c", "/.a/c", false), ("/a/?.log", "/a/é.log", true), ("/a/??.log", "/a/é.log", false),
      ("/a/*?.log", "/a/é.log", true), ("/a/*??.log", "/a/é.log", false), ("/a/[é-ü]", "/a/ö", true),
      ("/a/[é-ü]", "/a/a", false), ("/a/[!é]", "/a/ö", true), ("/a/[!é]", "/a/é", false), ("/a/[^a]", "/a/b", true),
      ("/a/[]x]", "/a/]", true), ("/a/[!]x]", "/a/y", true), ("/a/[a-]", "/a/-", true), ("/a/[a-c]1", "/a/b1", true),
      ("/a/[\\]]", "/a/]", true), ("/a/[\\a-c]", "/a/b", true), ("/a/[[:digit:]]*", "/a/7x", true),
      ("/a/[[:digit:]]*", "/a/x7", false), ("/a/x\\*", "/a/x*", true), ("/a/x\\*", "/a/xy", false),
      ("/a/\\x*", "/a/xy", true), ("/a/a*b*c", "/a/a1b2c", true), ("/a/a*b*c", "/a/a1c2b", false),
      ("/a/[x", "/a/[x", true), ("/a/x\\y", "/a/x\\y", true), ("/a/x\\y", "/a/xy", false),
      ("/a/é", "/a/e\u{301}", false),
      ("/a/*é", "/a/xe\u{301}", false), ("/a/b*", "/a/b", true), ("/a/*", "/a/", true),
    ])
  func matching(_ pattern: String, _ path: String, _ expected: Bool) {
    #expect(LogPattern(FilePath(pattern)).matches(path: FilePath(path)) == expected)
  }

  @Test("a pattern of one name agrees with fnmatch(3) on random pairs")
  func differential() {
    var generator = Lehmer(seed: 20_260_101)
    let pieces = ["a", "b", ".", "*", "?", "*", "[ab]", "[!a]", "[a-c]", "\\*", "\\a", "[]b]", "[[:alpha:]]", "-"]
    for _ in 0..<80_000 {
      let pattern = (0..<generator.below(7)).map { _ in pieces[generator.below(pieces.count)] }.joined()
      let name = (0..<(1 + generator.below(6))).map { _ in ["a", "b", ".", "*", "c", "]"][generator.below(6)] }.joined()
      // glibc treats a dot after "*?" as a leading one ("*?[!a]" against "c."); POSIX does not.
      if pattern.contains("*?"), name.utf8.dropFirst().contains(UInt8(ascii: ".")) { continue }
      let matches = NamePattern.matches(name.utf8.span, pattern: pattern.utf8.span)
      let expected = unsafe fnmatch(pattern, name, FNM_PATHNAME | FNM_PERIOD) == 0
      #expect(matches == expected, "\(pattern) against \(name)")
      if matches != expected { return }
    }
  }

  @Test("many stars cost no more than the product of the lengths")
  func manyStars() {
    let pattern = Array((String(repeating: "*a", count: 100) + "*b").utf8)
    let name = Array(repeating: UInt8(ascii: "a"), count: 255)
    let matches = NamePattern.matches(name.span, pattern: pattern.span)
    #expect(!matches)
  }

  @Test(
    "a pattern knows the directory and the text before its first wildcard",
    arguments: [
      ("/tmp/file1", "/tmp", ["file1"], "/tmp/file1"), ("/file1", "/", ["file1"], "/file1"),
      ("/var/log/app/*.log", "/var/log/app", ["*.log"], "/var/log/app/"), ("/*.log", "/", ["*.log"], "/"),
      ("/var/app-*/x.log", "/var", ["app-*", "x.log"], "/var/app-"),
      ("/var/lo\\g/[ab].log", "/var/log", ["[ab].log"], "/var/log/"), ("/a\\b/c", "/a\\b", ["c"], "/a\\b/c"),
      ("/a/x\\*y", "/a", ["x\\*y"], "/a/x*y"), ("/a/*/b/*", "/a", ["*", "b", "*"], "/a/"),
    ])
  func parts(_ text: String, _ directory: String, _ components: [String], _ prefix: String) {
    let pattern = LogPattern(FilePath(text))
    #expect(pattern.fixedDirectory == FilePath(directory))
    #expect(pattern.components.map { String(decoding: $0.bytes, as: UTF8.self) } == components)
    #expect(pattern.fixedPrefix == FilePath(prefix))
  }

  @Test(
    "a flaw is found at its byte",
    arguments: [
      ("/a/*.log", nil, ""), ("/a/[b", 3, "`[` without `]`"), ("/a/x[b/c]", 4, "`[` without `]`"),
      ("/a/[]", 3, "`[` without `]`"), ("/a/*\\", 4, "nothing follows the `\\`"),
      ("/a/[z-a]", 4, "the range is in reverse order"), ("/a/[[:letter:]]", 4, "unknown character class"),
      ("/a/[[=a=]]", 4, "`[=` and `[.` are not supported"), ("/a/plain\\", nil, ""),
      ("/a/[ab\\", 3, "`[` without `]`"),
    ] as [(String, Int?, String)])
  func flaws(_ text: String, _ offset: Int?, _ reason: String) {
    #expect(LogPattern(FilePath(text)).flaw == offset.map { PatternFlaw(offset: $0, reason: reason) })
  }

  @Test(
    "a pattern matches its own example",
    arguments: ["/a/*.log", "/a/*", "/a/[!a-z]?*", "/*/b[[:digit:]]/\\*x*", "/a/[]-a]*", "/a/plain\\x", "/a/.x*"])
  func examples(_ text: String) {
    let pattern = LogPattern(FilePath(text))
    #expect(pattern.matches(path: pattern.example), "\(pattern.example)")
  }

  @Test("the pattern of a literal name matches only that name")
  func literals() {
    let components = LogPattern("/a*/b\\*c/d").components
    #expect(components.map(\.literal) == [nil, "b*c", "d"])
    #expect(components[1].matches("b*c"))
    #expect(!components[1].matches("bxc"))
    #expect(components[0].matches("a"))
  }
}

/// A small seeded generator (MINSTD), the same on every machine.
struct Lehmer {
  var state: UInt64

  init(seed: UInt64) {
    state = seed % 2_147_483_647
  }

  mutating func below(_ bound: Int) -> Int {
    state = state * 48_271 % 2_147_483_647
    return Int(state % UInt64(bound))
  }
}
