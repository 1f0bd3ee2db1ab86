import Rotation
import Timekeeping

/// A log's directories as a value: names, inodes and contents, with the system calls of a plan's steps. A name in the
/// directory of archives is a key with that directory in front.
struct ModelDirectory: Hashable {
  struct File: Hashable {
    var inode: UInt64
    /// What the file holds; empty for a new one.
    var content: String
  }

  enum Failure: Error, Hashable {
    case exists(FilePath)
    case missing(FilePath)
  }

  var names: [FilePath: File] = [:]
  var nextInode: UInt64 = 1000

  mutating func add(_ name: FilePath, _ content: String) {
    names[name] = File(inode: nextInode, content: content)
    nextInode += 1
  }

  mutating func apply(_ step: Step) throws(Failure) {
    switch step {
    case .prepare(let name, _):
      guard names[FilePath(name)] == nil else { throw .exists(FilePath(name)) }
      add(FilePath(name), "")
    case .rename(let source, let target, _):
      let (old, new) = (source.path, target.path)
      let file = try file(old)
      guard names[new] == nil else { throw .exists(new) }
      names[old] = nil
      names[new] = file
    case .exchange(let one, let other):
      let (first, second) = (try file(FilePath(one)), try file(FilePath(other)))
      names[FilePath(one)] = second
      names[FilePath(other)] = first
    case .link(let source, let target, _):
      let (old, new) = (source.path, target.path)
      let file = try file(old)
      guard names[new] == nil || names[new]?.inode == file.inode else { throw .exists(new) }
      names[new] = file
    case .replace(let live, let staging):
      names[FilePath(live)] = try file(FilePath(staging))
      names[FilePath(staging)] = nil
    case .copy(let live, let archive):
      guard names[archive.path] == nil else { throw .exists(archive.path) }
      add(archive.path, try file(FilePath(live)).content)
      names[FilePath(live)]?.content = ""
    case .remove(let old, _), .discard(let old, copyOf: _):
      _ = try file(old.path)
      names[old.path] = nil
    }
  }

  private func file(_ name: FilePath) throws(Failure) -> File {
    guard let file = names[name] else { throw .missing(name) }
    return file
  }

  func status(_ name: FileName) -> FileStatus? {
    guard let file = names[FilePath(name)] else { return nil }
    return FileStatus(
      kind: .regular, inode: file.inode, size: Int64(file.content.utf8.count), mode: 0o640, user: 0, group: 0,
      links: UInt32(names.values.count { $0.inode == file.inode }), modified: WallTime(seconds: 0),
      born: WallTime(nanoseconds: Int64(file.inode)))
  }

  func inventory(of log: FileName, _ naming: ArchiveNaming = .numbered, home: DirectoryRole = .logDirectory)
    -> Inventory
  {
    let versions = names.compactMap { path, file -> Version? in
      let name = path.split.name
      let place = path == FilePath(name) ? DirectoryRole.logDirectory : home
      guard let archive = naming.parse(name), archive.base == log else { return nil }
      return Version(archive.key, suffix: archive.suffix, in: place, inode: file.inode)
    }
    return Inventory(
      name: log, live: status(log), staging: status(StagingName.of(log)), versions: versions, naming: naming, home: home
    )
  }

  /// What names hold, inodes aside: two ways to the same end may number their new files differently.
  var contents: [FilePath: String] { names.mapValues(\.content) }

  /// Every content that is not empty, once for each inode that holds it.
  var bytes: [String] {
    var seen: Set<UInt64> = []
    return names.values.filter { !$0.content.isEmpty && seen.insert($0.inode).inserted }.map(\.content).sorted()
  }
}
