/// The words of logrotate's language (logrotate.conf(5), 3.22 and what came after it), and what each takes and means here.
///
/// This is the only list of them: the parser, the warnings about words without an effect, and the hints for somebody who writes
/// one into a TOML config come from it.
enum LogrotateDirective: String, CaseIterable {
  case addextension, allowhardlink, compress, compresscmd, compressext, compressoptions, copy, copytruncate, create
  case createolddir, daily, dateext, dateformat, datehourago, dateyesterday, delaycompress, errors, `extension`,
    firstaction
  case hourly, ifempty, ignoreduplicates, include, lastaction, mail, mailfirst, maillast, maxage, maxsize, minage,
    minsize
  case minutes, missingok, monthly, noallowhardlink, nocompress, nocopy, nocopytruncate, nocreate, nocreateolddir,
    nodateext
  case nodatehourago, nodateyesterday, nodelaycompress, nomail, nomissingok, noolddir, norenamecopy, nosharedscripts,
    noshred
  case notifempty, olddir, postrotate, preremove, prerotate, renamecopy, rotate, sharedscripts, shred, shredcycles, size
  case start, su, tabooext, taboopat, uncompresscmd, weekly, yearly

  /// The scripts, which go on to a line with `endscript`.
  static let scripts: Set<Self> = [.prerotate, .postrotate, .firstaction, .lastaction, .preremove]

  /// The directive that a word without its `no` switches off; nil for a word that switches nothing off.
  var negated: Self? {
    switch self {
    case .notifempty: .ifempty
    case .maillast: .mailfirst
    default: rawValue.hasPrefix("no") ? Self(rawValue: String(rawValue.dropFirst(2))) : nil
    }
  }

  /// Whether the word alone is the directive.
  var isFlag: Bool {
    switch self {
    case .compress, .copy, .copytruncate, .delaycompress, .allowhardlink, .daily, .dateext, .datehourago,
      .dateyesterday,
      .hourly, .ifempty, .ignoreduplicates, .mailfirst, .maillast, .missingok, .renamecopy, .sharedscripts, .shred,
      .yearly:
      true
    default: negated != nil
    }
  }

  /// The key of rotated that means the same. An error shows it when a TOML config has this word.
  var ownSetting: String {
    switch self {
    case .rotate: "write `keep = 7`: the archives of each log that are kept"
    case .size: "write `size = \"10M\"`"
    case .maxsize: "write `size = \"10M\"` beside the schedule: whichever comes first rotates the log"
    case .minsize: "write `min-size = \"1M\"`"
    case .minage: "write `min-age = \"7d\"`"
    case .maxage: "write `max-age = \"90d\"`"
    case .hourly, .daily, .weekly, .monthly, .yearly: "write `\(rawValue) = true`"
    case .minutes: "write `every = \"30min\"`"
    case .compress: "write `compress = true`"
    case .nocompress: "write `compress = false`, which is the default"
    case .compresscmd, .uncompresscmd, .compressext:
      "write `compress = \"zstd\"`, or a table: `compress = { command = [\"brotli\", \"-c\"], suffix = \".br\" }`"
    case .compressoptions: "write `compress-level = 9`"
    case .delaycompress:
      "write `compress-from = 2`; rotated never compresses an archive that a process has open for writing"
    case .nodelaycompress: "write `compress-from = 1`, which is the default"
    case .copy: "write `method = \"copy\"`"
    case .copytruncate: "write `method = \"truncate\"`"
    case .nocopytruncate, .nocopy, .renamecopy, .norenamecopy: "write `method = \"move\"`, which is the default"
    case .create: "write `create = { mode = \"0640\", user = \"root\", group = \"adm\" }`"
    case .nocreate: "write `create = false`"
    case .dateext: "write `archive-names = \"dated\"`"
    case .nodateext: "write `archive-names = \"numbered\"`, which is the default"
    case .dateformat: "write `date-format = \"-%Y%m%d\"`"
    case .extension, .addextension: "write `extension = \".log\"`"
    case .olddir: "write `archive-dir = \"old\"`"
    case .noolddir: "write `archive-dir = \".\"`, which is the default"
    case .createolddir, .nocreateolddir: "remove it: `archive-dir` is created when it is missing"
    case .ifempty: "write `if-empty = true`"
    case .notifempty: "write `if-empty = false`, which is the default"
    case .prerotate, .firstaction: "write `before = { shell = \"…\" }`"
    case .postrotate, .lastaction:
      "write `notify = { unit = \"app.service\", signal = \"HUP\" }` or `notify = { shell = \"…\" }`"
    case .sharedscripts, .nosharedscripts: "remove it: `notify` runs once for all logs that were due together"
    case .missingok, .nomissingok: "remove it: a missing log is no error"
    case .su: "remove it: rotated uses the rights of the owner of the log's directory (`use-owner-rights`)"
    case .include: "write `include = \"/etc/logrotate.d\"` below `[logrotate]`"
    default: "rotated has no key for it"
    }
  }
}

extension LogrotateDirective {
  /// The hint for a key of a TOML table that is a word of logrotate's language; nil for any other.
  static func hint(forKey key: String) -> String? {
    Self(rawValue: key).map { "this is logrotate's word; \($0.ownSetting)" }
  }
}
