import Rotation

/// What holds for a stanza, or for those that follow: logrotate's built-in settings at first, then what each directive changes.
struct LogrotateSettings {
  /// What makes a log due. Of several, the last counts.
  typealias Criterion = LogrotateTerms.Criterion

  /// A script and where its keyword stands.
  struct Script: Equatable {
    var body: [UInt8]
    var place: Position
  }

  var criterion = Criterion.size(1 << 20)
  var minSize: Int64?
  var maxSize: Int64?
  /// Days.
  var minAge: Int64?
  var maxAge: Int64?
  /// nil is logrotate's own 0.
  var rotate: Int64?
  var start: Int64 = 1
  var creation = LogrotateAttributes()
  /// How often shred(1) overwrites a file; nil or 0 for as often as it does by itself.
  var shredCycles: Int64?
  var oldDirectory: [UInt8]?
  var oldDirectoryCreation = LogrotateAttributes()
  var dateFormat: [UInt8]?
  var ending: [UInt8]?
  var addedEnding: [UInt8]?
  var compressor: [UInt8]?
  var compressorOptions: [[UInt8]] = []
  var compressorSuffix: [UInt8]?
  /// The last that was named, whether `mail` is in force or not.
  var address: [UInt8]?
  var uncompressor: [UInt8]?
  var scripts: [LogrotateDirective: Script] = [:]
  /// The flags that are on.
  private(set) var flags: Set<LogrotateDirective> = [.ifempty]
  /// Where each directive in force stands; that of a flag which is off is gone.
  private(set) var places: [LogrotateDirective: Position] = [:]

  /// Whether a flag is on.
  func has(_ flag: LogrotateDirective) -> Bool { flags.contains(flag) }

  /// Records that a directive is in force from here on.
  mutating func note(_ directive: LogrotateDirective, _ place: Position) { places[directive] = place }

  /// Takes a directive that is a word alone.
  mutating func take(flag: LogrotateDirective, _ place: Position) {
    switch flag {
    case .hourly: criterion = .hourly
    case .daily: criterion = .daily
    case .yearly: criterion = .yearly
    case .noolddir: oldDirectory = nil
    case .copytruncate: switchOff(.renamecopy)
    case .renamecopy: switchOff(.copytruncate)
    default: break
    }
    if let other = flag.negated {
      switchOff(other)
    } else {
      flags.insert(flag)
    }
    note(flag, place)
  }

  private mutating func switchOff(_ flag: LogrotateDirective) {
    flags.remove(flag)
    places[flag] = nil
  }

  /// Switches `create` or `createolddir` on, which have a value besides.
  mutating func take(_ flag: LogrotateDirective, _ new: LogrotateAttributes, _ place: Position) {
    flags.insert(flag)
    note(flag, place)
    func replace(_ attributes: inout LogrotateAttributes) {
      attributes = LogrotateAttributes(
        mode: new.mode ?? attributes.mode, user: new.user ?? attributes.user, group: new.group ?? attributes.group)
    }
    if flag == .create { replace(&creation) } else { replace(&oldDirectoryCreation) }
  }
}

/// A stanza: the names of logs, and what holds for them.
struct LogrotateStanza {
  /// A log or a pattern of logs, and where it stands.
  struct Name {
    var bytes: [UInt8]
    var place: Position
  }

  var names: [Name]
  /// The text before the `{`, which scripts get.
  var text: [UInt8]
  var settings: LogrotateSettings
  /// Where its first name stands.
  var place: Position
}
