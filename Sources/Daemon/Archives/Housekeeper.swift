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
  /// No process has this archive of a log open for writing, or it is gone.
  var onReleased: (_ log: FilePath, _ inode: UInt64) -> Void = { _, _ in }
  /// Tells the writers of these logs again.
  var notifyAgain: ([RotatedLog], Policy) -> Void = { _, _ in }
  /// The rotation of this log is about to be undone: its size is no reason to rotate it meanwhile.
  var onUndoing: (RotatedLog) -> Void = { _ in }
  /// An undo is about to give the empty file of this inode the name of an archive; with 0, it has its own again.
  var onEmptying: (_ path: FilePath, _ inode: UInt64) -> Void = { _, _ in }
  /// The empty file that an undo may have left under the name of one of a log's archives.
  var emptied: (_ path: FilePath) -> UInt64? = { _ in nil }
  /// The rotation of this log was undone.
  var onUndone: (RotatedLog) -> Void = { _ in }
  /// Called when there is something new to say of a job: its trouble, or nil when it has none.
  var onProblem: (_ job: String, _ problem: String?) -> Void = { _, _ in }
  /// Called when nothing is left to be done, with the most logs that had something at one time.
  var onIdle: (_ most: Int) -> Void = { _ in }
  /// Called when an archive of a job was compressed.
  var onCompressed: (_ job: String) -> Void = { _ in }
  /// Whether archives are being removed where this directory is, since the disk is low: then nothing is compressed there.
  var isPruning: (_ directory: FilePath) -> Bool = { _ in false }
  private var works: [FilePath: LogHousekeeping] = [:]
  private var running = 0
  private var most = 0
  private(set) var isStopping = false
  /// Directories of which it was said that their file system has no leases.
  private var leaseless: Set<FilePath> = []
  /// Archives that stay plain, with the times of their last change.
  private var plain: [Version.File: WallTime] = [:]

  init(platform: Platform, state: StateStore, maxChildren: Int) {
    self.platform = platform
    self.state = state
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
    self.children = CompressionSlots(limit: maxChildren)
  }

  /// Looks after the archives of a log, from now until there is nothing left to do for them.
  func attend(_ order: Order) {
    guard !isStopping else { return }
    let path = LogFinder.join(order.directory, order.name)
    if let work = works[path], !work.isRetired {
      work.adopt(order)
      return
    }
    let work = LogHousekeeping(order, path: path, housekeeper: self)
    works[path] = work
    running += 1
    most = max(most, running)
    platform.loop.start((self, work)) { housekeeper, work in await housekeeper.run(work) }
  }

  private func run(_ work: LogHousekeeping) async {
    // What is ordered while it comes to its end begins it again.
    repeat { await work.run() } while work.isRenewed && !work.isOver
    if works[work.path] === work { works[work.path] = nil }
    running -= 1
    guard isIdle else { return }
    defer { most = 0 }
    onIdle(most)
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
    for work in works.values where names.contains(work.order.job) { work.retire() }
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
    guard leaseless.insert(directory).inserted else { return }
    platform.report(
      Report(
        .note, .warning,
        "\(directory.printable): the file system has no leases (\(errno)), so it is unknown when a writer closes "
          + "an archive; waiting \(TimeSpan.show(delay)) instead", errno: errno))
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
        Report(.failed, .error, "cannot restore the archive from \(path.printable): \(error)", log: path, errno: error))
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
