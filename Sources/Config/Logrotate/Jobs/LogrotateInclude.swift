import Rotation

/// What `[logrotate]` says: files and directories of logrotate's language, in the order in which they are read, and its state file.
struct LogrotateInclude: Equatable {
  /// A file or directory, and where it is named.
  struct Entry: Equatable {
    var path: FilePath
    var place: Position
  }

  var entries: [Entry] = []
  /// Of several tables, the last that has one counts.
  var state: Entry?
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
    ) { $0.logrotateFiles($1) },
    Key(
      "state", \.state, example: #"#state = "/var/lib/logrotate/status""#,
      """
      the state file of logrotate, with the last rotation of each log. A job of such a file goes on from there when rotated sees it
      for the first time: a log that logrotate has rotated since its last due time waits for the next one, another one is rotated
      at once, and one that the file does not have is new. A later rotation by rotated itself counts more. `rotatectl takeover`
      writes this key.
      """
    ) { reader, field in
      reader.path(field).map { LogrotateInclude.Entry(path: $0, place: field.node.place) }
    },
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
