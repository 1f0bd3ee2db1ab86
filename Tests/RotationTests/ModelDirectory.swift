import Rotation

/// A log's directories as a value: names, inodes and contents, with the system calls of a plan's steps. A name in the
/// directory of archives is a key with that directory in front.
struct ModelDirectory: Hashable {
  struct File: Hashable {
    var inode: UInt64
    /// What the file holds; empty for a new one.
    var content: String
  }

  enum Failure: Error, Hashable {
    case exists(String)
    case missing(String)
  }

  var names: [String: File] = [:]
  var nextInode: UInt64 = 1000

  mutating func add(_ name: String, _ content: String) {
    names[name] = File(inode: nextInode, content: content)
    nextInode += 1
  }

  mutating func apply(_ step: Step) throws(Failure) {
    switch step {
    case .prepare(let name, _):
      guard names[name] == nil else { throw .exists(name) }
      add(name, "")
    case .rename(let source, let target, _):
      let (old, new) = (source.description, target.description)
      let file = try file(old)
      guard names[new] == nil else { throw .exists(new) }
      names[old] = nil
      names[new] = file
    case .exchange(let one, let other):
      let (first, second) = (try file(one), try file(other))
      names[one] = second
      names[other] = first
    case .link(let source, let target, _):
      let (old, new) = (source.description, target.description)
      let file = try file(old)
      guard names[new] == nil || names[new]?.inode == file.inode else { throw .exists(new) }
      names[new] = file
    case .replace(let live, let staging):
      names[live] = try file(staging)
      names[staging] = nil
    case .copy(let live, let archive):
      guard names[archive.description] == nil else { throw .exists(archive.description) }
      add(archive.description, try file(live).content)
      names[live]?.content = ""
    case .remove(let old, _), .discard(let old, copyOf: _):
      _ = try file(old.description)
      names[old.description] = nil
    }
  }

  private func file(_ name: String) throws(Failure) -> File {
    guard let file = names[name] else { throw .missing(name) }
    return file
  }

  func status(_ name: String) -> FileStatus? {
    guard let file = names[name] else { return nil }
    return FileStatus(
      kind: .regular, inode: file.inode, size: Int64(file.content.utf8.count), mode: 0o640, user: 0, group: 0,
      links: UInt32(names.values.count { $0.inode == file.inode }), modified: WallTime(seconds: 0),
      born: WallTime(nanoseconds: Int64(file.inode)))
  }

  func inventory(of log: String, _ naming: ArchiveNaming = .numbered, home: Place = .logDirectory) -> Inventory {
    let versions = names.compactMap { path, file -> Version? in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let place = path == name ? Place.logDirectory : home
      guard let archive = naming.parse(name), archive.base == log else { return nil }
      return Version(archive.key, suffix: archive.suffix, in: place, inode: file.inode)
    }
    return Inventory(
      name: log, live: status(log), staging: status(StagingName.of(log)), versions: versions, naming: naming, home: home
    )
  }

  /// What names hold, inodes aside: two ways to the same end may number their new files differently.
  var contents: [String: String] { names.mapValues(\.content) }

  /// Every content that is not empty, once for each inode that holds it.
  var bytes: [String] {
    var seen: Set<UInt64> = []
    return names.values.filter { !$0.content.isEmpty && seen.insert($0.inode).inserted }.map(\.content).sorted()
  }
}
