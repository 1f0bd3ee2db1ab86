internal import EventLoop
internal import Rotation

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
//   4. if the lease still holds, nobody has opened it: it is removed; else it gets its name back, and the output goes.
//
// A crash after 1 leaves two files of one number, of the same time of modification: the planner drops the plain one. A
// crash after 3 leaves the hidden name, which `settleSpent` removes at the next start.

/// Waits until writers have let go of archives, compresses them and removes surplus ones.
///
/// It belongs to the Supervisor and is touched on its loop alone, so it needs no lock to be named in a task's closure.
final class Finisher: @unchecked Sendable {
  /// What a job has to say about the logs that it hands over.
  struct Order {
    var job: String
    var policy: Policy
    var directory: String
    var name: String
    /// Inodes that a rotation has just made archives of, and whose writers were told.
    var fresh: [UInt64: RotatedLog] = [:]
  }

  let platform: Platform
  let reader: InventoryReader
  let children: Gate
  /// Tells the writers of these logs again.
  var tellAgain: ([RotatedLog], Policy) -> Void = { _, _ in }
  /// Called when there is something new to say of a job: its trouble, or nil when it has none.
  var onTrouble: (_ job: String, _ trouble: String?) -> Void = { _, _ in }
  private var works: [String: LogUpkeep] = [:]
  private(set) var isStopping = false
  /// Directories of which it was said that their file system has no leases.
  private var leaseless: Set<String> = []

  init(platform: Platform, maxChildren: Int) {
    self.platform = platform
    self.reader = InventoryReader(fileSystem: platform.fileSystem)
    self.children = Gate(limit: maxChildren)
  }

  /// Looks after the archives of a log, from now until there is nothing left to do for them.
  func attend(_ order: Order) {
    guard !isStopping else { return }
    let path = LogFinder.join(order.directory, order.name)
    if let work = works[path] {
      work.adopt(order)
      return
    }
    let work = LogUpkeep(order, path: path, finisher: self)
    works[path] = work
    Task(executorPreference: platform.loop) {
      await work.run()
      self.works[path] = nil
    }
  }

  /// Ends what runs; children are killed, and what they were making goes with them.
  func stop() {
    isStopping = true
    for work in works.values { work.stop() }
  }

  /// Whether anything is still going on.
  var isIdle: Bool { works.isEmpty }

  /// Ends what is being done for logs of jobs that are no more.
  func forget(jobs names: some Sequence<String>) {
    let names = Set(names)
    for work in works.values where names.contains(work.order.job) { work.retire() }
  }

  /// Says once for each directory that there is no proof to be had there.
  func noteLeaseless(_ directory: String, _ errno: Errno, delay: Span) {
    guard leaseless.insert(directory).inserted else { return }
    platform.report(
      Report(
        .note, .warning,
        "\(directory.printable): no leases here (\(errno)), so nothing proves that a writer has let go; "
          + "waiting \(TimeSpan.describe(delay)) instead", errno: errno))
  }

  /// Removes the hidden sources of finished compressions that a crash has left; what is not surely finished is given a name
  /// that nothing deletes.
  func settleSpent(_ name: String, in directory: OpenDirectory, listing names: Set<String>, _ suffixes: [String]) {
    guard let archive = StagingName.spentArchive(of: name) else { return }
    do throws(Errno) {
      guard let spent = try platform.fileSystem.status(of: name, in: directory), spent.kind == .regular else { return }
      for suffix in suffixes where names.contains(archive + suffix) {
        guard let whole = try platform.fileSystem.status(of: archive + suffix, in: directory),
          whole.modified == spent.modified
        else { continue }
        return try platform.fileSystem.removeReleased(name, in: directory)
      }
      guard let other = try platform.fileSystem.status(of: archive, in: directory) else {
        return try platform.fileSystem.rename(name, orLinkTo: archive, in: directory)
      }
      // It was to get its name back, or to lose it, by a link.
      if other.inode == spent.inode { return try platform.fileSystem.remove(name, in: directory) }
      try platform.fileSystem.rename(
        name, orLinkTo: SetAsideName.of(archive, inode: spent.inode), in: directory)
    } catch {
      let path = LogFinder.join(directory.path, name)
      platform.report(
        Report(.failed, .error, "cannot settle \(path.printable): \(error)", log: path, errno: error))
    }
  }
}
