internal import EventLoop
internal import Rotation
internal import Timekeeping

/// A log whose future is played: its inventory, which the planner of the daemon changes, and the bytes of each of its files.
struct SimulatedLog {
  let path: FilePath
  let policy: Policy
  private let schedule: Schedule?
  private let limit: SizeLimit?
  private let zone: Zone
  private let growth: GrowthRate
  private(set) var inventory: Inventory
  /// By inode.
  private var files: [UInt64: File]
  private var nextInode: UInt64 = 1 << 63
  /// The live log: its bytes, and the moment of that.
  private var liveBytes: Double
  private var time: WallTime
  private var lastRotation: WallTime?
  /// When the schedule comes next.
  private var due: WallTime?
  /// Rotations that are still played; after them the log stays as it is.
  private var left: Int

  struct File {
    var bytes: Int64
    var modified: WallTime
    var rotated: WallTime
  }

  /// Rotations of one log that are played: their cost grows with the archives that each has to move.
  private static let mostWork = 2_000_000

  /// A log of a job as it is now. `files` has each archive by its inode. `served` is the last due time of the job.
  init(
    _ path: FilePath, of job: Job, _ inventory: Inventory, files: [UInt64: File], growth: GrowthRate, served: WallTime?,
    now: WallTime, zone: Zone
  ) {
    (self.path, self.policy, self.inventory, self.files) = (path, job.policy, inventory, files)
    (schedule, limit, self.growth, self.zone, time) = (job.schedule, job.sizeLimit, growth, zone, now)
    liveBytes = Double(inventory.live?.size ?? 0)
    lastRotation = inventory.begun
    left = max(50, Self.mostWork / (job.policy.keep + 20))
    if let schedule {
      let moment = Now(monotonic: MonotonicTime(nanoseconds: 0), wall: now)
      let clock = JobClock(schedule, served: served ?? now, now: moment, zone: zone)
      due = clock.due(moment, zone: zone) != nil ? now : clock.next.wall(now: moment)
    }
  }

  /// Whether a rotation was left out, as there were too many.
  var isCut: Bool { left == 0 }

  /// When the log is rotated next; nil for never.
  var next: WallTime? {
    guard left > 0 else { return nil }
    return [due, crossing].compactMap(\.self).min()
  }

  /// When the live log reaches its size, at the earliest when it may be rotated again.
  private var crossing: WallTime? {
    guard let limit, growth.bytesPerSecond > 0 || liveBytes >= Double(limit.bytes) else { return nil }
    let seconds = max(0, (Double(limit.bytes) - liveBytes) / max(growth.bytesPerSecond, .leastNormalMagnitude))
    guard seconds < 1e9 else { return nil }
    // A nanosecond more: rounded down, the log would be a byte short of it.
    let reached = time + Span(nanoseconds: Int64(seconds * 1e9).saturatingAdd(1000))
    guard let pause = limit.minInterval, let last = lastRotation else { return reached }
    return max(reached, last + pause)
  }

  /// The bytes that the log and its archives take together.
  var bytes: Int64 { archiveBytes.saturatingAdd(Int64(min(liveBytes, 9e18))) }

  private var archiveBytes: Int64 {
    inventory.versions.reduce(Int64(0)) { $0.saturatingAdd(files[$1.inode]?.bytes ?? 0) }
  }

  /// Lets the log grow up to a moment.
  mutating func grow(to moment: WallTime) {
    guard moment > time else { return }
    liveBytes += growth.bytesPerSecond * Double((moment - time).nanoseconds) / 1e9
    time = moment
    inventory.live?.size = Int64(min(liveBytes, 9e18))
  }

  /// Does what the daemon does at this moment, which is `next`.
  mutating func rotate() {
    let isBySize = crossing.map { $0 <= time } ?? false
    while let schedule, let passed = due, passed <= time { due = Self.following(passed, schedule, zone) }
    left -= 1
    inventory.begun = lastRotation
    let old = inventory.live
    let plan = Planner.plan(inventory, policy, isBySize ? .rotate : .rotateWhenMet, at: Moment(time, in: zone))
    inventory = plan.inventory
    if plan.takesLive, let old {
      lastRotation = time
      take(old, plan.archive)
    }
    tidy()
  }

  /// The archive of a rotation is there, and the live log is empty.
  private mutating func take(_ old: FileStatus, _ archive: Location?) {
    let inode = nextInode
    nextInode += 1
    files[inode] = File(bytes: old.size, modified: time, rotated: time)
    if let index = inventory.versions.firstIndex(where: { inventory.location(of: $0) == archive }) {
      inventory.versions[index].inode = inode
    }
    guard policy.method != .copy else { return }
    var live = old
    (live.size, live.inode) = (0, nextInode)
    nextInode += 1
    inventory.live = live
    inventory.staging = nil
    liveBytes = 0
  }

  /// Does what waits for writers and for an age, as if no writer kept an archive.
  mutating func tidy() {
    for pending in Planner.plan(inventory, policy, .housekeeping, at: Moment(time, in: zone)).whenReleased {
      guard let index = inventory.versions.firstIndex(where: { $0.file == pending.archive.file }),
        let file = files[pending.archive.inode]
      else { continue }
      switch pending.step {
      case .remove: inventory.versions.remove(at: index)
      case .compress(_, let copy):
        guard let compression = policy.compression, file.rotated + compression.after <= time else { continue }
        var copied = Version(pending.archive.key, suffix: compression.suffix, in: copy.place, inode: nextInode)
        copied.modified = pending.archive.modified
        files[nextInode] = File(
          bytes: Int64(Double(file.bytes) * growth.ratio), modified: file.modified, rotated: file.rotated)
        nextInode += 1
        inventory.versions[index] = copied
      case .transfer(_, let copy): inventory.versions[index].place = copy.place
      default: break
      }
    }
    let known = Set(inventory.versions.map(\.inode))
    files = files.filter { known.contains($0.key) }
  }

  /// What retention sees of it.
  func found(job: String) -> ArchiveScan.Found {
    var found = ArchiveScan.Found(bytes: Int64(min(liveBytes, 9e18)))
    for (rank, version) in Housekeeping.ranked(inventory.versions) {
      guard let file = files[version.inode] else { continue }
      found.bytes = found.bytes.saturatingAdd(file.bytes)
      found.archives.append(
        Retention.Archive(
          job: job, log: path, location: inventory.location(of: version), inode: version.inode, rank: rank,
          bytes: file.bytes, modified: file.modified, keepMin: policy.keepMin))
    }
    return found
  }

  /// Removes archives that a rule of the job removes.
  mutating func remove(_ inodes: Set<UInt64>) {
    inventory.versions.removeAll { inodes.contains($0.inode) }
  }

  private static func following(_ due: WallTime, _ schedule: Schedule, _ zone: Zone) -> WallTime? {
    switch schedule {
    case .interval(let span): due + span
    case .calendar(let calendar): calendar.next(after: due - calendar.delay, in: zone).map { $0 + calendar.delay }
    }
  }
}
