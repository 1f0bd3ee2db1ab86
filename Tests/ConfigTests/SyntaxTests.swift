import Config
import Testing

@Suite("Errors of syntax")
struct SyntaxTests {
  static let list = "(a list is `[\"a\", \"b\"]`)"
  static let lines = "(a line is `key = value`, `[table]` or `# comment`)"
  static let names = "(use letters, digits, `-` and `_`, or quote the name: `[job.\"my app\"]`)"
  static let braces = "(write it on one line, without a comma at its end: `{ mode = \"0640\", user = \"root\" }`)"

  static let cases: [(text: String, finding: String)] = [
    (
      "[job.x.create]\nmode = 0640\n",
      "2:8: error: `mode = 0640` is not valid TOML: a number cannot start with 0 (quote it: `mode = \"0640\"`)"
    ),
    (
      "create = { user = 'a', mode = 0640 }",
      "1:31: error: `mode = 0640` is not valid TOML: a number cannot start with 0 (quote it: `mode = \"0640\"`)"
    ),
    (
      "mode = 0890",
      "1:8: error: `mode = 0890` is not valid TOML: a number cannot start with 0 (quote it: `mode = \"0890\"`)"
    ),
    ("every = 30s", "1:9: error: `every = 30s` is not valid TOML: a string needs quotes (quote it: `every = \"30s\"`)"),
    (
      "every = 1h 30min # often",
      "1:9: error: `every = 1h 30min` is not valid TOML: a string needs quotes (quote it: `every = \"1h 30min\"`)"
    ),
    ("size = 1.5G", "1:8: error: `size = 1.5G` is not valid TOML: a string needs quotes (quote it: `size = \"1.5G\"`)"),
    ("logs = /a/b", "1:8: error: `logs = /a/b` is not valid TOML: a string needs quotes (quote it: `logs = \"/a/b\"`)"),
    ("logs = [ /a, /b ]", "1:10: error: `/a` is not valid TOML: a string needs quotes (quote it: `\"/a\"`)"),
    (
      "daily = 03:30",
      "1:9: error: `daily = 03:30` is not valid TOML: a string needs quotes (quote it: `daily = \"03:30\"`)"
    ),
    ("daily = yes", "1:9: error: `daily = yes` is not valid TOML (write `daily = true`)"),
    ("daily = False", "1:9: error: `daily = False` is not valid TOML (write `daily = false`)"),
    ("logs = “/a”", "1:8: error: these quotes are not valid in TOML (write straight quotes: `\"` or `'`)"),
    (
      "[job.x]\nkeep = 1 # one\n  keep = 2\n",
      "3:3: error: `keep` is set twice; the first one is in line 2 (keep one of them)"
    ),
    ("create = { mode = '1', mode = '2' }", "1:24: error: `mode` is set twice (keep one of them)"),
    ("keep = 1\nkeep.x = 2", "2:1: error: `keep.x` is set twice (keep one of them)"),
    (
      "[job.x]\n[job.y]\n[job.x] # again\n",
      "3:1: error: `[job.x]` is defined twice; the first one is in line 1 (put all its keys below the first one)"
    ),
    ("logs = \"/a\nkeep = 1", "1:8: error: the string that starts here has no closing quote"),
    ("logs = ['/a', '/b]", "1:15: error: the string that starts here has no closing quote"),
    ("logs = \"\"\"/a", "1:8: error: the string that starts here has no closing quote"),
    ("logs = '''/a\n/b", "2:3: error: the file ends inside a string that has no closing quotes"),
    (
      "logs = \"/a\\*\"",
      "1:12: error: unknown escape sequence: in double quotes a `\\` starts one "
        + "(write `\\\\` for a backslash, or put the text in single quotes)"
    ),
    ("logs = \"/a\u{7}\"", "1:11: error: the control character U+0007 is not allowed here (remove it)"),
    (
      "logs = '/a'\0",
      "1:12: error: `\\u{0}` follows the end of a value (write one key a line, and a string in quotes)"
    ),
    ("logs = ['/a'\nkeep = 1\n", "2:1: error: a `]` or a comma is missing before this \(list)"),
    ("logs = ['/a' '/b']", "1:14: error: a `]` or a comma is missing before this \(list)"),
    ("logs = ['/a',, '/b']", "1:14: error: there is no value before this comma \(list)"),
    (
      "logs = ['/a',",
      "1:14: error: the file ends inside a list or an inline table (add `]` or `}`)"
    ),
    ("create = { mode = '1', }", "1:24: error: the syntax of the inline table is wrong here \(braces)"),
    ("create = {\n mode = '1' }", "1:11: error: the syntax of the inline table is wrong here \(braces)"),
    (
      "every = '30s';",
      "1:14: error: `;` follows the end of a value (write one key a line, and a string in quotes)"
    ),
    (
      "[job.x",
      "1:7: error: a `]` is missing after the name of the table (quote a name that has spaces or dots: `[job.\"my app\"]`)"
    ),
    (
      "[job.a b]",
      "1:8: error: a `]` is missing after the name of the table (quote a name that has spaces or dots: `[job.\"my app\"]`)"
    ),
    ("[job.]", "1:6: error: a name is missing here \(names)"), ("[]", "1:2: error: a name is missing here \(names)"),
    ("[=]", "1:2: error: a name is missing here \(names)"), ("[job.é]", "1:6: error: a name is missing here \(names)"),
    ("keep 7", "1:6: error: there is no `=` after `keep` \(lines)"),
    ("keep", "1:5: error: there is no `=` after `keep` \(lines)"),
    ("keep =\nsize = 1", "1:7: error: `keep` has no value (write one after the `=`)"),
    ("keep = # seven", "1:8: error: `keep` has no value (write one after the `=`)"),
    ("keep =", "1:7: error: `keep` has no value (write one after the `=`)"),
    ("= 7", "1:1: error: a key cannot start with this character \(lines)"),
    ("keep = 99999999999999999999", "1:8: error: the number does not fit into 64 bits"),
    (
      "keep = 1\rsize = 1",
      "1:10: error: a carriage return without a line feed is not allowed here (save the file with Unix line endings)"
    ),
  ]

  @Test("a typing error of syntax is reported in plain words, at its position", arguments: cases.indices)
  func slips(_ index: Int) {
    let (text, expected) = Self.cases[index]
    #expect(findings(read(text)) == [expected])
  }

  @Test("a key of extreme depth is refused in every form, and a line of dots is not")
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
