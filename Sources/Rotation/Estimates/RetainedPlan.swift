package import Timekeeping

/// Which files of a job with `retain` are removed, in which order and why: by `keep` and `max-age` group by group, then
/// by `max-total` the oldest of all groups. Pure: `rotatectl plan` shows what the daemon would do.
///
/// Within a group the oldest file goes first, and the newest `keep-min` files stay, the newest one in any case.
package struct RetainedPlan {
  /// A file that may go for `max-total`.
  private struct Candidate: Comparable {
    var file: RetainedFiles.File
    var group: FilePath
    var rank: Int

    static func < (one: Candidate, other: Candidate) -> Bool {
      one.file != other.file ? one.file < other.file : one.group < other.group
    }
  }

  private let job: String
  private let rules: Policy.Rules
  private let retained: Retained
  private let now: WallTime
  /// The bytes of the files that are left.
  package private(set) var total: Int64 = 0
  /// How many files are left.
  package private(set) var left = 0
  /// Whether files are left that may have to go too, and that only another search finds.
  package private(set) var isPartial = false
  private let limit: Int
  private var pool: Least<Candidate>
  /// How many files were offered to the pool.
  private var offered = 0
  /// What is newer than this may be newer than a file that only another search finds, so `max-total` leaves it for now.
  private var horizon: RetainedFiles.File?

  /// A plan for a job with `retain`; nil for any other. `limit`: how many files are considered at a time.
  package init?(_ job: Job, now: WallTime, limit: Int = Limits.retainedAtOnce) {
    guard let retained = job.policy.rules.retained else { return nil }
    self.job = job.name
    self.rules = job.policy.rules
    self.retained = retained
    self.now = now
    self.limit = limit
    pool = Least(limit: limit)
  }

  /// How many of the newest files of a group stay for whatever reason: at least one.
  private var keepMin: Int { max(1, rules.keepMin) }

  /// Adds a group of files, which are in order, and returns those that go by `keep` and `max-age`.
  package mutating func add(_ group: RetainedFiles) -> [Retention.Removal] {
    let files = group.files
    var removals: [Retention.Removal] = []
    (total, left) = (total.saturatingAdd(group.bytes), left + group.all)
    for (index, file) in files.enumerated() {
      let rank = group.count - index
      guard rank > keepMin else { break }
      if let keep = retained.keep, rank > keep {
        removals.append(removal(of: file, group.path, rank, .keep))
      } else if let age = rules.maxAge, file.modified + age <= now {
        removals.append(removal(of: file, group.path, rank, .age(age)))
      } else {
        break
      }
    }
    if let last = files.last, group.count - files.count > keepMin {
      horizon = horizon.map { min($0, last) } ?? last
      if removals.count == files.count { isPartial = true }
    }
    guard rules.maxTotal != nil else { return removals }
    for (index, file) in files.enumerated().dropFirst(removals.count) where group.count - index > keepMin {
      offered += 1
      pool.insert(Candidate(file: file, group: group.path, rank: group.count - index))
    }
    return removals
  }

  /// Puts up to so many of the files that may go for `max-total` in order. Returns whether all are.
  package mutating func settle(_ steps: Int) -> Bool { pool.settle(steps) }

  /// The next file that goes for `max-total`; nil if none has to or may.
  package mutating func next() -> Retention.Removal? {
    guard let most = rules.maxTotal, total > most else { return nil }
    guard let next = pool.popLeast(), horizon.map({ next.file <= $0 }) ?? true else {
      isPartial = isPartial || horizon != nil || offered > limit
      return nil
    }
    return removal(of: next.file, next.group, next.rank, .total(most))
  }

  /// Takes in that a file is gone.
  package mutating func note(gone removal: Retention.Removal) {
    total = total.saturatingSubtract(removal.archive.bytes)
    left -= 1
  }

  private func removal(
    of file: RetainedFiles.File, _ group: FilePath, _ rank: Int, _ reason: RemovalReason
  ) -> Retention.Removal {
    Retention.Removal(
      Retention.Archive(
        job: job, log: group, location: Location(file.name), inode: file.inode, rank: rank, bytes: file.bytes,
        modified: file.modified, keepMin: keepMin), reason)
  }
}
