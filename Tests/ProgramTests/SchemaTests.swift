import Testing

/// config/rotated.schema.json, as a program that knows JSON Schema and nothing of rotated understands it.
@Suite("The JSON Schema of the config")
struct SchemaTests {
  /// The source tree, found from where this file is.
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  private static let python = "/usr/bin/python3"
  private static let hasPython =
    (try? Program.run(python, ["-c", "import jsonschema, tomllib; print('yes')"]).text) == "yes\n"

  let scratch = Scratch()

  /// What the schema says of each text.
  private func verdicts(_ texts: [String]) throws -> [String] {
    for (number, text) in texts.enumerated() { try scratch.write(text, to: "\(number).toml") }
    let (code, output) = try Program.run(
      Self.python,
      ["\(Self.root)/Tests/ProgramTests/schema.py", "\(Self.root)/config/rotated.schema.json"]
        + texts.indices.map { scratch["\($0).toml"] })
    try #require(code == 0, "\(output)")
    return output.split(separator: "\n").map(String.init)
  }

  /// The text of a config in the file with a number.
  private typealias Sample = @Sendable (Int) -> String

  /// A job with a name and a log of its own.
  private static func job(_ lines: String..., before head: String = "") -> Sample {
    { number in
      "\(head)[job.x\(number)]\nlogs = '/a\(number)'\n\((lines.isEmpty ? ["size = 1"] : lines).joined(separator: "\n"))\n"
    }
  }

  private static func raw(_ text: String) -> Sample { { _ in text } }

  /// Configs that rotated takes, with every form of a value.
  private static let sound: [Sample] = [
    job(before: "[daemon]\nkeep-free = 1000000\nwarn-free = '5.5%'\nmax-children = 2\n"),
    job(before: "[defaults]\ndaily = false\nkeep = 0\n"),
    job(
      "every = '1h 30min'", before: "[daemon]\nkeep-free = '10G'\non-failure = [{ shell = 'x' }, { command = ['y'] }]\n"
    ),
    job("every = '0.5h'", "min-age = '2 weeks'"),
    job("calendar = ['Mon 10:00', '*-*-01 Europe/Berlin']", "jitter = '1min'"), job("calendar = 'daily'"),
    job("size = '1.5G'", "check = 'auto'"), job("size = '10M'", "check = '2sec'", "min-interval = '500ms'"),
    job("daily = '03:30:59'"), job("hourly = true", "min-size = 1"), job("size = 1", "create = false"),
    job("size = 1", "create = { mode = '640', user = '0', group = 'root' }"),
    job("size = 1", "method = 'truncate'", "truncate-by = 'collapse'"), job("size = 1", "extension = true"),
    job("size = 1", "archive-dir = { path = 'old', mode = '0750' }"), job("size = 1", "exclude = ['/b', '/c*']"),
    job("size = 1", "notify = { unit = 'a@b\\x2d', signal = 'SIGUSR1' }"), job("size = 1", "notify = []"),
    job("size = 1", "notify = [{ pidfile = '/p', signal = 'RTMIN+3' }, { shell = 'x', timeout = '1s' }]"),
    job("size = 1", "before = [{ shell = 'x' }]", "compress = true", "compress-level = 1"),
    job("size = 1", "compress = { command = ['brotli', '-c'], suffix = '.br' }", "max-total = '2G'"),
    job(before: "[metrics]\ntextfile = '/m.prom'\n[logrotate]\ninclude = []\nstate = '/s'\n"),
    raw("[job.r]\nretain = '/r/*.log'\nkeep = 2\nretain-confirmed = true\n"),
    raw("[job.\"with a space\"]\nlogs = ['/x', '/y/*.log']\nweekly = true\n"),
  ]

  /// Configs that rotated refuses, and the schema, too.
  private static let wrong: [Sample] = [
    job(before: "colour = 'red'\n"), raw("[job.x]\nsize = 1\n"), job("size = 1", "kep = 3"),
    job("size = 1", "keep = '3'"),
    job("size = 1", "keep = -1"), job("size = 0"), job("size = 'big'"), job("every = 30"), job("every = 'soon'"),
    job("hourly = 'yes'"), job("size = 1", "compress = 'rar'"), job("size = 1", "method = 'copied'"),
    job("size = 1", "notify = { unit = 'a' }"), job("size = 1", "notify = { shell = 'x', pidfile = '/p' }"),
    job("size = 1", "create = { mode = 640 }"), raw("[job.y]\nlogs = 'relative'\nsize = 1\n"),
    raw("[job.z]\nlogs = []\nsize = 1\n"), job(before: "[defaults]\nlogs = '/a'\n"),
    job(before: "[daemon]\nkeep-free = '5.555%'\n"), raw("[job]\nsize = 1\n"),
  ]

  private static func texts(_ samples: [Sample]) -> [String] { samples.enumerated().map { $1($0) } }

  /// The errors that rotated finds in the files of a directory, or nothing.
  private func check(_ texts: [String], in directory: String) throws -> (code: Int32, text: String) {
    try scratch.makeDirectory(directory)
    for (number, text) in texts.enumerated() { try scratch.write(text, to: "\(directory)/\(number + 10).toml") }
    return try Program.run(Program.rotatectl, ["check", "--offline", scratch[directory]])
  }

  @Test(
    "it takes what rotated takes: every form of a value, the example of each key, the configs of this tree and of the guides",
    .enabled(if: hasPython, "needs python3-jsonschema"))
  func sound() throws {
    var texts = Self.texts(Self.sound)
    let (code, words) = try check(texts, in: "sound")
    #expect(code == 0, "\(words)")
    for name in ["config/rotated.toml", "config/four-jobs.toml", "config/demo.toml"] {
      texts.append(try #require(readWholeFile("\(Self.root)/\(name)")))
    }
    // Each example, also those that are comments because they do not go together.
    let examples = try #require(readWholeFile("\(Self.root)/config/rotated.toml")).split(separator: "\n").map { line in
      guard line.hasPrefix("#") && !line.hasPrefix("# ") || line.hasPrefix("  #") else { return String(line) }
      return String(line.prefix { $0 != "#" } + line.drop { $0 != "#" }.dropFirst())
    }
    #expect(examples.count { !$0.hasPrefix("# ") && $0.contains(" = ") } > 45)
    texts.append(examples.joined(separator: "\n"))
    for guide in names(in: "\(Self.root)/docs/guides").sorted() where guide.hasSuffix(".md") {
      let text = try #require(readWholeFile("\(Self.root)/docs/guides/\(guide)"))
      texts += DocumentTests.blocks("toml", in: text)
    }
    #expect(texts.count > 40)
    let verdicts = try verdicts(texts)
    #expect(verdicts.count == texts.count)
    for (text, verdict) in zip(texts, verdicts) where verdict != "ok" { Issue.record("\(verdict)\n\(text)") }
  }

  @Test("what it refuses, rotated refuses", .enabled(if: hasPython, "needs python3-jsonschema"))
  func wrong() throws {
    let texts = Self.texts(Self.wrong)
    let (code, words) = try check(texts, in: "wrong")
    #expect(code == 78)
    let verdicts = try verdicts(texts)
    #expect(verdicts.count == texts.count)
    for (number, (text, verdict)) in zip(texts, verdicts).enumerated() {
      #expect(verdict != "ok", "\(text)")
      #expect(words.contains("wrong/\(number + 10).toml:"), "\(text)\n\(words)")
    }
  }
}
