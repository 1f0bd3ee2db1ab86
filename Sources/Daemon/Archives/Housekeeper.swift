internal import EventLoop
internal import Rotation
internal import Timekeeping

// What happens to an archive after its rotation. Nothing of it is remembered: what is to be done is seen from the directory
// each time (`Planner`), so a crash, a changed config or an archive that somebody moved costs a look and no more.
//
// An archive is found again by its inode, since rotations of its log go on meanwhile and move it from name to name. It is
// touched only when a read lease proves that no process has it open for writing. The end of a compression is one piece of
// code without a wait in it, so no rotation of ours comes between its steps:
//
//   1. the output, complete and on disk, gets the name of the archive as it is now, with the suffix;
//   2. the directory is brought to disk;
//   3. the source gets a hidden name, so that nobody can open it by name any more;
//   4. if the lease still holds, nobody has opened it: it is removed; else the output goes, and it gets its name back.
//
// A crash after 1 leaves two files of one number and one time of modification, one after 3 the source under its hidden
// name: the next plan gives it its own back. In both the source is what counts, since it has every byte, also those that somebody
// wrote to it after the crash; the output is removed and made again.

/// Waits until writers have let go of archives, compresses them and removes surplus ones.
final class Housekeeper {
  /// What a job has to say about the logs that it hands over.
  struct Order {
    var job: String
    var policy: Policy
    var directory: FilePath
    var name: FileName
    /// Inodes that a rotation has just made archives of, and whose writers were told.
    var fresh: [UInt64: Fresh] = [:]
  }

  /// An archive whose writers are still to let go.
  struct Fresh {
    var log: RotatedLog
    /// Since when they could have.
    var since: MonotonicTime
  }

  let platform: Platform
  /// Knows of archives whose content is not yet cut off their log.
  let state: StateStore
  var reader: InventoryReader
  let applier: Applier
  let children: CompressionSlots
  let notifier: Notifier
  let pauses: SizePauses
  let events: Events
  private let space: SpaceWatch
  private var works: [FilePath: LogHousekeeping] = [:]
  private var running = 0
  private var most = 0
  private(set) var isStopping = false
  /// Archives that stay plain, with the times of their last change.
  private var plain: [Version.File: WallTime] = [:]

  init(
    platform: Platform, state: StateStore, notifier: Notifier, pauses: SizePauses, space: SpaceWatch, events: Events,
    maxChildren: Int
  ) {
    self.platform = platform
    self.state = state
    self.notifier = notifier
    self.pauses = pauses
    self.space = space
    self.events = events
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
    self.applier = Applier(fileSystem: platform.fileSystem)
    self.children = CompressionSlots(limit: maxChildren) { space.isLow }
  }

  /// Whether archives are being removed where this directory is, since the disk is low: then nothing is compressed there.
  func isPruning(_ directory: FilePath) -> Bool { space.volume(of: directory)?.isPruning ?? false }

  /// No process has this archive of a log open for writing, or it is gone.
  func noteReleased(_ path: FilePath, _ inode: UInt64) {
    guard state.log(path)?.awaited.contains(where: { $0.inode == inode }) == true else { return }
    state.record([.released(log: path, inode: inode)])
  }

  /// An undo is about to give the empty file of this inode the name of an archive; with 0, it has its own again. What a crash
  /// leaves is known by this, and is no archive.
  func noteEmptying(_ path: FilePath, _ inode: UInt64) {
    state.record([.undoing(log: path, inode: inode)], durably: true)
  }

  /// Looks after the archives of a log, from now until there is nothing left to do for them.
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
    guard isIdle else { return }
    // What a few have taken is soon taken again.
    if most > Limits.maxRuns { platform.releaseMemory() }
    most = 0
    events.send(.idle)
  }

  /// Ends what runs; children are killed, and what they were making goes with them.
  func stop() {
    isStopping = true
    for work in works.values { work.stop() }
  }

  /// Lets go of an archive that was removed: while it is open here, its room is not free.
  func drop(_ file: Version.File, of log: FilePath) { works[log]?.drop(file) }

  /// Whether anything is still going on.
  var isIdle: Bool { running == 0 }

  /// Goes on with what a job says now.
  func change(job: String, policy: Policy) {
    for work in works.values where work.order.job == job {
      var order = work.order
      order.policy = policy
      work.adopt(order)
    }
  }

  /// Ends what is being done for logs of jobs that are no more.
  func forget(jobs names: some Sequence<String>) {
    let names = Set(names)
    for work in works.values where names.contains(work.order.job) { work.stop() }
  }

  /// An archive stays as it is, as long as nobody changes it: a compressed copy of it would take more room.
  func leavePlain(_ file: Version.File, _ status: FileStatus) {
    // What is forgotten costs one more try.
    if plain.count >= Limits.maxLeftPlain { plain = [:] }
    plain[file] = status.modified
  }

  /// Whether that was said of an archive, which may have been changed since.
  func mayStayPlain(_ file: Version.File) -> Bool { plain[file] != nil }

  func staysPlain(_ file: Version.File, _ status: FileStatus?) -> Bool {
    plain[file].map { $0 == status?.modified } ?? false
  }

  /// Says once for each directory that there is no proof to be had there.
  func noteLeaseless(_ directory: FilePath, _ errno: Errno, delay: Span) {
    platform.problems.note(
      Problems.Subject(.lease, directory),
      Report(
        .note, .warning,
        "\(directory.printable): the file system has no leases (\(errno)), so it is unknown when a writer closes "
          + "an archive; waiting \(TimeSpan.show(delay)) instead", errno: errno), key: "none")
  }
}
