extension RotationMode {
  /// What a stanza of logrotate says beside the number of its archives.
  enum Dialect: String, CaseIterable {
    case sharedscripts, delaycompress, dateext, copytruncate, olddir, preremove

    /// A config with a stanza, and nothing else.
    func writeConfig(_ scratch: Scratch, mode: RotationMode) throws {
      let log = scratch["logs/app.log"]
      let words =
        switch self {
        case .sharedscripts, .dateext, .copytruncate: [rawValue]
        case .delaycompress: ["compress", "delaycompress"]
        case .olddir: ["olddir \(scratch["old"])"]
        case .preremove: ["preremove", "echo $1 >>\(scratch["gone"])", "endscript"]
        }
      let lines =
        ["size 1", "rotate \(mode.keep)"] + (self == .copytruncate ? [] : ["create"]) + words
        + ["postrotate", "echo notified >>\(scratch["notified"])", "endscript"]
      try scratch.write("\(log) {\n\(lines.joined(separator: "\n"))\n}\n", to: "stanza")
      try scratch.write("[logrotate]\ninclude = '\(scratch["stanza"])'\n", to: "rotated.toml")
    }
  }

  /// One of each.
  static let dialects = Dialect.allCases.map {
    RotationMode(
      isDated: $0 == .dateext, compressFrom: $0 == .delaycompress ? 2 : nil,
      taking: $0 == .copytruncate ? .truncate : .create, dialect: $0)
  }
}
