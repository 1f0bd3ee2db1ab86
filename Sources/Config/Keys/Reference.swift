/// config/rotated.toml, the config with every key there is, as it follows from the table of keys.
package enum Reference {
  /// The text of the file.
  package static var text: String {
    head + Tables.job.keys.map(\.text).map { section($0) }.joined() + "# What is of no one job.\n[daemon]\n\n"
      + Tables.daemon.keys.map(\.text).map { section($0, in: "daemon.") }.joined(separator: "").dropLast()
  }

  /// The keys of a job that have a default, with it, as it would be written in a config.
  package static var defaults: [(name: String, value: String)] {
    Tables.job.keys.compactMap { key in
      if case .value(let value) = key.text.absence { (key.name, value) } else { nil }
    }
  }

  private static let head = """
    # The config of rotated: a TOML file, here with every key there is.
    #
    # `rotatectl check --config FILE` reads a config and names everything that is wrong in it, at its place.
    # `rotatectl plan --config FILE` shows what a rotation now would do, and changes nothing.
    #
    # A job is a table [job.NAME]: which logs, when they are due, and what a rotation does. It needs `logs`, and at least one
    # of a schedule and a `size`. A schedule is one of `every`, `calendar`, `hourly`, `daily`, `weekly`, `monthly` and `yearly`;
    # with a schedule and a size, whichever comes first rotates the log.
    #
    # A log is rotated into numbered versions: app.log.1 is the newest, app.log.2 the one before.

    # A config may be several files. `include` stands above all tables, and names files, or patterns of files, from the directory
    # of the config. /etc/rotated/rotated.toml has fragments besides: /etc/rotated/conf.d/*.toml, then those in
    # /run/rotated/conf.d and /usr/lib/rotated/conf.d; of one name the first counts, and an empty file or a link to /dev/null hides
    # the others. The `[defaults]` of such a file are those of its own jobs, over those here; its `[daemon]` replaces what is said here.
    #include = "sites/*.toml"

    # Any key of a job but `logs` may stand here, and counts for each job that does not have it. A job that names a schedule,
    # `daily = false` too, takes nothing of the schedule here; `exclude` and `create` of a job replace those here as a whole.
    [defaults]
    keep = 7

    [job.app]


    """

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

  /// A paragraph as a comment of lines that fit on a screen.
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
