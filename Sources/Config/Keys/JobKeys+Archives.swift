import Rotation
import Timekeeping

/// Who is notified, and what becomes of the archives.
extension JobKeys {
  static let hooks: [Key<JobDraft>] = [
    Key(
      "before", \.rules.before, default: "[]",
      example: #"#before = { command = ["/usr/local/bin/flush-app"] }"#,
      """
      a command that runs before the logs of a run are rotated, or a list of them: a program with its arguments, or a line for
      /bin/sh. They run one after the other, for 60 s each at most, and only when a log is due. If one fails, nothing is
      rotated this time, and it is tried again later. ROTATED_JOB is in their environment.
      """
    ) { $0.commands($1) },
    Key(
      "notify", \.rules.hooks, default: "[]",
      example: #"""
        notify = [
          { unit = "app.service", signal = "USR1" },
          #{ unit = "nginx.service", reload = true },
          #{ pidfile = "/run/app.pid", signal = "HUP" },
          #{ command = ["/usr/local/bin/app-logs", "reopen"], timeout = "10s" },
          #{ shell = "kill -HUP $(cat /run/app.pid)" },
        ]
        """#,
      """
      who is notified when logs were rotated, or a list of them. Each is notified once a run, however many logs of however
      many jobs it is about. systemctl reloads a unit or sends it a signal; a pidfile names the process that gets the
      signal; a command runs for as long as its `timeout` lets it (60s), with ROTATED_JOB, ROTATED_LOG, ROTATED_ARCHIVE and
      ROTATED_COUNT, the number of logs, in its environment. With several logs these have a line for each: line n of
      ROTATED_LOG and of ROTATED_ARCHIVE belong together, and ROTATED_JOB has each job once. Names with a newline in them are
      left out, and what would be more than 96 KiB. A notice that fails is sent again, with growing pauses and after a restart
      too. A pidfile must be a plain file, with no second name and no symbolic link, that its owner alone can write. It
      belongs to root (or to the user that rotated runs as), or to the owner of the log; then the process must be that user's
      as well.
      """
    ) { $0.hooks($1) },
    Key(
      "reopen-timeout", \.rules.reopenTimeout, default: #""30s""#, example: #"reopen-timeout = "30s""#,
      """
      how long a writer may hold on to the old log before the operator is warned and the writer notified again. The warning
      names the process, in jobs without `notify` too: its new lines go to the archive. Until it lets go, an archive is
      neither compressed nor removed.
      """
    ) { $0.span($1, hint: .units) },
    Key(
      "on-stuck", \.rules.undoesWhenStuck, default: #""wait""#, example: #"on-stuck = "wait""#,
      rules: [
        Rule("with `method = \"truncate\"`: the writer goes on with the same file") { $0.truncates },
        Rule("with `create = false`: there is no new log to swap back", hint: "take one of them away") {
          $0.rules.creation == .leftToWriter
        },
        Rule(
          "with `archive-dir`: an archive in another directory is not swapped back", hint: "take one of them away"
        ) { $0.rules.archiveDirectory != nil },
      ],
      """
      what happens when it does not let go: "wait" goes on notifying it, "undo" puts the old log back under its name as long
      as the new one is empty. The log is then rotated when it is due again; for its size not before a minute has passed, and
      longer each time.
      """
    ) { $0.choice($1, ["wait": false, "undo": true]) },
  ]

  static let compression: [Key<JobDraft>] = [
    Key(
      "compress", \.compress, default: "false", example: #"compress = "gzip""#,
      """
      what archives are compressed with: "zstd", "gzip", "xz", "bzip2" or "lz4"; true is zstd where it is installed, else
      gzip; a table names another: { command = ["brotli", "-c"], suffix = ".br" }. It reads standard input and writes standard
      output. An archive is compressed when its writers have closed it. A compressor that reads and writes nothing for a
      minute is reported; after ten minutes it is killed and tried again later. A sparse archive whose compressed copy would
      take more room than it stays plain.
      """
    ) { $0.compress($1) },
    Key(
      "compress-level", \.level, example: "compress-level = 6",
      rules: [
        needsCompress,
        Rule("with a `command` of its own", hint: "write the level into the command") {
          if case .command = $0.compress { true } else { false }
        },
      ],
      "a number that the compressor has as its level; none is its own default."
    ) { $0.level($1) },
    Key(
      "compress-after", \.compressAfter, default: #""0s""#, example: #"compress-after = "10min""#,
      rules: [needsCompress], "how old an archive is before it is compressed."
    ) { $0.span($1, in: .zero...Limits.longestSpan) },
    Key(
      "compress-from", \.compressFrom, default: "1", example: "compress-from = 2", rules: [needsCompress],
      "the newest archive that is compressed; 2 leaves the newest plain."
    ) { $0.count($1, in: 1...Limits.maxKeep) },
  ]

  private static let needsCompress = Rule<JobDraft>.needs("`compress`", adding: "`compress = true`") {
    $0.has(.compress)
  }

  static let retention: [Key<JobDraft>] = [
    Key(
      "max-age", \.rules.maxAge, example: #"max-age = "90d""#, removes: true,
      """
      archives whose last line is older than this span are removed, at that moment, the oldest first. A time in the future is
      not believed: such an archive counts as old as the one that came after it.
      """
    ) { $0.span($1, hint: .days) },
    Key(
      "max-total", \.rules.maxTotal, example: #"max-total = "2G""#, removes: true,
      """
      the bytes that the logs of the job may take on disk together with their archives; the oldest archives of the job go
      first, whichever log they are of.
      """
    ) { $0.size($1, isBound: true) },
    Key(
      "keep-min", \.rules.keepMin, default: "1", example: "keep-min = 1", removes: true,
      rules: [
        Rule("greater than `keep`", hint: "so many versions are never there") { $0.rules.keepMin > $0.rules.keep }
      ],
      "the newest archives of each log that stay, this many, whatever their age, their size and the free space."
    ) { $0.count($1, in: 0...Limits.maxKeep) },
  ]

  static let rights: [Key<JobDraft>] = [
    Key(
      "use-owner-rights", \.rules.actsAsOwner, default: "true", example: "use-owner-rights = true",
      formerName: "act-as-owner",
      """
      whether a daemon that runs as root uses the file rights of a log directory's owner, where that is another user. With
      false it uses its own.
      """
    ) { $0.flag($1) }
  ]
}

/// A compressor that a config describes.
struct CustomCompressor {
  var command: [ExactText]?
  var suffix: String?
}

enum CompressorKeys {
  static let customCompressor: [Key<CustomCompressor>] = [
    Key("command", \.command, isRequired: true) { $0.words($1) },
    Key("suffix", \.suffix, isRequired: true) { $0.suffix($1) },
  ]
}

/// What is of no one job.
enum DaemonKeys {
  static let daemon: [Key<DaemonSettings>] = [
    Key(
      "max-children", \.maxChildren, example: "max-children = 1",
      """
      how many children compress at a time; none is one for each two processors. One that takes longer than a minute lets an
      archive of another owner begin beside it.
      """
    ) { $0.count($1, in: 1...Limits.maxChildren) },
    Key(
      "keep-free", \.keepFree, example: #"keep-free = "5%""#, removes: true,
      """
      the free space of a file system, "10G" or "5%", below which archives of all jobs there are removed, the oldest first,
      down to `keep-min` of each log. An archive that a writer has open stays: it would free nothing.
      """
    ) { $0.freeSpace($1) },
    Key(
      "warn-free", \.warnFree, example: #"warn-free = "10%""#,
      """
      the free space below which there is a warning. Below `keep-free` there is one anyway. Free is what a writer without
      privileges could use. Both are over when a tenth more is free.
      """
    ) { $0.freeSpace($1) },
  ]
}
