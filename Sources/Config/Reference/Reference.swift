/// config/rotated.toml, the config with every key, made from the key table.
package enum Reference {
  /// The text of the file.
  package static var text: String {
    let job = Tables.job.keys.map { section($0.text) }.joined()
    let daemon = Tables.daemon.keys.map { section($0.text, in: "daemon.") }.joined()
    let metrics = Tables.metrics.keys.map { section($0.text, in: "metrics.") }.joined()
    let logrotate = Tables.logrotate.keys.map { section($0.text, in: "logrotate.") }.joined()
    let tables = [
      "# Keys of the daemon as a whole.\n[daemon]\n\n", daemon, "# Metrics for Prometheus.\n[metrics]\n\n", metrics,
      "# Files in logrotate's language.\n[logrotate]\n\n", logrotate,
    ]
    return head + job + tables.joined().dropLast()
  }

  /// The keys of a job that have a default, with the default as written in a config.
  package static var defaults: [(name: String, value: String)] {
    Tables.job.keys.compactMap { key in
      // What each job has of its own cannot be read from `[defaults]`; the draft has its value.
      if case .value(let value) = key.text.absence, !key.isOwn { (key.name, value) } else { nil }
    }
  }

  /// What a config is, in paragraphs.
  static let introduction = [
    """
    A job is a table `[job.NAME]`. It says which logs it has, when they are due, and what a rotation does. A job needs `logs`,
    and a schedule, a `size`, or both. A schedule is one of `every`, `calendar`, `hourly`, `daily`, `weekly`, `monthly` and
    `yearly`. With a schedule and a size, whichever comes first rotates the log. A job with `retain` has no logs: it removes files
    of another program.
    """,
    "A log is rotated to numbered archives: app.log.1 is the newest, app.log.2 the one before.",
  ]

  /// How a config is made of several files.
  static let severalFiles = """
    A config can have several files. `include`, above all tables, names files or patterns of files, from the directory of the
    config. /etc/rotated/rotated.toml also has fragments: the files *.toml in /etc/rotated/conf.d, /run/rotated/conf.d and
    /usr/lib/rotated/conf.d, in the order of their names. Of files with the same name, the one in the first of these
    directories is used; an empty file or a link to /dev/null hides the others. The `[defaults]` of a fragment hold for its
    own jobs, and replace those here key by key; so does its `[daemon]`, for all.
    """

  /// What `[defaults]` are.
  static let defaultsSentence = """
    Every key of a job except `logs`, `retain` and `retain-confirmed` is allowed in `[defaults]`, and holds for each job that does
    not have the key itself. The rules of a job with `retain` are those of its own table. A
    job that has a schedule of its own (`daily = false` is one, too) does not use the schedule there. `exclude` and `create`
    of a job replace those there as a whole.
    """

  private static let head =
    """
    # The config of rotated, a TOML file. This one has every key.
    #
    # `rotatectl check --config FILE` reports every error in a config, with its line and column.
    # `rotatectl plan --config FILE` shows what a rotation would do now, and changes nothing.
    #

    """ + introduction.map { wrapped($0) }.joined(separator: "#\n") + "\n" + wrapped(severalFiles)
    + "#include = \"sites/*.toml\"\n\n" + wrapped(defaultsSentence) + "[defaults]\nkeep = 7\n\n[job.app]\n\n"

  /// A key's comment and example, and the comments of the keys of its value.
  private static func section(_ key: KeyText, in table: String = "") -> String {
    let parts = key.parts.map { comment($0, in: "\(key.name).") }.joined()
    return comment(key, in: table) + key.example + "\n\n" + (parts.isEmpty ? "" : parts + "\n")
  }

  private static func comment(_ key: KeyText, in table: String) -> String {
    let absence =
      switch key.absence {
      case .required: "required"
      case .none: "default: none"
      case .value(let value): "default: \(value)"
      }
    return wrapped("\(table)\(key.name) (\(absence)): \(key.sentence)")
  }

  /// A paragraph as a comment with lines that fit on a screen.
  private static func wrapped(_ paragraph: String) -> String {
    var text = "#"
    var width = 1
    for word in paragraph.split(whereSeparator: \.isWhitespace) {
      if width + 1 + word.count > 120 {
        text += "\n#"
        width = 1
      }
      text += " " + word
      width += 1 + word.count
    }
    return text + "\n"
  }
}
