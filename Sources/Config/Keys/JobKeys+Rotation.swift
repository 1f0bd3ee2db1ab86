import Rotation

/// What a rotation does with a log.
extension JobKeys {
  static let rotation: [Key<JobDraft>] = [
    Key(
      "keep", \.rules.keep, default: "7", example: "keep = 14", removes: true,
      "how many versions stay, 0 to 9999. With 0 the content of the log is dropped, on purpose."
    ) { $0.count($1, in: 0...Limits.maxKeep) },
    Key(
      "if-empty", \.rules.rotatesEmpty, default: "false", example: "if-empty = false",
      "whether an empty log is rotated too."
    ) { $0.flag($1) },
    Key(
      "create", \.rules.creation, default: "true", example: #"create = { mode = "0640" }"#,
      parts: FileKeys.creation.map(\.text),
      rules: [Rule("with `method = \"truncate\"`: the log stays, so none is made") { $0.truncates }],
      """
      what takes the place of the log. true makes a new log with mode, owner and group of the old one. A table makes it with
      those given in it. false leaves the name to the writer, and absent until it opens its log.
      """
    ) { $0.creation($1) },
    Key(
      "method", \.truncates, default: #""move""#, example: #"#method = "truncate""#,
      """
      how the content is taken. "move" renames the log and puts a new one in its place, for writers that open their log again
      when they are notified. "truncate" copies the content and cuts it off the log, which stays the same file, for writers
      that cannot.
      """
    ) { $0.choice($1, ["move": false, "truncate": true]) },
    Key(
      "truncate-by", \.truncationMethod, default: #""auto""#, example: #"#truncate-by = "punch""#,
      rules: [.needs("`method = \"truncate\"`", adding: "the method") { $0.truncates }],
      """
      how "truncate" cuts. "collapse" takes the copied blocks out of the file: nothing is lost, and the file shrinks to a line
      of blanks, shorter than a block, and what is new; `tail -F` may repeat some lines (ext4, xfs; only while every writer
      appends with O_APPEND). "punch" makes a hole of them: nothing is lost; the file takes no room, but keeps its length, and
      reads as NULs there (also btrfs, tmpfs, and any writer). "copy" sets the length to 0 and loses what is written between
      the last read and the cut. "auto" takes the first of them that file system and writers allow; each line of the journal
      says which. All but "copy" cut whole lines only. Sizes count what takes up room. Only with `method = "truncate"`.
      """
    ) { reader, field in
      reader.choice(field, Dictionary(uniqueKeysWithValues: TruncationMethod.allCases.map { ($0.rawValue, $0) }))
    },
  ]

  static let names: [Key<JobDraft>] = [
    Key(
      "archive-names", \.isDated, default: #""numbered""#, example: #"#archive-names = "dated""#, formerName: "names",
      """
      "numbered" makes app.log.1 the newest archive, and each rotation renames them all; "dated" makes app.log-20261122, which
      keeps its name: the time that the rotation was due, or began where it goes by size. A further archive of one date is
      app.log-20261122~1, and so on. No archive is named as though it were older than one there is, whatever the clock says.
      After a change the archives of the other kind stay as they are, and do not count for `keep`.
      """
    ) { $0.choice($1, ["numbered": false, "dated": true]) },
    Key(
      "date-format", \.dateFormat, example: #"#date-format = "-%Y-%m-%d""#,
      rules: [.needs("`archive-names = \"dated\"`", adding: "`archive-names = \"dated\"`") { $0.isDated }],
      """
      what "dated" puts behind the name, by the local clock: a separator, then letters of strftime(3): %Y or %y, %m, %d or %j,
      or %G, %V and %u for weeks, %H, %M, %S, %F, %T, %R, or %s alone, and %% for itself. None is "-%Y%m%d", with as many
      digits more as the schedule needs: "-%Y%m%d%H" for one that is due each hour, "-%Y%m%d-%H%M" for minutes,
      "-%Y%m%d-%H%M%S" for seconds and for `size`.
      """
    ) { $0.dateFormat($1) },
    Key(
      "extension", \.rules.naming.ending, default: "false", example: #"#extension = ".log""#,
      """
      what stays at the end of an archive's name: true is what is behind the last dot of the log's name (app.1.log), ".log" is
      that where the name ends with it. The suffix of a compressor comes last.
      """
    ) { $0.ending($1) },
    Key(
      "archive-dir", \.rules.archiveDirectory, default: #"".""#, example: #"#archive-dir = "old""#,
      """
      the directory that archives go to, from the root or from the log's own directory. It is made when it is missing, as a
      table says: { path = "old", mode = "0750", user = "root", group = "adm" }; else it has mode 0755 and the owner of the
      log's directory. A symbolic link on the way is followed only if nobody but root can change it. On another file system
      archives are moved to it after the rotation, when their writers have closed them. Two logs of one name cannot share it.
      """
    ) { $0.archiveDirectory($1) },
  ]
}

/// The attributes of a file that rotated makes.
enum FileKeys {
  static let creation: [Key<FileAttributes>] = [
    Key("mode", \.mode, #"an octal number in quotes, up to "0777"; none is that of the old log."#) { $0.mode($1) },
    Key("user", \.user, "a user, by name or number in quotes; none is that of the old log.") {
      $0.account($1, $0.accounts.user)
    },
    Key("group", \.group, "a group, likewise.") { $0.account($1, $0.accounts.group) },
  ]

  static let directory: [Key<FileAttributes>] =
    [Key("path", \.path, isRequired: true) { $0.directoryPath($1) }] + creation
}
