internal import Daemon
package import Rotation

/// The watches of the simulated disk, as with inotify(7): a watch is on an inode, not on a name.
package struct SimulatedWatches {
  /// The most watches; one more is ENOSPC.
  package var limit = Int.max
  /// Directories whose file system does not report changes.
  package var remote: Set<FilePath> = []
  /// How many events are lost from now on; `lost` is reported in their place, as by a full queue.
  package var losses = 0
  package fileprivate(set) var logs: [UInt64: Int32] = [:]
  package fileprivate(set) var directories: [FilePath: (watch: Int32, names: Bool)] = [:]
  fileprivate var last: Int32 = 0
  /// The number of reported events.
  package fileprivate(set) var notified = 0

  /// The number of watches.
  package var count: Int { logs.count + directories.count }
}

extension SimulatedFileSystem {
  package func watchLog(_ path: FilePath) throws(Errno) -> Int32 {
    let (directory, name) = LogFinder.split(path)
    try checkFault(.look, directory, name)
    guard let inode = directories[directory]?[name] else { throw .noEntry }
    if let known = watches.logs[inode] { return known }
    let watch = try newWatch()
    watches.logs[inode] = watch
    return watch
  }

  package func watchDirectory(_ path: FilePath, names: Bool) throws(Errno) -> Int32 {
    let (parent, name) = LogFinder.split(path)
    try checkFault(.look, parent, name)
    guard directories[path] != nil else {
      throw directories[parent]?[name] == nil ? .noEntry : .notDirectory
    }
    guard !watches.remote.contains(path) else { throw .notSupported }
    var watch = watches.directories[path]?.watch ?? -1
    if watch < 0 { watch = try newWatch() }
    watches.directories[path] = (watch, names)
    return watch
  }

  package func unwatch(_ watch: Int32) {
    watches.logs = watches.logs.filter { $0.value != watch }
    watches.directories = watches.directories.filter { $0.value.watch != watch }
  }

  private func newWatch() throws(Errno) -> Int32 {
    guard watches.count < watches.limit else { throw .noSpace }
    watches.last += 1
    return watches.last
  }

  /// The process that has set the watches has ended.
  func endWatches() {
    onWatchEvents = nil
    (watches.logs, watches.directories) = ([:], [:])
  }

  // MARK: What happens

  /// A name has become another file's, which had another name before.
  func reportSwapped(_ name: FileName, in directory: FilePath) {
    if let inode = directories[directory]?[name] { reportMoved(inode) }
    reportNamed(name, in: directory)
  }

  /// A file was written to.
  func reportWritten(_ inode: UInt64) {
    if let watch = watches.logs.removeValue(forKey: inode) { tell(.written(watch: watch)) }
  }

  /// A file was moved, or has got or lost a name.
  func reportMoved(_ inode: UInt64) {
    if let watch = watches.logs.removeValue(forKey: inode) { tell(.moved(watch: watch)) }
  }

  /// A name has appeared in a directory.
  func reportNamed(_ name: FileName, in directory: FilePath) {
    guard let (watch, names) = watches.directories[directory], names else { return }
    let isDirectory = directories[directory]?[name].flatMap { nodes[$0]?.kind } == .directory
    tell(.named(watch: watch, name: name, isDirectory: isDirectory))
  }

  /// A directory was removed.
  func reportGone(directory: FilePath) {
    if let watch = watches.directories.removeValue(forKey: directory)?.watch { tell(.moved(watch: watch)) }
  }

  private func tell(_ event: WatchEvent) {
    guard !isDead else { return }
    watches.notified += 1
    guard watches.losses > 0 else {
      onWatchEvents?([event])
      return
    }
    watches.losses -= 1
    onWatchEvents?([.lost])
  }
}
