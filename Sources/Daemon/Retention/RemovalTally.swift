internal import Rotation
internal import Timekeeping

/// The archives of a job that its own rules would remove now: by `keep`, then `max-age`, then `max-total`.
struct RemovalTally {
  /// Archives, and the bytes that they take on disk.
  struct Count: Hashable {
    var archives = 0
    var bytes: Int64 = 0

    /// `7 archives, 3G`.
    var description: String { "\(archives) archive\(archives == 1 ? "" : "s"), \(ByteSize.describe(bytes))" }
  }

  private let policy: Policy
  private let now: WallTime
  /// The removals that concern one log each: by `keep` and `max-age`.
  private var ofLogs: [Retention.Removal] = []
  private var total: Int64 = 0
  private var left: [Retention.Archive] = []

  init(_ policy: Policy, now: WallTime) {
    self.policy = policy
    self.now = now
  }

  /// Adds the archives of one log, as they were read under this policy.
  mutating func add(_ found: ArchiveScan.Found) {
    var removals = found.surplus.map { Retention.Removal($0, .keep) }
    let surplus = Set(found.surplus)
    var rest = found.archives.filter { !surplus.contains($0) }
    if let age = policy.maxAge {
      let aged = Retention.aged(rest, age, now: now)
      removals += aged.map { Retention.Removal($0, .age(age)) }
      rest.removeAll { aged.contains($0) }
    }
    ofLogs += removals
    guard policy.maxTotal != nil else { return }
    total = removals.reduce(total.saturatingAdd(found.bytes)) { $0.saturatingSubtract($1.archive.bytes) }
    left += rest
  }

  /// The removals in the order in which they are carried out.
  var removals: [Retention.Removal] {
    guard let most = policy.maxTotal else { return ofLogs }
    let byTotal = Retention.making(room: total.saturatingSubtract(most), among: left, now: now)
    return ofLogs + byTotal.map { Retention.Removal($0, .total(most)) }
  }

  /// Counts the removals with one reason, or all of them.
  func count(_ reason: RemovalReason? = nil) -> Count {
    removals.filter { reason == nil || $0.reason == reason }.reduce(into: Count()) { count, removal in
      count.archives += 1
      count.bytes = count.bytes.saturatingAdd(removal.archive.bytes)
    }
  }
}
