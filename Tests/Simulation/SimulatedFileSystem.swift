package import Daemon
package import Rotation
package import Timekeeping

/// A disk in memory: directories of names, names of inodes, inodes with content, and every fault that a test requests.
///
/// It is as unkind as a disk may be: a freed inode number is used again at once, a listing has no order, a crash may
/// leave half of an append. But it does not reorder: metadata operations reach the disk in order, as on the journalling
/// file systems that rotated runs on.
package final class SimulatedFileSystem: FileSystem {
  /// Called before each call of the daemon, with its name; an errno makes the call fail without effect.
  package var fault: ((Call, _ directory: FilePath, _ name: FileName) -> Errno?)?
  /// Called after each call of the daemon that has changed something.
  package var afterChange: ((Call, _ directory: FilePath, _ name: FileName) -> Void)?
  /// Called before the daemon removes a name.
  package var beforeRemoval: ((_ directory: FilePath, _ name: FileName) -> Void)?
  /// Called before a compressed file gets its name, with the inode of its source.
  package var beforePublish: ((_ source: UInt64, _ content: [UInt8]) -> Void)?
  /// Called once, at the crash.
  package var onCrash: (() -> Void)?
  /// Whether renameat2's flags are refused with EINVAL.
  package var refusesRenameFlags = false
  /// Whether it is of a kind whose exchanges cost less than renames.
  package var hasFastExchange = false
  /// How many changes the daemon makes before it is dead; nil for no such limit.
  package var changesUntilCrash: Int?
  /// Whether the crash has come: the disk stays as it is, and every call of the daemon fails.
  package private(set) var isDead = false
  /// The time of new inodes.
  package var clock: () -> WallTime = { WallTime(seconds: 0) }

  package internal(set) var directories: [FilePath: [FileName: UInt64]] = ["/": [:]]
  package internal(set) var nodes: [UInt64: Node] = [:]
  private var opened: [Int32: FilePath] = [:]
  /// What is left of directories that are read piece by piece.
  var unread: [Int32: ArraySlice<DirectoryEntry>] = [:]
  private var (nextToken, nextInode): (Int32, UInt64) = (0, 100)
  private var freed: [UInt64] = []
  /// The bytes that all files together may have; nil for no limit.
  package var capacity: Int64?
  /// Inodes that a writer of the test has open: they exist longer than their last name.
  private var held: [UInt64: Int] = [:]
  /// Inodes that a reader of the test has open, and those that the daemon has open.
  var readers: Set<UInt64> = []
  private var kept: [UInt64: Int] = [:]
  private var watchers: [UInt64: [Watcher]] = [:]
  /// Whether no close by a writer is reported of a file that is not open here.
  package var hasNoWatches = false
  /// How often the daemon has read the names of a whole directory.
  package internal(set) var listings = 0
  /// The greatest number of files that the daemon had open at a time.
  package private(set) var mostHeldByDaemon = 0
  /// What children have written, by the token of their output.
  package var outputs: [Int32: [UInt8]] = [:]
  /// The processes that are reported as writers of every file that is open for writing.
  package var writers = ["pid 4711 (app)"]
  /// How many bytes children have read, by the token of their input.
  package var positions: [Int32: () -> Int64] = [:]
  /// Files to which logs are copied, by their token.
  var copyTargets: [Int32: UInt64] = [:]
  /// The inputs of children, by token.
  private var inputs: [Int32: UInt64] = [:]
  /// What can be done with the head of a file.
  package var cutSupport = TruncationSupport(collapses: true, punches: true)
  /// Whether some writer keeps its own offset.
  package var offsetWriters = OffsetWriters.none
  /// Changes the status of a file before it is reported.
  package var editStatus: ((inout FileStatus) -> Void)?
  package var watches = SimulatedWatches()
  package var onWatchEvents: (([WatchEvent]) -> Void)?
  /// Whether the file system has no leases (NFS, FUSE).
  package var hasNoLeases = false
  /// Directories where another file system is mounted.
  package var mounts: Set<FilePath> = []
  /// The resolution of times, for those of them that store times in steps.
  package var timeSteps: [FilePath: Span] = [:]

  /// Counts the starts of the daemon; open files of earlier ones are nobody's.
  private(set) var generation = 0

  private struct Watcher {
    weak var hold: SimulatedHold?
    weak var sign: SimulatedCloseWatch?
  }

  package init() {}

  /// The disk is available again after a crash, unchanged.
  package func restart() {
    isDead = false
    changesUntilCrash = nil
    (opened, unread) = ([:], [:])
    generation += 1
    watchers = [:]
    outputs = [:]
    inputs = [:]
    let unkept = kept.keys
    kept = [:]
    for inode in unkept { dropIfUnused(inode) }
    endWatches()
  }

  // MARK: The world outside of the daemon

  /// Makes a directory and its missing parents.
  package func makeDirectory(_ path: FilePath) {
    guard directories[path] == nil else { return }
    let (parent, name) = LogFinder.split(path)
    makeDirectory(parent)
    directories[path] = [:]
    directories[parent]?[name] = newNode(.directory, 0o755)
    reportNamed(name, in: parent)
  }

  /// Opens a file for appending as a writer does, and makes it if it is missing; nil if the name is no regular file.
  package func openForWriting(_ path: FilePath) -> UInt64? {
    let (directory, name) = LogFinder.split(path)
    if let inode = directories[directory]?[name] {
      guard nodes[inode]?.kind == .regular else { return nil }
      held[inode, default: 0] += 1
      notifyWatchers(of: inode, isOpen: true)
      return inode
    }
    guard directories[directory] != nil else { return nil }
    let inode = newNode(.regular, 0o644)
    directories[directory]?[name] = inode
    held[inode, default: 0] += 1
    reportNamed(name, in: directory)
    return inode
  }

  /// Appends through an open file, wherever its name has gone; false if the disk is full, and then nothing is written.
  @discardableResult
  package func append(_ text: String, toOpen inode: UInt64) -> Bool {
    guard hasRoom(for: text.utf8.count) else { return false }
    nodes[inode]?.content += text.utf8
    nodes[inode]?.modified = clock()
    reportWritten(inode)
    return true
  }

  package func close(_ inode: UInt64) {
    held[inode, default: 1] -= 1
    if held[inode] == 0 { held[inode] = nil }
    notifyWatchers(of: inode, isOpen: false)
    dropIfUnused(inode)
  }

  /// The bytes on a child's standard input.
  package func input(_ token: Int32?) -> [UInt8] { token.flatMap { inputs[$0] }.flatMap { nodes[$0]?.content } ?? [] }

  /// Puts something under a name, as an administrator or an attacker may; its time is `age` nanoseconds ago.
  package func plant(
    _ kind: FileStatus.Kind, at path: FilePath, content: String = "", age: Int64 = 0, user: UInt32 = 0
  ) {
    let (directory, name) = LogFinder.split(path)
    unlink(name, directory)
    let inode = newNode(kind, 0o644)
    nodes[inode]?.content = Array(content.utf8)
    nodes[inode]?.user = user
    nodes[inode]?.modified = WallTime(nanoseconds: clock().nanoseconds - age)
    directories[directory]?[name] = inode
    if kind == .directory { directories[path] = [:] }
    reportNamed(name, in: directory)
  }

  /// Removes a name behind the daemon's back.
  package func delete(_ path: FilePath) {
    let (directory, name) = LogFinder.split(path)
    unlink(name, directory)
    if directories.removeValue(forKey: path) != nil { reportGone(directory: path) }
  }

  // MARK: Inodes

  func newNode(_ kind: FileStatus.Kind, _ mode: UInt32) -> UInt64 {
    let inode = freed.popLast() ?? nextInode
    if inode == nextInode { nextInode += 1 }
    nodes[inode] = Node(kind: kind, mode: mode, modified: clock(), born: clock())
    return inode
  }

  func unlink(_ name: FileName, _ directory: FilePath) {
    guard let inode = directories[directory]?.removeValue(forKey: name) else { return }
    nodes[inode]?.links -= 1
    reportMoved(inode)
    dropIfUnused(inode)
  }

  func dropIfUnused(_ inode: UInt64) {
    guard let node = nodes[inode], node.links == 0, held[inode] == nil, kept[inode] == nil, !readers.contains(inode)
    else { return }
    nodes[inode] = nil
    freed.append(inode)
  }

  // MARK: Archives (SimulatedFileSystem+Archives.swift)

  package func isOpenForWriting(_ inode: UInt64) -> Bool { held[inode] != nil }

  /// The number of inodes that the daemon has open.
  package var heldByDaemon: Int { kept.count }

  func keepOpen(_ inode: UInt64) {
    kept[inode, default: 0] += 1
    mostHeldByDaemon = max(mostHeldByDaemon, kept.count)
  }

  func letGo(_ inode: UInt64) {
    kept[inode, default: 1] -= 1
    if kept[inode] == 0 { kept[inode] = nil }
    dropIfUnused(inode)
  }

  func addWatcher(_ hold: SimulatedHold, of inode: UInt64) { add(Watcher(hold: hold), of: inode) }

  func addSign(_ sign: SimulatedCloseWatch, of inode: UInt64) { add(Watcher(sign: sign), of: inode) }

  private func add(_ watcher: Watcher, of inode: UInt64) {
    watchers[inode] = (watchers[inode] ?? []).filter { $0.hold != nil || $0.sign != nil } + [watcher]
  }

  private func notifyWatchers(of inode: UInt64, isOpen: Bool) {
    for watcher in watchers[inode] ?? [] {
      watcher.hold?.change(isOpen: isOpen)
      if !isOpen { watcher.sign?.onChange?() }
    }
  }

  func tokenForChild(of inode: UInt64) -> Int32 {
    nextToken += 1
    inputs[nextToken] = inode
    return nextToken
  }

  func newOutput() -> Int32 {
    nextToken += 1
    outputs[nextToken] = []
    return nextToken
  }

  // MARK: What the port's calls share (SimulatedFileSystem+Port.swift)

  func remember(_ path: FilePath, isOnOtherFileSystem: Bool = false) -> OpenDirectory {
    nextToken += 1
    opened[nextToken] = path
    let isFast = hasFastExchange
    return OpenDirectory(
      path: path, token: nextToken, isOnOtherFileSystem: isOnOtherFileSystem, exchangesFast: { _ in isFast }
    ) { [weak self] in
      self?.opened[$0] = nil
      self?.unread[$0] = nil
    }
  }

  /// The directory on which the file system of a path is mounted.
  func mount(of path: FilePath) -> FilePath {
    mounts.filter { path == $0 || path.bytes.starts(with: $0.bytes + [UInt8(ascii: "/")]) }
      .max { $0.bytes.count < $1.bytes.count } ?? "/"
  }

  /// Makes a directory for the daemon.
  func make(_ directory: FilePath, mode: UInt32, user: UInt32, group: UInt32) {
    makeDirectory(directory)
    guard let inode = inode(of: directory) else { return }
    nodes[inode]?.mode = mode
    nodes[inode]?.user = user
    nodes[inode]?.group = group
  }

  /// The names of an opened directory, after the faults that a read may have.
  func names(_ directory: OpenDirectory, _ name: FileName = "") throws(Errno) -> [FileName: UInt64] {
    guard !isDead else { throw .io }
    if let errno = fault?(.look, directory.path, name) { throw errno }
    guard let path = opened[directory.token], let names = directories[path] else { throw .noEntry }
    return names
  }

  func checkFault(_ call: Call, _ directory: FilePath, _ name: FileName) throws(Errno) {
    guard !isDead else { throw .io }
    if let errno = fault?(call, directory, name) { throw errno }
  }

  /// Carries out a change of the daemon, unless it is dead or a fault is requested; the crash comes after it.
  func change(
    _ call: Call, _ directory: OpenDirectory, _ name: FileName, _ body: () throws(Errno) -> Void
  ) throws(Errno) {
    try checkFault(call, directory.path, name)
    guard let path = opened[directory.token], directories[path] != nil else { throw .noEntry }
    try body()
    afterChange?(call, directory.path, name)
    if let left = changesUntilCrash {
      changesUntilCrash = left - 1
      if left <= 1 {
        isDead = true
        onCrash?()
      }
    }
  }
}
