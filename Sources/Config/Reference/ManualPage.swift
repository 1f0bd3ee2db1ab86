/// docs/man/rotated.toml.5, the manual page of the config, made from the key table (mdoc(7)).
package enum ManualPage {
  /// The text of the file.
  package static var text: String {
    var page = Mdoc()
    page.lines(head)
    page.paragraphs(Reference.introduction)
    page.macro("Ss Several files")
    page.paragraphs([Reference.severalFiles])
    page.lines(".Pp\nThe config and its files may be symbolic links.\nA log is never one.")
    page.macro("Sh DEFAULTS")
    page.paragraphs([Reference.defaultsSentence])
    page.macro("Sh KEYS OF A JOB")
    page.list(Tables.job.keys.map(\.text))
    page.macro("Sh KEYS OF THE DAEMON")
    page.paragraphs(["These are in the table `[daemon]`."])
    page.list(Tables.daemon.keys.map(\.text))
    page.macro("Sh KEYS OF THE METRICS")
    page.paragraphs(["These are in the table `[metrics]`."])
    page.list(Tables.metrics.keys.map(\.text))
    page.macro("Sh KEYS OF LOGROTATE")
    page.paragraphs(["These are in the table `[logrotate]`."])
    page.list(Tables.logrotate.keys.map(\.text))
    page.lines(tail)
    return page.text
  }

  private static let head = #"""
    .\" Made from the key table: WRITE_REFERENCE=1 swift test --filter ReferenceTests
    .Dd November 27, 2026
    .Dt ROTATED.TOML 5
    .Os
    .Sh NAME
    .Nm rotated.toml
    .Nd config of the log rotation daemon rotated
    .Sh SYNOPSIS
    .Bl -item -compact
    .It
    .Pa /etc/rotated/rotated.toml
    .It
    .Pa /etc/rotated/conf.d/*.toml
    .It
    .Pa /run/rotated/conf.d/*.toml
    .It
    .Pa /usr/lib/rotated/conf.d/*.toml
    .El
    .Sh DESCRIPTION
    The config of
    .Xr rotated 8
    is a TOML file.
    .Ql rotatectl check
    reports every error in a config, with its line and column.
    .Ql rotatectl plan
    shows what a rotation would do now, and changes nothing.
    """#

  private static let tail = #"""
    .Sh FILES
    .Bl -tag -width Ds
    .It Pa /etc/rotated/rotated.toml
    The config.
    .It Pa /etc/rotated/conf.d
    One file for each service, of the administrator or of a tool.
    .It Pa /usr/lib/rotated/conf.d
    The same, of packages.
    .It Pa /usr/share/doc/rotated/examples/rotated.toml
    An example of every key.
    .It Pa /usr/share/rotated/rotated.schema.json
    A JSON Schema of the config, for editors.
    One with Taplo completes and checks a file that begins with the line
    .Ql #:schema file:///usr/share/rotated/rotated.schema.json .
    It refuses nothing that rotated takes, and
    .Ql rotatectl check
    finds more.
    .El
    .Sh EXAMPLES
    A log that is rotated each night, and as soon as it has 100 MiB:
    .Bd -literal -offset indent
    [job.app]
    logs = "/var/log/app/*.log"
    daily = "03:30"
    size = "100M"
    keep = 14
    compress = true
    notify = { unit = "app.service", reload = true }
    .Ed
    .Sh SEE ALSO
    .Xr rotatectl 1 ,
    .Xr systemd.time 7 ,
    .Xr rotated 8
    """#
}

/// A manual page that is being written.
private struct Mdoc {
  private(set) var text = ""

  /// Lines that are mdoc already.
  mutating func lines(_ lines: String) { text += lines + "\n" }

  mutating func macro(_ line: String) { text += "." + line + "\n" }

  /// Each text is a paragraph; what is between backquotes is set in bold.
  mutating func paragraphs(_ paragraphs: [String]) {
    for paragraph in paragraphs {
      // Directly after a heading it would be one too many.
      if !text.hasSuffix("\n"), !text.isEmpty { text += "\n" }
      if !isAfterHeading { macro("Pp") }
      flow(paragraph)
    }
  }

  /// Keys with what they mean, and below them the keys of their values.
  mutating func list(_ keys: [KeyText]) {
    macro("Bl -tag -width Ds")
    for key in keys {
      let absence =
        switch key.absence {
        case .required: "required"
        case .none: "default: none"
        case .value(let value): "default: " + Self.escaped(value, isCode: true)
        }
      macro("It Ic \(key.name) Pq \(Self.argument(absence))")
      flow(key.sentence.prefix(1).uppercased() + key.sentence.dropFirst())
      let example = key.example.split(separator: "\n").map { $0.hasPrefix("#") ? $0.dropFirst() : $0 }
      if !example.isEmpty {
        macro("Bd -literal -compact")
        for line in example { text += Self.start(Self.escaped(String(line), isCode: true)) + "\n" }
        macro("Ed")
      }
      if !key.parts.isEmpty { list(key.parts) }
    }
    macro("El")
  }

  private var isAfterHeading: Bool {
    guard let last = text.split(separator: "\n").last else { return true }
    return last.hasPrefix(".Sh") || last.hasPrefix(".Ss")
  }

  /// A paragraph in lines of at most 78 columns, each sentence on lines of its own.
  private mutating func flow(_ paragraph: String) {
    var line = ""
    var isCode = false
    for word in paragraph.split(whereSeparator: \.isWhitespace) {
      var shown = ""
      let opens = !isCode
      for (index, part) in word.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
        if index > 0 {
          isCode.toggle()
          shown += isCode ? #"\fB"# : #"\fR"#
        }
        shown += Self.escaped(String(part), isCode: isCode)
      }
      let startsSentence = opens && (word.first?.isUppercase == true || word.first == "`" || word.first == "\"")
      let ends = line.hasSuffix(".") || line.hasSuffix(".)") || line.hasSuffix(":")
      if !line.isEmpty, line.utf8.count + 1 + shown.utf8.count > 78 || (ends && startsSentence) {
        text += Self.start(line) + "\n"
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + shown
    }
    if !line.isEmpty { text += Self.start(line) + "\n" }
  }

  /// A text line that would be a request, were it not for its start.
  private static func start(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? #"\&"# + line : line
  }

  private static func escaped(_ text: String, isCode: Bool) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += #"\e"#
      case "-" where isCode: result += #"\-"#
      case "'" where isCode: result += #"\(aq"#
      case "~" where isCode: result += #"\(ti"#
      case "^" where isCode: result += #"\(ha"#
      case "`": result += #"\(ga"#
      default: result.append(character)
      }
    }
    return result
  }

  /// One argument of a macro line.
  private static func argument(_ text: String) -> String {
    "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
