import Control
import Glibc
import Rotation
import Testing
import Timekeeping

@Suite("Screens of the commands")
struct ScreenTests {
  private func screen(_ style: TerminalStyle, _ draw: (inout Screen) -> Void) throws -> [String] {
    var screen = Screen(style, zone: try #require(Sample.zone), now: Sample.now)
    draw(&screen)
    return screen.lines
  }

  private static let screens: [(name: String, draw: @Sendable (inout Screen) -> Void)] = [
    ("status", { $0.status(Sample.overview) }),
    ("problems", { $0.problems(Sample.made(Sample.overview) { $0.keepProblems() }) }),
    ("list", { $0.list(Sample.jobs) }),
    ("list-logs", { $0.list(Sample.logs) }),
    ("explain", { $0.explain(Sample.explanation) }),
    ("plan", { $0.plan(Sample.plan) }),
    ("replies", { Sample.draw(replies: &$0) }),
    ("doctor", { $0.findings(Sample.findings) }),
    ("comparison", { $0.comparison(Sample.comparison) }),
    ("forecast", { $0.forecast(Sample.forecasts, Sample.findings) }),
  ]

  /// `WRITE_REFERENCE=1 swift test --filter ScreenTests` writes the files; they are to be looked at.
  @Test("each screen is the one that was looked at", arguments: [80, 200], screens.map(\.name))
  func golden(_ width: Int, _ name: String) throws {
    let entry = try #require(Self.screens.first { $0.name == name })
    try check("\(name)-\(width)", screen(TerminalStyle(width: width, isUnicode: true), entry.draw))
  }

  @Test("so are the screens in ASCII and in colour")
  func otherStyles() throws {
    try check("status-80-ascii", screen(TerminalStyle(width: 80), Self.screens[0].draw))
    try check(
      "status-80-colour", screen(TerminalStyle(width: 80, isColoured: true, isUnicode: true), Self.screens[0].draw))
  }

  @Test("the page of a forecast is the one that was looked at, and extreme numbers do no harm")
  func page() throws {
    func text(_ jobs: [Wire.JobForecast]) throws -> String {
      ForecastPage(jobs, Sample.findings, zone: try #require(Sample.zone), now: Sample.now).text
    }
    let many = (1...9).map { number in
      Sample.made(Sample.forecasts[0]) { ($0.name, $0.bytes) = ("<job \(number)> & \u{1B}", Int64(number) << 20) }
    }
    try check("forecast-svg", text(Sample.forecasts).split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    let crowd = try text(many + Sample.forecasts)
    #expect(crowd.contains(">4 other jobs: ") && crowd.contains("&lt;job 9&gt; &amp; \\x1b: "), "\(crowd)")
    #expect(!crowd.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    for value in [Int64.min, 0, .max] {
      for days in [0, 1, 3650] {
        let job: Wire.JobForecast = Sample.made {
          ($0.bytes, $0.growthBytes, $0.days) = (value, value, Array(repeating: value, count: days))
        }
        #expect(try text([job, job]).hasSuffix("</svg>\n"))
      }
    }
    #expect(try text([]).hasSuffix("</svg>\n"))
  }

  @Test("JSON is a value a line, the one that was looked at")
  func json() throws {
    var writer = JSONWriter()
    func add(_ value: some WireValue) {
      value.write(to: &writer)
      writer.endText(with: 0x0A)
    }
    add(Sample.overview)
    add(Sample.explanation)
    Sample.jobs.forEach(add)
    Sample.events.forEach(add)
    Sample.replies.forEach(add)
    let text = String(decoding: writer.take(), as: UTF8.self)
    try check("values-json", text.split(separator: "\n").map(String.init))
    let first = try JSONReader.read(Array(text.utf8.prefix { $0 != 0x0A }))
    #expect(try Wire.Overview.read(first) == Sample.overview)
  }

  @Test("without a legend a table has no titles, and a list no sum")
  func noLegend() throws {
    var screen = Screen(TerminalStyle(), zone: try #require(Sample.zone), now: Sample.now, legend: false)
    screen.list(Sample.jobs)
    #expect(screen.lines.count == Sample.jobs.count)
    #expect(!screen.lines.joined().contains("NEXT"))
  }

  @Test("jobs are sorted by name, by the room of their archives, or by when they are due")
  func order() {
    func names(_ order: Wire.Order) -> [String] {
      Sample.made(Sample.overview) { $0.sort(by: order) }.jobs.map(\.name)
    }
    #expect(names(.name) == ["batch", "grüße", "nginx", "postgres-with-a-long-name", "quiet"])
    #expect(names(.bytes) == ["postgres-with-a-long-name", "nginx", "batch", "grüße", "quiet"])
    #expect(names(.next) == ["postgres-with-a-long-name", "batch", "grüße", "nginx", "quiet"])
  }

  @Test("an overview of some jobs and logs keeps the problems of these, and those of no job")
  func selection() {
    func problems(_ jobs: [String], _ logs: [FilePath] = []) -> [String?] {
      let shown = logs.map { path in Sample.made { (log: inout Wire.Log) in log.path = path } }
      return Sample.made(Sample.overview) {
        $0.problems.append(Sample.made { $0.message = "the state cannot be written" })
        $0.keep(jobs: jobs, logs: shown)
      }.problems.map(\.job)
    }
    #expect(problems([]) == ["postgres-with-a-long-name", "grüße", nil])
    #expect(problems(["grüße"]) == ["grüße", nil])
    #expect(problems(["postgres-with-a-long-name"], ["/var/log/other.log"]) == [nil])
    let path: FilePath = "/var/log/postgresql/postgresql-17-main.log"
    #expect(problems(["postgres-with-a-long-name"], [path]) == ["postgres-with-a-long-name", nil])
  }

  @Test("an overview is sound only if nothing at all is wrong")
  func soundness() {
    #expect(!Sample.overview.isSound)
    let sound: Wire.Overview = Sample.made { $0.jobs = [Sample.jobs[0]] }
    #expect(sound.isSound)
    #expect(!Sample.made(sound) { $0.daemon.configProblem = "line 3" }.isSound)
    #expect(!Sample.made(sound) { $0.jobs[0].state = .failing }.isSound)
    #expect(!Sample.made(sound) { $0.jobs[0].problems = 1 }.isSound)
    #expect(!Sample.made(sound) { $0.problems = Sample.problems }.isSound)
  }

  private func check(_ name: String, _ lines: [String]) throws {
    let path = "Tests/ControlTests/Golden/\(name).txt"
    let text = lines.map { $0 + "\n" }.joined()
    if unsafe getenv("WRITE_REFERENCE") != nil { try Tree.write(path, text) }
    let golden = try Tree.read(path)
    #expect(lines == golden.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
    #expect(!golden.isEmpty)
  }

  @Test("no line is wider than the terminal, down to 60 columns")
  func widths() throws {
    for width in 60...200 {
      for isUnicode in [false, true] {
        for entry in Self.screens {
          let lines = try screen(TerminalStyle(width: width, isUnicode: isUnicode), entry.draw)
          let wide = lines.filter { $0.columns > width }
          #expect(wide.isEmpty, "\(entry.name) at \(width): \(wide)")
        }
      }
    }
  }

  @Test("names from outside cannot control the terminal, and without Unicode all is ASCII")
  func hostileNames() throws {
    for entry in Self.screens {
      let lines = try screen(TerminalStyle(width: 100), entry.draw).joined()
      #expect(lines.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "\(entry.name)")
      let unicode = try screen(TerminalStyle(width: 100, isUnicode: true), entry.draw).joined()
      #expect(!unicode.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }, "\(entry.name)")
    }
  }

  @Test("extreme numbers are shown, and none traps")
  func extremes() throws {
    let ends: [Int64] = [.min, -1, 0, 1, .max]
    for bytes in ends {
      for limit in ends {
        let job: Wire.Job = Sample.made {
          $0.largestBytes = bytes
          $0.limitBytes = limit
          $0.archiveBytes = bytes
          $0.budgetBytes = limit
          $0.next = Sample.made { $0.at = WallTime(nanoseconds: bytes) }
          $0.last = Sample.made { $0.at = WallTime(nanoseconds: limit) }
        }
        let lines = try screen(TerminalStyle(width: 80, isUnicode: true)) {
          $0.status(Sample.made { $0.jobs = [job] })
          $0.list([job])
        }
        #expect(!lines.isEmpty)
      }
    }
  }
}

@Suite("The settings of a terminal")
struct TerminalTests {
  private func style(_ columns: Int?, _ environment: [String: String]) -> TerminalStyle {
    .fitting(columns: columns) { environment[$0] }
  }

  @Test("colour follows NO_COLOR, then CLICOLOR_FORCE, then the terminal")
  func colour() {
    #expect(style(80, [:]).isColoured)
    #expect(!style(nil, [:]).isColoured)
    #expect(!style(80, ["TERM": "dumb"]).isColoured)
    #expect(!style(80, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"]).isColoured)
    #expect(style(80, ["NO_COLOR": ""]).isColoured)
    #expect(style(nil, ["CLICOLOR_FORCE": "1"]).isColoured)
    #expect(!style(nil, ["CLICOLOR_FORCE": "0"]).isColoured)
  }

  @Test("Unicode follows the locale, and the width COLUMNS, then the terminal; without one nothing is truncated")
  func localeAndWidth() {
    #expect(style(80, ["LANG": "de_DE.UTF-8"]).isUnicode)
    #expect(style(80, ["LC_ALL": "", "LC_CTYPE": "C.utf8"]).isUnicode)
    #expect(!style(80, ["LC_ALL": "C", "LANG": "de_DE.UTF-8"]).isUnicode)
    #expect(!style(80, [:]).isUnicode)
    #expect(style(132, [:]).width == 132 && style(132, ["COLUMNS": "90"]).width == 90)
    #expect(style(nil, [:]).width > 10_000 && style(0, [:]).width == 20)
  }

  @Test("wide and combining characters take their real number of columns")
  func columns() {
    #expect("app".columns == 3 && "日本".columns == 4 && "u\u{308}".columns == 1 && "\u{1F4BE}".columns == 2)
    #expect("\u{200B}".columns == 0)
  }

  @Test("a path is shortened in the middle, a text at its end, and neither exceeds its width")
  func cutting() {
    let path = "/var/log/nginx/日本/access.log.1"
    #expect(path.cut(to: 20, inMiddle: true, ellipsis: "…") == "/var/l…/access.log.1")
    #expect(path.cut(to: 10, ellipsis: "...") == "/var/lo...")
    #expect(path.cut(to: 100, ellipsis: "…") == path)
    for width in 0...40 {
      #expect(path.cut(to: width, inMiddle: true, ellipsis: "…").columns <= width)
      #expect(path.cut(to: width, ellipsis: "...").columns <= width)
    }
  }

  @Test("a bar is filled in proportion to the size")
  func bars() {
    let (unicode, ascii) = (TerminalStyle(isUnicode: true), TerminalStyle())
    #expect(unicode.bar(0, of: 8, columns: 4) == "····" && unicode.bar(8, of: 8, columns: 4) == "████")
    #expect(unicode.bar(9, of: 64, columns: 8) == "█▏······" && unicode.bar(99, of: 8, columns: 4) == "████")
    #expect(ascii.bar(4, of: 8, columns: 4) == "##--" && ascii.bar(-1, of: 8, columns: 2) == "--")
    #expect(ascii.bar(1, of: 0, columns: 2) == "##")
  }

  @Test("less important columns are dropped first, and an empty one is left out")
  func tables() {
    var table = Table()
    table.column("NAME", .text(to: 4))
    table.column("EMPTY")
    table.column("MORE", .goes(2))
    table.column("LESS", .goes(1), isRight: true)
    table.row([Cell("abcdefgh"), Cell(""), Cell("mmmm"), Cell("1")])
    func lines(_ width: Int) -> [String] { table.lines(TerminalStyle(width: width, isUnicode: true), legend: true) }
    #expect(lines(20) == ["NAME      MORE  LESS", "abcdefgh  mmmm     1"])
    #expect(lines(80) == lines(20))
    #expect(TerminalStyle(width: 3).width == 20)
    let long = Cell("abcdefghijklmnopqrst")
    table.row([long, Cell(""), Cell("m"), Cell("22")])
    #expect(lines(20) == ["NAME      MORE  LESS", "abcdefgh  mmmm     1", "abcdefg…  m       22"])
    #expect(table.lines(TerminalStyle(width: 80), legend: false).count == 2)
  }
}
