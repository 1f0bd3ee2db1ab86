/// A set of keys of one table, by their positions. It allocates no memory, because there may be a hundred thousand
/// sets.
struct KeySet: Sequence, IteratorProtocol, Sendable {
  static let capacity = 64

  private var bits: UInt64 = 0

  /// Adds the key at a position.
  mutating func insert(_ position: Int) { bits |= 1 << UInt64(position) }

  /// Whether the key at a position is in the set.
  func contains(_ position: Int) -> Bool { bits & 1 << UInt64(position) != 0 }

  /// Whether the sets have a key in common.
  func meets(_ other: KeySet) -> Bool { bits & other.bits != 0 }

  /// The keys of either set.
  func union(_ other: KeySet) -> KeySet {
    var union = self
    union.bits |= other.bits
    return union
  }

  /// The number of keys that the sets have in common.
  func common(with other: KeySet) -> Int { (bits & other.bits).nonzeroBitCount }

  /// Removes and returns the lowest position.
  mutating func next() -> Int? {
    guard bits != 0 else { return nil }
    defer { bits &= bits - 1 }
    return bits.trailingZeroBitCount
  }
}

extension KeySet {
  /// The keys of a job with these names.
  init(_ names: [String]) {
    for name in names {
      guard let position = Tables.job.position(of: name) else { preconditionFailure("no key of a job is `\(name)`") }
      insert(position)
    }
  }

  static let logs = KeySet(["logs"])
  static let retain = KeySet(["retain"])
  static let keep = KeySet(["keep"])
  static let maxAge = KeySet(["max-age"])
  static let maxTotal = KeySet(["max-total"])
  static let keepMin = KeySet(["keep-min"])
  /// The keys that a job with `retain` may have.
  static let withRetain = KeySet(JobKeys.schedules.map(\.name)).union(
    KeySet([
      "retain", "retain-confirmed", "exclude", "catch-up", "jitter", "keep", "max-age", "max-total", "keep-min",
      "on-failure", "use-owner-rights",
    ]))
  static let size = KeySet(["size"])
  static let compress = KeySet(["compress"])
  static let compressLevel = KeySet(["compress-level"])
  /// The keys that make a job due by time; a job has at most one of them.
  static let schedules = KeySet(JobKeys.schedules.map(\.name))
}
