import Rotation
import Testing
import Timekeeping

@Suite("Formats of dates in names")
struct DateFormatTests {
  @Test(
    "a format that cannot be read back, or sorted, is refused at its position, with the reason",
    arguments: [
      ("", 0, "it is empty"), ("%Y%m%d", 0, "begin with a separator"), ("2026-%m", 0, "begin with a separator"),
      ("-", 0, "no date"),
      ("-%Y%", 3, "a letter is missing"), ("-%Y%q", 3, "`%q` is not supported"), ("-%Y%b%d", 3, "`%b`"),
      ("-%Z", 1, "`%Z`"), ("-%Y/%m", 3, "slash"), ("-%Y\0", 3, "NUL"), ("-%Y~%m", 3, "`~`"),
      ("-%m%d", 1, "without a year"),
      ("-%Y%d", 3, "`%d` without `%m`"), ("-%Y%m%H", 5, "`%H` without a day"), ("-%F-%M", 4, "`%M` without `%H`"),
      ("-%F-%H%S", 6, "`%S` without `%M`"), ("-%Y-W%V", 5, "`%G`"), ("-%G", 1, "`%V`"), ("-%Y%u", 3, "`%u`"),
      ("-%Y%é", 3, "what follows `%`"),
    ])
  func refuses(_ text: String, _ offset: Int, _ reason: String) {
    let error = #expect(throws: DateFormatError.self) { try DateFormat.parse(text) }
    #expect(error?.offset == offset)
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test("the standard format is as fine as the schedule")
  func standard() throws {
    func calendar(_ texts: String...) throws -> Schedule {
      let expressions = try texts.map { text in try CalendarExpression.parse(text, zones: { _ in nil }) }
      return .calendar(CalendarSchedule(name: "c", expressions))
    }
    func text(_ schedule: Schedule?) -> String { DateFormat.standard(for: schedule, sizeLimit: nil).text }
    #expect(text(.daily(.midnight)) == "-%Y%m%d")
    #expect(text(try calendar("weekly")) == "-%Y%m%d")
    #expect(text(try calendar("Mon..Fri 22:30:15")) == "-%Y%m%d")
    #expect(text(try calendar("hourly")) == "-%Y%m%d%H")
    #expect(text(try calendar("03:30", "15:30")) == "-%Y%m%d%H")
    #expect(text(try calendar("*:0/10")) == "-%Y%m%d-%H%M")
    #expect(text(try calendar("*:*:0/30")) == "-%Y%m%d-%H%M%S")
    #expect(text(.interval(.seconds(86_400))) == "-%Y%m%d")
    #expect(text(.interval(.seconds(6 * 3600))) == "-%Y%m%d%H")
    #expect(text(.interval(.seconds(600))) == "-%Y%m%d-%H%M")
    #expect(text(.interval(.seconds(5))) == "-%Y%m%d-%H%M%S")
    #expect(text(nil) == "-%Y%m%d-%H%M%S")
    let limit = SizeLimit(bytes: 1, check: nil)
    #expect(DateFormat.standard(for: .daily(.midnight), sizeLimit: limit).text == "-%Y%m%d-%H%M%S")
    #expect(DateFormat(text: "-%Y%m").isCoarser(than: .daily(.midnight)))
    #expect(!DateFormat(text: "-%F").isCoarser(than: .daily(.midnight)))
  }

  static let formats = [
    "-%Y", "-%Y%m", "-%Y%m%d", ".%y-%m-%d", "-%Y.%j", "_%G-W%V", "-%GW%V%u", "-%F_%T", "-%Y%m%d%H", "-%s", "-%d.%m.%Y",
    "%%%Ys", "-%Y%m%d-%s", ".%s_%H%M",
  ]

  @Test("the epoch beside others is that of the moment, and the others are in local time")
  func epochBesideOthers() throws {
    let naming = ArchiveNaming(Naming(style: .dated(DateFormat(text: "-%Y%m%d-%s"))))
    let zone = try Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")
    let key = naming.next(after: nil, at: WallTime(seconds: 1_782_945_000), in: zone)
    #expect(naming.name(of: "a", key) == "a-20260702-1782945000")
    #expect(naming.parse("a-20260702-1782945000") == ArchiveNaming.Archive(base: "a", key: key, suffix: ""))
    #expect(naming.parse("a-20260704-1782945000") == nil)
  }

  @Test("dates are in the order of time, and each is read back from its name", arguments: formats)
  func order(_ text: String) throws {
    let naming = ArchiveNaming(Naming(style: .dated(DateFormat(text: text)), ending: .extension_))
    var generator = SeededNumbers(seed: 5)
    let seconds = (0..<3000).map { _ in Int64.random(in: 0..<8_000_000_000, using: &generator) }.sorted()
    // Two digits of a year are those of 1969 to 2068.
    let times = seconds.filter { !text.contains("%y") || $0 < 3_124_224_000 }.map(WallTime.init(seconds:))
    var last: VersionKey?
    for time in times {
      let key = naming.next(after: nil, at: time, in: .utc)
      if let last { try #require(key <= last, "\(time)") }
      last = key
      for base: FileName in ["app.log", "app", "a-2026.log"] {
        let archive = ArchiveNaming.Archive(base: base, key: key, suffix: ".xz")
        try #require(naming.parse(naming.name(of: base, key, suffix: ".xz")) == archive)
      }
    }
  }

  @Test("every name that is read would be written in the same form", arguments: formats)
  func readIsWritten(_ text: String) throws {
    var generator = SeededNumbers(seed: 7)
    let pieces = [
      "a", ".", "-", "~", "_", "log", ".log", ".gz", "W", "1", "0", "9", "47", "2026", "11", "22", "20261122", "é",
    ]
    var read = 0
    for ending in [Naming.Ending.none, .extension_, .suffix(".log")] {
      let naming = ArchiveNaming(Naming(style: .dated(DateFormat(text: text)), ending: ending), suffix: ".br")
      let numbered = ArchiveNaming(Naming(style: .numbered, ending: ending), suffix: ".br")
      for _ in 0..<20_000 {
        var name: FileName = ""
        for _ in 0..<Int.random(in: 1...9, using: &generator) {
          name = "\(name)\(pieces.randomElement(using: &generator) ?? "")"
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
          let time = WallTime(seconds: Int64.random(in: 0..<3_000_000_000, using: &generator))
          name = naming.name(of: name, naming.next(after: nil, at: time, in: .utc))
        }
        for naming in [naming, numbered] {
          guard let archive = naming.parse(name) else { continue }
          read += 1
          let again = naming.name(of: archive.base, archive.key, suffix: archive.suffix)
          try #require(again == name, "\(name) read as \(archive)")
        }
      }
    }
    #expect(read > 1000)
  }
}
