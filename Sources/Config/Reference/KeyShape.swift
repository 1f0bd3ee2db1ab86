import Rotation

/// What the value of a key looks like, as far as an editor can see it. A shape allows every value that `SettingsReader` takes, and
/// some that it refuses.
indirect enum KeyShape: Sendable {
  case flag
  case count(ClosedRange<Int>)
  /// A text of some form: an expression of ECMA 262 that it matches.
  case text(pattern: String)
  case words([String])
  /// At least this many values.
  case list(KeyShape, least: Int)
  case any([KeyShape])
  /// A table with these keys and no others.
  case table([(name: String, shape: KeyShape)], required: [String])

  static let text = KeyShape.text(pattern: "^[^\\u0000]+$")
  static let path = KeyShape.text(pattern: "^/")
  /// Numbers, each with its unit.
  static let span = KeyShape.text(pattern: "^[ \\t]*([0-9.]+[ \\t]*[A-Za-z\u{B5}\u{3BC}]+[ \\t]*)+$")
  /// Bytes, or a number with its unit.
  static let size = KeyShape.any([.count(1...Int.max), .text(pattern: "^[ \\t]*[0-9][0-9. \\t]*[A-Za-z]*[ \\t]*$")])
  static let freeSpace = KeyShape.any([size, .text(pattern: "^[0-9]{1,2}(\\.[0-9]{1,2})?%$")])
  static let mode = KeyShape.text(pattern: "^[0-7]{3,4}$")
  static let program = KeyShape.list(.text(pattern: "^[^\\u0000]*$"), least: 1)

  static func oneOrMore(_ shape: KeyShape, least: Int = 0) -> KeyShape { .any([shape, .list(shape, least: least)]) }

  private static let command = KeyShape.any([
    .table([("command", program)], required: ["command"]), .table([("shell", text)], required: ["shell"]),
  ])
  private static let signal = KeyShape.any([
    .words(SignalName.names), .text(pattern: "^(SIG)?[A-Z]+[0-9]*(\\+[0-9]+)?$"),
  ])
  private static let unit = KeyShape.text(pattern: "^[A-Za-z0-9:_.\\\\@-]+$")
  private static let hook = KeyShape.any([
    .table([("unit", unit), ("reload", .flag)], required: ["unit", "reload"]),
    .table([("unit", unit), ("signal", signal)], required: ["unit", "signal"]),
    .table([("pidfile", path), ("signal", signal)], required: ["pidfile", "signal"]),
    .table([("command", program), ("timeout", span)], required: ["command"]),
    .table([("shell", text), ("timeout", span)], required: ["shell"]),
  ])
  private static let attributes: [(name: String, shape: KeyShape)] = [("mode", mode), ("user", text), ("group", text)]

  /// The keys of a job.
  static let job: [String: KeyShape] = [
    "logs": oneOrMore(path, least: 1), "exclude": oneOrMore(path),
    "every": span, "calendar": oneOrMore(text, least: 1), "hourly": .flag,
    "daily": .any([.flag, .text(pattern: "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$")]),
    "weekly": .flag, "monthly": .flag, "yearly": .flag, "catch-up": .flag, "jitter": span,
    "min-size": size, "min-age": span, "size": size, "check": .any([.words(["auto"]), span]), "min-interval": span,
    "keep": .count(0...Limits.maxKeep), "if-empty": .flag,
    "create": .any([.flag, .table(attributes, required: [])]),
    "method": .words(JobDraft.ChosenMethod.allCases.map(\.rawValue)),
    "truncate-by": .words(TruncationMethod.choices.map(\.rawValue)),
    "archive-names": .words(["dated", "numbered"]), "date-format": .text(pattern: "%"),
    "extension": .any([.flag, .text(pattern: "^\\.")]),
    "archive-dir": .any([text, .table([("path", text)] + attributes, required: ["path"])]),
    "before": oneOrMore(command), "notify": oneOrMore(hook), "reopen-timeout": span,
    "on-stuck": .words(["undo", "wait"]),
    "on-failure": oneOrMore(command),
    "compress": .any([
      .flag, .words(Compressor.allCases.map(\.rawValue)),
      .table(
        [("command", program), ("suffix", .text(pattern: "^\\.[0-9A-Za-z]+$"))], required: ["command", "suffix"]),
    ]),
    "compress-level": .count(0...19), "compress-after": span, "compress-from": .count(1...Limits.maxKeep),
    "max-age": span, "max-total": size, "keep-min": .count(0...Limits.maxKeep), "retain": oneOrMore(path, least: 1),
    "retain-confirmed": .flag, "use-owner-rights": .flag,
  ]

  /// The keys of other tables.
  static let daemon: [String: KeyShape] = [
    "max-children": .count(1...Limits.maxChildren), "keep-free": freeSpace, "warn-free": freeSpace,
    "on-failure": oneOrMore(command), "watch-config": .flag,
  ]
  static let metrics: [String: KeyShape] = ["textfile": path]
  static let logrotate: [String: KeyShape] = ["include": oneOrMore(path), "state": path]
}
