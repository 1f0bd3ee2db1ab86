internal import EventLoop
internal import Rotation
internal import Timekeeping

// What happens to an archive after its rotation. Nothing of it is remembered: what is to be done is seen from the directory
// each time (Upkeep), so a crash, a changed config or an archive that somebody moved costs a look and no more.
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
// name: `restoreSuperseded` gives it its own back at the next start. In both the source is what counts, since it has every byte,
// be it that somebody wrote to it after the crash; the output is removed and made again.

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

  func staysPlain(_ file: Version.File, _ status: FileStatus) -> Bool { plain[file] == status.modified }

  /// Says once for each directory that there is no proof to be had there.
  func noteLeaseless(_ directory: FilePath, _ errno: Errno, delay: Span) {
    platform.problems.note(
      Problems.Subject(.lease, directory),
      Report(
        .note, .warning,
        "\(directory.printable): no leases here (\(errno)), so nothing proves that a writer has let go; "
          + "waiting \(TimeSpan.show(delay)) instead", errno: errno), key: "none")
  }

  /// Gives the hidden source of a compression that was cut off its name back: beside its copy, if rotations have moved that,
  /// else its own, else one that nothing deletes. Returns whether the hidden name is gone.
  @discardableResult
  func restoreSuperseded(_ name: FileName, in directory: OpenDirectory, _ naming: ArchiveNaming) -> Bool {
    guard let archive = StagingName.supersededArchive(of: name) else { return true }
    let disk = platform.fileSystem
    do throws(Errno) {
      guard let superseded = try disk.status(of: name, in: directory) else { return true }
      guard superseded.kind == .regular else { return true }
      let target = try movedSource(of: superseded, archive, naming, in: directory) ?? archive
      let taken = try disk.status(of: target, in: directory)
      if taken?.inode == superseded.inode {
        try disk.remove(name, in: directory)
      } else {
        try move(name, to: taken == nil ? target : SetAsideName.of(archive, inode: superseded.inode), in: directory)
      }
      return true
    } catch {
      let path = LogFinder.join(directory.path, name)
      platform.report(
        Report(.failed, .error, "cannot settle \(path.printable): \(error)", log: path, errno: error))
      return false
    }
  }

  /// The plain name that belongs to the copy of a source, where that has moved on to a greater number. A copy has the time
  /// of its source; but so may an archive that was written in the same moment, and what is taken for a copy goes. So the
  /// copy beside the source's own name comes first, and of several elsewhere none is believed.
  private func movedSource(
    of superseded: FileStatus, _ archive: FileName, _ naming: ArchiveNaming, in directory: OpenDirectory
  ) throws(Errno) -> FileName? {
    let disk = platform.fileSystem
    guard let own = naming.parse(archive), case .number(let number) = own.key else { return nil }
    for suffix in naming.suffixes {
      let copy = try disk.status(of: naming.name(of: own.base, own.key, suffix: suffix), in: directory)
      if copy?.modified == superseded.modified { return nil }
    }
    var found: [FileName] = []
    for entry in try disk.entries(in: directory) {
      guard let other = naming.parse(entry.name), other.base == own.base, !other.suffix.isEmpty,
        case .number(let later) = other.key, later > number,
        try disk.status(of: entry.name, in: directory)?.modified == superseded.modified
      else { continue }
      found.append(naming.name(of: other.base, other.key))
    }
    return found.count == 1 ? found.first : nil
  }

  /// Removes the output of a compressor that a crash has cut off.
  func removeOutput(_ name: FileName, in directory: OpenDirectory) {
    do throws(Errno) {
      guard try platform.fileSystem.status(of: name, in: directory)?.kind == .regular else { return }
      try platform.fileSystem.remove(name, in: directory)
    } catch {
      let path = LogFinder.join(directory.path, name)
      platform.report(
        Report(.failed, .warning, "cannot remove \(path.printable): \(error)", log: path, errno: error))
    }
  }

  /// Renames, by link(2) and unlink(2) where the file system cannot do it without replacing.
  func move(_ old: FileName, to new: FileName, in directory: OpenDirectory) throws(Errno) {
    do throws(Errno) {
      try platform.fileSystem.rename(old, to: new, in: directory)
    } catch  where error == .invalid {
      try platform.fileSystem.link(old, to: new, in: directory)
      try platform.fileSystem.remove(old, in: directory)
    }
  }
}
