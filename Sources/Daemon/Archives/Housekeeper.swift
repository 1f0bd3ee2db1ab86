internal import EventLoop
internal import Rotation
internal import Timekeeping

// What happens to an archive after its rotation. No task list is kept: the work is planned from the directory each time
// (`Planner`), so a crash, a changed config or an archive that somebody moved costs one more scan.
//
// An archive is identified by its inode, since later rotations of its log rename it meanwhile. It is changed only when
// a read lease proves that no process has it open for writing. A compression ends in code that does not suspend, so no
// rotation by the daemon comes between its steps:
//
//   1. the output, complete and on disk, gets the current name of the archive with the suffix;
//   2. the directory is synced to disk;
//   3. the source gets a hidden name, so that nobody can open it by name any more;
//   4. if the lease still holds, nobody has opened the source, and it is removed; if not, the output is removed, and
//      the source gets its name back.
//
// A crash after step 1 leaves two files with one version and one modification time. A crash after step 3 leaves the
// source under its hidden name: the next plan gives it its own name back. In both cases the source is valid, since it
// has every byte, even what somebody wrote to it after the crash; the output is removed and made again.

/// Waits until writers have closed archives, compresses the archives and removes surplus ones.
final class Housekeeper {
  /// A job's order to work on the archives of one log.
  struct Order {
    var job: String
    var policy: Policy
    var directory: FilePath
    var name: FileName
    /// Inodes of archives that a rotation has just made, and whose writers were notified.
    var fresh: [UInt64: Fresh] = [:]
    /// When the log was rotated; nil where no rotation has led to the order.
    var rotated: WallTime?
  }

  /// An archive that its writers have not closed yet.
  struct Fresh {
    var log: RotatedLog
    /// The time since when they could have closed it.
    var since: MonotonicTime
  }

  let platform: Platform
  /// Knows the archives whose content is not yet truncated from their log.
  let state: StateStore
  var reader: InventoryReader
  let listing: HousekeepingListing
  let applier: Applier
  let children: CompressionSlots
  let notifier: Notifier
  /// For what is done with archives before they are removed.
  let commands: CommandRunner
  let pauses: SizePauses
  let events: Events
  private let space: SpaceWatch
  private var works: [FilePath: LogHousekeeping] = [:]
  private var running = 0
  private var most = 0
  private(set) var isStopping = false
  /// Rung when a task has ended or goes to sleep.
  private let rested: Alarm
  /// Archives that stay uncompressed, with their modification times.
  private var plain: [Version.File: WallTime] = [:]

  init(
    platform: Platform, state: StateStore, notifier: Notifier, pauses: SizePauses, space: SpaceWatch, events: Events,
    maxChildren: Int
  ) {
    self.platform = platform
    rested = Alarm(on: platform.loop)
    self.state = state
    self.notifier = notifier
    self.commands = CommandRunner(platform: platform)
    self.pauses = pauses
    self.space = space
    self.events = events
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
    self.listing = HousekeepingListing(platform: platform)
    self.applier = Applier(fileSystem: platform.fileSystem)
    self.children = CompressionSlots(limit: maxChildren) { space.isLow }
  }

  /// Whether archives are being removed on the volume of this directory, since its space is low: then nothing is
  /// compressed there.
  func isPruning(_ directory: FilePath) -> Bool { space.volume(of: directory)?.isPruning ?? false }

  /// Records that no process has this archive of a log open for writing, or that it is gone.
  func noteReleased(_ path: FilePath, _ inode: UInt64) {
    guard state.log(path)?.awaited.contains(where: { $0.inode == inode }) == true else { return }
    state.record([.released(log: path, inode: inode)])
  }

  /// Records that an undo is about to give the empty file of this inode the name of an archive; 0 when no file has such
  /// a name any more. After a crash, the record shows that the file is no archive.
  func noteEmptying(_ path: FilePath, _ inode: UInt64) {
    state.record([.undoing(log: path, inode: inode)], durably: true)
  }

