internal import Rotation
internal import Timekeeping

/// The archives of a job that its own rules would remove now: `keep`, then `max-age`, then `max-total`.
struct RemovalTally {
  /// Archives, and the bytes that they take on disk.
  struct Count: Hashable {
    var archives = 0
    var bytes: Int64 = 0

    mutating func add(_ archive: Retention.Archive) {
      archives += 1
      bytes = bytes.saturatingAdd(archive.bytes)
    }

    /// `7 archives, 3G`.
    var description: String { "\(archives) archive\(archives == 1 ? "" : "s"), \(ByteSize.describe(bytes))" }
  }

  private let rules: Policy.Rules
  private let now: WallTime
  private(set) var byKeep = Count()
  private(set) var byAge = Count()
  private var total: Int64 = 0
  private var left: [Retention.Archive] = []

  init(_ policy: Policy, now: WallTime) {
    self.rules = policy.rules
    self.now = now
  }

  /// Takes in the archives of one log, as they were read under this policy.
  mutating func add(_ found: ArchiveScan.Found) {
    let surplus = Set(found.surplus)
    for archive in found.surplus { byKeep.add(archive) }
    var rest = found.archives.filter { !surplus.contains($0) }
    if let age = rules.maxAge {
      let aged = Set(Retention.aged(rest, age, now: now))
      for archive in aged { byAge.add(archive) }
      rest.removeAll { aged.contains($0) }
    }
    guard rules.maxTotal != nil else { return }
    let gone = Set(found.archives).subtracting(rest)
    total = gone.reduce(total.saturatingAdd(found.bytes)) { $0.saturatingSubtract($1.bytes) }
    left += rest
  }

  /// Of all logs together.
  var byTotal: Count {
    var count = Count()
    guard let most = rules.maxTotal else { return count }
    for archive in Retention.making(room: total.saturatingSubtract(most), among: left, now: now) { count.add(archive) }
    return count
  }

  /// By all three rules.
  var all: Count {
    let counts = [byKeep, byAge, byTotal]
    return Count(
      archives: counts.reduce(0) { $0 + $1.archives }, bytes: counts.reduce(0) { $0.saturatingAdd($1.bytes) })
  }
}
