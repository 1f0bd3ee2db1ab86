import Rotation

/// What `[logrotate]` says: files and directories of logrotate's language, in the order in which they are read.
struct LogrotateInclude: Equatable {
  /// A file or directory, and where it is named.
  struct Entry: Equatable {
    var path: FilePath
    var place: Position
  }

  var entries: [Entry] = []
}

enum LogrotateKeys {
  static let logrotate: [Key<LogrotateInclude>] = [
    Key(
      "include", \.entries, example: #"#include = "/etc/logrotate.conf""#,
      """
      a file in logrotate's language, a directory of such files, or a list of both: each stanza is a job, with its directives
      as they are. They are read in this order, and settings outside of a stanza hold for all that follow. A log that a job or
      an earlier stanza has is not taken twice. An error in a stanza leaves out the stanza. The article "Logrotate" has a table
      of the directives. `rotated --config /etc/logrotate.conf` reads such files without a TOML config.
      """
    ) { $0.logrotateFiles($1) }
  ]
}

extension SettingsReader {
  /// The value of `include` below `[logrotate]`.
  func logrotateFiles(_ field: Field) -> [LogrotateInclude.Entry]? {
    let isList = if case .array = field.node.value { true } else { false }
    let fields = isList ? elements(of: field) : [field]
    return fields.compactMap { field in
      path(field).map { LogrotateInclude.Entry(path: $0, place: field.node.place) }
    }
  }
}