  /// Works on the archives of a log until nothing is left to do for them.
  func attend(_ order: Order) {
    guard !isStopping else { return }
    let path = LogFinder.join(order.directory, order.name)
    if let work = works[path], !work.isOver {
      work.adopt(order)
      return
    }
    let work = LogHousekeeping(order, path: path, housekeeper: self)
    works[path] = work
    running += 1
    most = max(most, running)
    work.worker.start((self, work), atEnd: { $0.0.end($0.1) }) { await $0.1.pass() }
  }

  private func end(_ work: LogHousekeeping) {
    work.end()
    if works[work.path] === work { works[work.path] = nil }
    running -= 1
    rested.ring()
    guard isIdle else { return }
    listing.forget()
    // Memory of a few tasks is soon used again: only after many is it given back.
    if most > Limits.maxRuns { platform.releaseMemory() }
    most = 0
    events.send(.idle)
  }

  /// Waits until all is done that can be done now. What waits for a writer, or for another try, ends after some patience: the
  /// directory tells the next run what is left. It is counted in looks, since a slow fsync keeps the tasks from their work.
  func settle(patience: Span) async {
    let looks = patience.nanoseconds / Limits.logrotateLook.nanoseconds
    var left = looks
    while !isIdle {
      let end = platform.loop.now().advanced(by: Limits.logrotateLook * Int64(looks))
      if works.values.contains(where: { $0.child != nil || $0.atWork != nil }) {
        left = looks
      } else if left == 0 || works.values.allSatisfy({ $0.rests(until: end) }) {
        for work in works.values { work.stop() }
      } else {
        left -= 1
      }
      let before = running
      _ = await rested.wait(until: .monotonic(platform.loop.now().advanced(by: Limits.logrotateLook)))
      if running < before { left = looks }
    }
  }

  /// A task goes to sleep.
  func noteSleep() { rested.ring() }

  /// Ends all tasks; their children are killed, and unfinished outputs are removed.
  func stop() {
    isStopping = true
    commands.stop()
    for work in works.values { work.stop() }
  }

  /// Closes an archive that was removed: its space is not free while it is open here.
  func drop(_ file: Version.File, of log: FilePath) { works[log]?.drop(file) }

  /// Whether no task is left.
  var isIdle: Bool { running == 0 }

  /// Continues the work of a job with its new policy.
  func change(job: String, policy: Policy) {
    for work in works.values where work.order.job == job {
      var order = work.order
      order.policy = policy
      work.adopt(order)
    }
  }

  /// Ends the work for the logs of jobs that do not exist any more.
  func forget(jobs names: some Sequence<String>) {
    let names = Set(names)
    for work in works.values where names.contains(work.order.job) { work.stop() }
  }

  /// Leaves an archive uncompressed until its content changes: a compressed copy would take more room.
  func leavePlain(_ file: Version.File, _ status: FileStatus) {
    // Forgetting an archive costs one more try.
    if plain.count >= Limits.maxLeftPlain { plain = [:] }
    plain[file] = status.modified
  }

  /// Whether an archive was left uncompressed; it may have changed since.
  func mayStayPlain(_ file: Version.File) -> Bool { plain[file] != nil }

  func staysPlain(_ file: Version.File, _ status: FileStatus?) -> Bool {
    plain[file].map { $0 == status?.modified } ?? false
  }

  /// Reports once for each directory that its file system has no leases.
  func noteLeaseless(_ directory: FilePath, _ errno: Errno, delay: Span) {
    platform.problems.note(
      Problems.Subject(.lease, directory),
      Report(
        .note, .warning,
        "\(directory.printable): the file system has no leases (\(errno)), so it is unknown when a writer closes "
          + "an archive; waiting \(TimeSpan.show(delay)) instead", errno: errno), key: "none")
  }
}
