import Rotation

/// What a rotation does with a log.
extension JobKeys {
  static let rotation: [Key<JobDraft>] = [
    Key(
      "keep", \.rules.keep, default: "7", example: "keep = 14", removes: true,
      "how many archives of each log are kept, 0 to 9999. With 0 a rotation discards the content of the log."
    ) { $0.count($1, in: 0...Limits.maxKeep) },
    Key(
      "if-empty", \.rules.rotatesEmpty, default: "false", example: "if-empty = false",
      "whether an empty log is rotated too."
    ) { $0.flag($1) },
    Key(
      "create", \.rules.creation, default: "true", example: #"create = { mode = "0640" }"#,
      parts: FileKeys.creation.map(\.text),
      rules: [Rule("with a `method` other than \"move\": the log stays, so none is made") { $0.method != .move }],
      """
      the new log. true creates it with mode, owner and group of the old one; a table creates it with those in the table.
      false creates none: the name does not exist until the writer opens its log again.
      """
    ) { $0.creation($1) },
    Key(
      "method", \.method, default: #""move""#, example: #"#method = "truncate""#,
      """
      how a log is rotated. "move" renames the log and creates a new one, for writers that reopen their log when they are
      notified. "truncate" copies the content to the archive and removes it from the log, which stays the same file, for
      writers that cannot reopen it. "copy" copies the content, and the log stays as it is: for files that are written anew,
      like the status or the settings of a program.
      """
    ) { $0.choice($1, among: JobDraft.ChosenMethod.allCases) },
    Key(
      "truncate-by", \.truncationMethod, default: #""auto""#, example: #"#truncate-by = "punch""#,
      rules: [.needs("`method = \"truncate\"`", adding: "the method") { $0.method == .truncate }],
      """
      how "truncate" removes the copied content. "collapse" removes the copied blocks from the file and loses nothing. The file
      shrinks to a line of blanks, which is shorter than a block, and the new lines; `tail -F` may repeat some lines. It needs
      ext4 or xfs, and writers that all append with O_APPEND. "punch" replaces the copied content by a hole and loses nothing.
      The file takes no space there, but it keeps its length, and the hole reads as NUL bytes. It also works on btrfs and tmpfs,
      and with any writer. "copy" sets the length to 0 and loses what is written between the last read and the truncation.
      "auto" takes the first of the three that the file system and the writers allow, and the journal says which. Except for
      "copy", only complete lines are removed. `size` counts the content that was not removed. Only with
      `method = "truncate"`.
      """
    ) { $0.choice($1, among: TruncationMethod.choices) },
  ]

  static let names: [Key<JobDraft>] = [
    Key(
      "archive-names", \.isDated, default: #""numbered""#, example: #"#archive-names = "dated""#, formerName: "names",
      """
      how archives are named. "numbered" calls the newest archive app.log.1, and each rotation renames all archives of the log.
      "dated" calls an archive app.log-20261122, and the name never changes. The date is the time at which the rotation was
      due, or began if it was by size. A second archive with the same date is app.log-20261122~1, and so on. A new archive
      never gets an older date than an existing one, even if the clock was set back. When this key changes, the archives of
      the other kind stay, and do not count for `keep`.
      """
    ) { $0.choice($1, ["numbered": false, "dated": true]) },
    Key(
      "date-format", \.dateFormat, example: #"#date-format = "-%Y-%m-%d""#,
      rules: [.needs("`archive-names = \"dated\"`", adding: "`archive-names = \"dated\"`") { $0.isDated }],
      """
      the date of "dated", in local time: a separator, then conversions of strftime(3): %Y or %y, %m, %d or %j, or %G, %V and
      %u for weeks, %H, %M, %S, %F, %T, %R, %s, and %% for a percent sign. Without this key it is as precise as the
      schedule: "-%Y%m%d" for days, "-%Y%m%d%H" for hours, "-%Y%m%d-%H%M" for minutes, "-%Y%m%d-%H%M%S" for seconds and for
      `size`.
      """
    ) { $0.dateFormat($1) },
    Key(
      "extension", \.rules.naming.ending, default: "false", example: #"#extension = ".log""#,
      """
      the file extension that stays at the end of the names of archives. true is what follows the last dot of the log's name
      (app.1.log); ".log" keeps that one, for logs whose names end with it. The suffix of a compressor comes last (app.1.log.gz).
      """
    ) { $0.ending($1) },
    Key(
      "archive-dir", \.rules.archiveDirectory, default: #"".""#, example: #"#archive-dir = "old""#,
      """
      the directory of the archives: an absolute path, or one relative to the directory of the log. It is created if it is
      missing, with mode 0755 and the owner of the log's directory, or as a table says:
      { path = "old", mode = "0750", user = "root", group = "adm" }. A symbolic link in the path is followed only if nobody
      but root can change it. If the directory is on another file system, archives are moved there after the rotation, when
      their writers have closed them. Logs with the same name cannot share an archive directory.
      """
    ) { $0.archiveDirectory($1) },
  ]
}

/// The attributes of a file that rotated makes.
enum FileKeys {
  static let creation: [Key<FileAttributes>] = [
    Key("mode", \.mode, #"an octal number in quotes, up to "0777"; without it, the mode of the old log."#) {
      $0.mode($1)
    },
    Key("user", \.user, "a user, as a name or a number in quotes; without it, the user of the old log.") {
      $0.account($1, $0.accounts.user)
    },
    Key("group", \.group, "a group, as a name or a number in quotes; without it, the group of the old log.") {
      $0.account($1, $0.accounts.group)
    },
  ]

  static let directory: [Key<FileAttributes>] =
    [Key("path", \.path, isRequired: true) { $0.directoryPath($1) }] + creation
}
