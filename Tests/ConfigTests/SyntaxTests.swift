import Config
import Testing

@Suite("Errors of syntax")
struct SyntaxTests {
  static let list = "(a list is `[\"a\", \"b\"]`)"
  static let lines = "(a line is `key = value`, `[table]` or `# comment`)"
  static let names = "(letters, digits, `-` and `_`; anything else is quoted: `[job.\"my app\"]`)"
  static let braces = "(it stands on one line, without a comma at its end: `{ mode = \"0640\", user = \"root\" }`)"

  static let cases: [(text: String, finding: String)] = [
    (
      "[job.x.create]\nmode = 0640\n",
      "2:8: error: `mode = 0640` is no TOML: a number does not start with 0 (quote it: `mode = \"0640\"`)"
    ),
    (
      "create = { user = 'a', mode = 0640 }",
      "1:31: error: `mode = 0640` is no TOML: a number does not start with 0 (quote it: `mode = \"0640\"`)"
    ),
    (
      "mode = 0890",
      "1:8: error: `mode = 0890` is no TOML: a number does not start with 0 (quote it: `mode = \"0890\"`)"
    ),
    ("every = 30s", "1:9: error: `every = 30s` is no TOML: a text stands in quotes (quote it: `every = \"30s\"`)"),
    (
      "every = 1h 30min # often",
      "1:9: error: `every = 1h 30min` is no TOML: a text stands in quotes (quote it: `every = \"1h 30min\"`)"
    ),
    ("size = 1.5G", "1:8: error: `size = 1.5G` is no TOML: a text stands in quotes (quote it: `size = \"1.5G\"`)"),
    ("logs = /a/b", "1:8: error: `logs = /a/b` is no TOML: a text stands in quotes (quote it: `logs = \"/a/b\"`)"),
    ("logs = [ /a, /b ]", "1:10: error: `/a` is no TOML: a text stands in quotes (quote it: `\"/a\"`)"),
    (
      "daily = 03:30", "1:9: error: `daily = 03:30` is no TOML: a text stands in quotes (quote it: `daily = \"03:30\"`)"
    ),
    ("daily = yes", "1:9: error: `daily = yes` is no TOML (write `daily = true`)"),
    ("daily = False", "1:9: error: `daily = False` is no TOML (write `daily = false`)"),
    ("logs = “/a”", "1:8: error: these quotes are not those of TOML (write straight quotes: `\"` or `'`)"),
    (
      "[job.x]\nkeep = 1 # one\n  keep = 2\n",
      "3:3: error: `keep` is given twice; the first is in line 2 (leave one of them)"
    ),
    ("create = { mode = '1', mode = '2' }", "1:24: error: `mode` is given twice (leave one of them)"),
    ("keep = 1\nkeep.x = 2", "2:1: error: `keep.x` is given twice (leave one of them)"),
    (
      "[job.x]\n[job.y]\n[job.x] # again\n",
      "3:1: error: `[job.x]` is there twice; the first is in line 1 (put everything below the first one)"
    ),
    ("logs = \"/a\nkeep = 1", "1:8: error: the string that starts here has no closing quote"),
    ("logs = ['/a', '/b]", "1:15: error: the string that starts here has no closing quote"),
    ("logs = \"\"\"/a", "1:8: error: the string that starts here has no closing quote"),
    ("logs = '''/a\n/b", "2:3: error: the text ends in a string that has no closing quotes"),
    (
      "logs = \"/a\\*\"",
      "1:12: error: a `\\` in double quotes starts an escape, and this one TOML does not know "
        + "(write `\\\\` for a backslash, or put the text in single quotes)"
    ),
    ("logs = \"/a\u{7}\"", "1:11: error: a control character (U+0007) stands here (take it out)"),
    (
      "logs = '/a'\0",
      "1:12: error: `\\u{0}` stands behind the end of a value (one key to a line; a text stands in quotes)"
    ),
    ("logs = ['/a'\nkeep = 1\n", "2:1: error: the list before this lacks its `]`, or a comma \(list)"),
    ("logs = ['/a' '/b']", "1:14: error: the list before this lacks its `]`, or a comma \(list)"),
    ("logs = ['/a',, '/b']", "1:14: error: this comma follows no value \(list)"),
    (
      "logs = ['/a',",
      "1:14: error: the text ends where a list or a table in braces is still open (add `]` or `}`)"
    ),
    ("create = { mode = '1', }", "1:24: error: the table in braces goes wrong here \(braces)"),
    ("create = {\n mode = '1' }", "1:11: error: the table in braces goes wrong here \(braces)"),
    (
      "every = '30s';",
      "1:14: error: `;` stands behind the end of a value (one key to a line; a text stands in quotes)"
    ),
    (
      "[job.x",
      "1:7: error: the name of the table is not closed by `]` here (a name with blanks or dots is quoted: `[job.\"my app\"]`)"
    ),
    (
      "[job.a b]",
      "1:8: error: the name of the table is not closed by `]` here (a name with blanks or dots is quoted: `[job.\"my app\"]`)"
    ),
    ("[job.]", "1:6: error: a name belongs here \(names)"), ("[]", "1:2: error: a name belongs here \(names)"),
    ("[=]", "1:2: error: a name belongs here \(names)"), ("[job.é]", "1:6: error: a name belongs here \(names)"),
    ("keep 7", "1:6: error: `keep` is followed by no `=` \(lines)"),
    ("keep", "1:5: error: `keep` is followed by no `=` \(lines)"),
    ("keep =\nsize = 1", "1:7: error: `keep` has no value (write one behind the `=`)"),
    ("keep = # seven", "1:8: error: `keep` has no value (write one behind the `=`)"),
    ("keep =", "1:7: error: `keep` has no value (write one behind the `=`)"),
    ("= 7", "1:1: error: no key starts with this sign \(lines)"),
    ("keep = 99999999999999999999", "1:8: error: a number beyond 64 bits stands here"),
    (
      "keep = 1\rsize = 1",
      "1:10: error: a carriage return stands here without a line feed (save the file with the line ends of Unix)"
    ),
  ]

  @Test("a slip of syntax is named in plain words, at its place", arguments: cases.indices)
  func slips(_ index: Int) {
    let (text, expected) = Self.cases[index]
    #expect(findings(read(text)) == [expected])
  }

  @Test("a key of absurd depth is refused, however it is written, and a line of dots is none")
  func depth() {
    let deep = Array(repeating: "a", count: 100_000)
    for text in [
      deep.joined(separator: ".") + " = 1", "[" + deep.joined(separator: " . ") + "]",
      "x = { y = '#', " + deep.joined(separator: ".") + " = 1 }",
      "x = \"\"\"\"\"\"\"\n" + deep.map { "'\($0)'" }.joined(separator: ".") + " = 1",
    ] {
      #expect(read(text).configuration == nil)
      #expect(read(text).diagnostics.count == 1)
    }
    let dots = String(repeating: ".", count: 500)
    #expect(findings(read("# \(dots)\n[job.x]\nlogs = '/\(dots)'.\n"))[0].hasPrefix("3:"))
    #expect(
      read("# \(dots)\n[job.x]\nexclude = ['/\(dots.prefix(200))a']\nlogs = '/a'\nsize = 1\n").configuration != nil)
  }

  @Test("values nested without end are refused")
  func nesting() {
    let result = read("logs = " + String(repeating: "[", count: 100_000))
    #expect(result.diagnostics.count == 1)
  }
}
