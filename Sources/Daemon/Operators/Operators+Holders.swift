internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

// Who has logs and archives open.

extension Operators {
  /// The inodes of all archives that may still have a writer.
  var awaitedInodes: Set<UInt64> { Set(supervisor.state.awaited.values.joined().map(\.inode)) }

  /// Finds the processes that have files of these inodes open, in pieces; nil where there are no files.
  func searchHolders(of inodes: Set<UInt64>) async throws(VarlinkError) -> (any HolderSearch)? {
    guard !inodes.isEmpty else { return nil }
    let search = platform.fileSystem.searchHolders(of: inodes)
    while try await piece({ search.step() }) {}
    return search
  }

  /// The processes that have a file of a log open.
  func holders(of file: FileStatus, in view: LogView, _ search: any HolderSearch) -> [Wire.Holder] {
    guard let found = search.found[file.inode] else { return [] }
    // Another file system may have a file with the same inode.
    let directories = [view.directories.log, view.directories.archives].compactMap(\.self)
    let volumes = Set(directories.compactMap { (try? platform.fileSystem.space(of: $0))?.volume })
    return found.filter { volumes.contains($0.volume) }.map { holder in
      var shown = Wire.Holder()
      (shown.role, shown.pid, shown.uid) = (holder.isWriter ? .writer : .reader, holder.process, holder.user)
      shown.command = holder.name
      if !holder.isWriter { shown.unreadBytes = holder.position.map { max(0, file.size.saturatingSubtract($0)) } }
      return shown
    }
  }

  /// Fills in who has the log and its archives open, and the hooks that archives wait for.
  func addHolders(_ view: LogView, _ runtime: JobRuntime, _ value: inout Wire.Explanation) async throws(VarlinkError) {
    let files = view.archives.map(\.status) + [view.inventory.live].compactMap(\.self)
    guard let search = try await searchHolders(of: Set(files.map(\.inode))) else { return }
    value.isPartial = !search.isWhole
    if let live = view.inventory.live { value.holders = holders(of: live, in: view, search) }
    let owed = Set(supervisor.state.log(view.path)?.owed ?? [])
    for (index, archive) in view.archives.prefix(value.archives.count).enumerated() {
      value.archives[index].holders = holders(of: archive.status, in: view, search)
      guard owed.contains(archive.status.inode) else { continue }
      value.archives[index].holders += runtime.job.policy.hooks.prefix(Limits.maxShown).map { hook in
        var shown = Wire.Holder()
        (shown.role, shown.command) = (.hook, "\(hook)")
        return shown
      }
    }
  }
}
