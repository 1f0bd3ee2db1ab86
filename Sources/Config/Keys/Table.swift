/// The value of a key in a document.
struct Field {
  /// The correct name of the key, which may be misspelt in the text.
  let name: String
  /// Its node.
  let index: Int
  let node: Document.Node
}

/// The keys that a table may have, in the order of the documentation.
struct Table<Target>: Sendable {
  let keys: [Key<Target>]
  private let positions: [String: Int]

  init(_ keys: [Key<Target>]) {
    precondition(keys.count <= KeySet.capacity, "a set of keys has \(KeySet.capacity) bits")
    self.keys = keys
    self.positions = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.name, $0) })
  }

  /// The position of the key with this name; nil if there is none.
  func position(of name: String) -> Int? { positions[name] }
}

/// The tables that a config may have, and those that are values of a key.
enum Tables {
  /// `[job.NAME]`, and `[defaults]` without the required keys.
  static let job = Table(
    JobKeys.which + JobKeys.schedules + JobKeys.timing + JobKeys.conditions + JobKeys.sizes + JobKeys.rotation
      + JobKeys.names
      + JobKeys.hooks + JobKeys.compression + JobKeys.retention + JobKeys.ofOthers + JobKeys.rights)
  static let daemon = Table(DaemonKeys.daemon)
  static let metrics = Table(DaemonKeys.metrics)
  static let logrotate = Table(LogrotateKeys.logrotate)
  static let creation = Table(FileKeys.creation)
  static let directory = Table(FileKeys.directory)
  static let compressor = Table(CompressorKeys.customCompressor)
}
