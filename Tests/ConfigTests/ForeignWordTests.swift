import Config
import Rotation
import Testing

@Suite("A word of logrotate's in a TOML config")
struct ForeignWordTests {
  private static let words = [
    "addextension", "allowhardlink", "compress", "compresscmd", "compressext", "compressoptions", "copy",
    "copytruncate",
    "create", "createolddir", "daily", "dateext", "dateformat", "datehourago", "dateyesterday", "delaycompress",
    "errors",
    "extension", "firstaction", "hourly", "ifempty", "ignoreduplicates", "include", "lastaction", "mail", "mailfirst",
    "maillast", "maxage", "maxsize", "minage", "minsize", "minutes", "missingok", "monthly", "noallowhardlink",
    "nocompress", "nocopy", "nocopytruncate", "nocreate", "nocreateolddir", "nodateext", "nodatehourago",
    "nodateyesterday", "nodelaycompress", "nomail", "nomissingok", "noolddir", "norenamecopy", "nosharedscripts",
    "noshred", "notifempty", "olddir", "postrotate", "preremove", "prerotate", "renamecopy", "rotate", "sharedscripts",
    "shred", "shredcycles", "size", "start", "su", "tabooext", "taboopat", "uncompresscmd", "weekly", "yearly",
  ]
  /// What a suggested key needs beside it.
  private static let needs = [
    "compress-level": "compress = 'gzip'", "compress-from": "compress = 'gzip'",
    "date-format": "archive-names = 'dated'",
  ]

  /// The parts of a hint that are lines of a config.
  private func lines(_ hint: String) -> [String] {
    hint.split(separator: "`").map(String.init).filter { $0.contains(" = ") && !$0.hasPrefix("include") }
  }

  @Test("is answered by rotated's own key, and what the answer shows can be written as it is", arguments: words)
  func answers(word: String) throws {
    let result = read("[job.x]\nlogs = '/a.log'\ndaily = true\n\(word) = 'value'\n")
    let own = Reference.defaults.map(\.name) + ["size", "create", "extension"]
    if own.contains(word) { return }
    let found = try #require(result.diagnostics.first { $0.message.contains("unknown key `\(word)`") }, "\(word)")
    let hint = try #require(found.hint, "\(word)")
    #expect(hint.hasPrefix("this is logrotate's word; "), "\(word): \(hint)")
    for line in lines(hint) {
      let key = String(line.prefix { $0 != " " })
      let isSchedule = ["hourly", "daily", "weekly", "monthly", "yearly", "every"].contains(key)
      let parts = ["[job.x]", "logs = '/a.log'", isSchedule ? "" : "daily = true", Self.needs[key] ?? "", line]
      let errors = findings(read(parts.joined(separator: "\n") + "\n")).filter { $0.contains("error") }
      #expect(errors.isEmpty, "\(word): \(line): \(errors)")
    }
  }
}
