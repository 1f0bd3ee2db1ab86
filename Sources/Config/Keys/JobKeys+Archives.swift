import Rotation
import Timekeeping

/// How writers are notified, and what is done with archives.
extension JobKeys {
  static let hooks: [Key<JobDraft>] = [
    Key(
      "before", \.rules.before, default: "[]",
      example: #"#before = { command = ["/usr/local/bin/flush-app"] }"#,
      """
      a command that runs before logs of the job are rotated, or a list of commands: a program with its arguments, or a
      command line for /bin/sh (`shell`). They run one after the other, each for 60 s at most, and only when a log is due. If
      one fails, nothing is rotated, and rotated tries again later. ROTATED_JOB is in their environment.
      """
    ) { $0.commands($1, of: .before) },
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
      how the writers are notified after a rotation: a table, or a list of them. `unit`: systemctl reloads the unit, or sends it
      a signal. `pidfile`: the process in the file gets the signal. `command`, a program with its arguments, and `shell`, a
      command line for /bin/sh: they run for 60 s at most, or for their `timeout`. Each of these runs once for all logs of all
      jobs that were due together. A command has ROTATED_JOB, ROTATED_LOG, ROTATED_ARCHIVE and ROTATED_COUNT, the number of
      logs, in its environment. With several logs, ROTATED_LOG and ROTATED_ARCHIVE have one line for each log, in the same
      order, and ROTATED_JOB has each job once. Names that contain a newline are left out, and so is what exceeds 96 KiB. A
      notification that fails is repeated until it succeeds, with growing pauses, and after a restart too. A pidfile must be
      a regular file with one name, no symbolic link, and writable by its owner alone. Its owner must be root (or the user
      that rotated runs as) or the owner of the log; in the latter case the process must belong to that user too.
      """
    ) { $0.hooks($1) },
    Key(
      "reopen-timeout", \.rules.reopenTimeout, default: #""30s""#, example: #"reopen-timeout = "30s""#,
      """
      how long a writer may keep the old log open before rotated warns and notifies it again. The warning names the process,
      whose new lines go to the archive; a job without `notify` gets the warning too. As long as a writer has an archive open,
      it is neither compressed nor removed.
      """
    ) { $0.span($1, hint: .units) },
    Key(
      "on-stuck", \.rules.undoesWhenStuck, default: #""wait""#, example: #"on-stuck = "wait""#,
      rules: [
        Rule("with a `method` other than \"move\": the writer goes on with the same file") { $0.method != .move },
        Rule("with `create = false`: there is no new log to swap back", hint: "remove one of them") {
          $0.rules.creation == .leftToWriter
        },
        Rule(
          "with `archive-dir`: an archive in another directory cannot be swapped back", hint: "remove one of them"
        ) { $0.rules.archiveDirectory != nil },
      ],
      """
      what happens when a writer keeps the old log open for longer than `reopen-timeout`. "wait" goes on notifying it. "undo"
      gives the old log its name back, if the new one is still empty. The log is then rotated when it is due again; by size
      not before a minute has passed, and longer each time.
      """
    ) { $0.choice($1, ["wait": false, "undo": true]) },
    Key(
      "on-failure", \.rules.onFailure, default: "[]",
      example: #"#on-failure = { command = ["/usr/local/bin/page-me"] }"#,
      """
      a command, or a list of commands, that runs when a problem of the job begins: a log cannot be rotated, writers cannot be
      notified, an archive cannot be compressed or removed. It runs once for all problems that begin within a second, and not
      again while they last. ROTATED_MESSAGE, ROTATED_SINCE (RFC 3339), ROTATED_PROBLEMS (how many), ROTATED_JOB and ROTATED_LOG
      are in its environment. Each command runs for 60 s at most.
      """
    ) { $0.commands($1, of: .onFailure) },
  ]

  static let compression: [Key<JobDraft>] = [
    Key(
      "compress", \.compress, default: "false", example: #"compress = "gzip""#,
      """
      the compressor of archives: "zstd", "gzip", "xz", "bzip2" or "lz4"; true is zstd if it is installed, else gzip; a table
      is any other: { command = ["brotli", "-c"], suffix = ".br" }. A compressor reads standard input and writes standard
      output. An archive is compressed when its writers have closed it. A compressor that reads and writes nothing for a
      minute is reported; after ten minutes it is killed, and rotated tries again later. A sparse archive stays uncompressed
      if its compressed copy would take more space.
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
      "the level of the compressor, a number; without it, the default of the compressor."
    ) { $0.level($1) },
    Key(
      "compress-after", \.compressAfter, default: #""0s""#, example: #"compress-after = "10min""#,
      rules: [needsCompress], "an archive is compressed when it is this old."
    ) { $0.span($1, in: .zero...Limits.longestSpan) },
    Key(
      "compress-from", \.compressFrom, default: "1", example: "compress-from = 2", rules: [needsCompress],
      "the newest archive that is compressed, counted from 1; 2 leaves the newest archive uncompressed."
    ) { $0.count($1, in: 1...Limits.maxKeep) },
  ]

  private static let needsCompress = Rule<JobDraft>.needs("`compress`", adding: "`compress = true`") {
    $0.has(.compress)
  }

  static let retention: [Key<JobDraft>] = [
    Key(
      "max-age", \.rules.maxAge, example: #"max-age = "90d""#, removes: true,
      """
      an archive is removed as soon as its last line is older than this span, the oldest archive first. An archive with a time
      in the future counts as old as the next newer one.
      """
    ) { $0.span($1, hint: .days) },
    Key(
      "max-total", \.rules.maxTotal, example: #"max-total = "2G""#, removes: true,
      """
      the disk space that all logs of the job and their archives may take together. Above it, the oldest archives of the job
      are removed, whichever log they belong to.
      """
    ) { $0.size($1, isBound: true) },
    Key(
      "keep-min", \.rules.keepMin, default: "1", example: "keep-min = 1", removes: true,
      rules: [
        Rule("greater than `keep`", hint: "a log never has that many archives") {
          $0.rules.keepMin > $0.rules.keep && (!$0.onlyRemoves || $0.given.meets(.keep))
        }
      ],
      "this many of the newest archives of each log always stay, whatever `max-age`, `max-total` and `keep-free` say."
    ) { $0.count($1, in: 0...Limits.maxKeep) },
  ]

  static let ofOthers: [Key<JobDraft>] = [
    Key(
      "retain", \.retain, example: #"#retain = ["/var/log/postgresql/*.log", "/var/log/postgresql/*.csv"]"#,
      isOwn: true, removes: true,
      #"""
      a pattern, or a list of patterns, of files that another program names and rotates. The job has no `logs` and rotates
      nothing. It only removes files, by the `keep`, `max-age` and `max-total` of its own table. Each pattern makes one group of
      files in each directory. `keep` counts within a group, `max-total` for all files of the job, and `keep-min` (at least 1)
      of the newest files of each group stay. The age of a file is that of its last change. The job removes files at its due
      times, each full hour unless it has a schedule, and on request. It never removes a file that a process has open for
      writing, one with two names, a symbolic link, a directory, or a log or an archive of another job. A plain path, a
      name of wildcards alone and a pattern below the root directory are errors.
      """#
    ) { $0.patterns($1, mayBeEmpty: false) },
    Key(
      "retain-confirmed", \.isRetainConfirmed, default: "false", example: "#retain-confirmed = true", isOwn: true,
      rules: [.needs("`retain`", adding: "`retain`") { !$0.retain.patterns.isEmpty || $0.given.meets(.retain) }],
      """
      whether a job with `retain` removes files. With false it only reports what it would remove, and so does `rotatectl plan`.
      """
    ) { $0.flag($1) },
  ]

  static let rights: [Key<JobDraft>] = [
    Key(
      "use-owner-rights", \.rules.actsAsOwner, default: "true", example: "use-owner-rights = true",
      formerName: "act-as-owner",
      """
      whether a daemon that runs as root uses the file permissions of the owner of a log directory, if that is another user.
      With false it uses those of root.
      """
    ) { $0.flag($1) }
  ]
}

/// A compressor that is described in a config.
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

/// The keys of the daemon as a whole.
enum DaemonKeys {
  static let daemon: [Key<DaemonSettings>] = [
    Key(
      "max-children", \.maxChildren, example: "max-children = 1",
      """
      how many compressors run at a time; without it, one for each two processors. When one takes longer than a minute, one
      more may start for an archive of another owner.
      """
    ) { $0.count($1, in: 1...Limits.maxChildren) },
    Key(
      "keep-free", \.keepFree, example: #"keep-free = "5%""#, removes: true,
      """
      free space of a file system, "10G" or "5%". Below it, archives of all jobs on that file system are removed, the oldest
      first, down to `keep-min` of each log. An archive that a writer has open stays, because its removal would free nothing.
      """
    ) { $0.freeSpace($1) },
    Key(
      "warn-free", \.warnFree, example: #"warn-free = "10%""#,
      """
      free space of a file system below which rotated warns. It always warns below `keep-free`. Free space is what an
      unprivileged writer could use. Both states end when the free space is a tenth above the limit.
      """
    ) { $0.freeSpace($1) },
    Key(
      "on-failure", \.onFailure, default: "[]",
      example: #"on-failure = { shell = "echo \"$ROTATED_MESSAGE\" | mail -s \"rotated on $(hostname)\" root" }"#,
      """
      a command, or a list of commands, that runs when a problem of any job or of the daemon itself begins, in the form and
      with the environment of `on-failure` of a job.
      """
    ) { $0.commands($1, of: .onFailure) },
    Key(
      "watch-config", \.watchesConfig, default: "false", example: "watch-config = true",
      """
      whether a config that has changed on disk is reloaded by itself, after a second of quiet. One with errors is reported and
      changes nothing. Where files of logrotate are included, the default is true.
      """
    ) { $0.flag($1) },
  ]

  static let metrics: [Key<DaemonSettings>] = [
    Key(
      "textfile", \.metricsFile, example: #"#textfile = "/var/lib/prometheus/node-exporter/rotated.prom""#,
      """
      a file for the textfile collector of Prometheus' node_exporter. It gets the metrics each minute, and everybody can read it.
      `rotatectl metrics` prints the same in the format of OpenMetrics.
      """
    ) { $0.path($1) }
  ]
}
