import Rotation
import Timekeeping

/// A log's directories as a value: names, inodes and contents, with the system calls of a plan's steps. A name in the
/// directory of archives is a key with that directory in front.
struct ModelDirectory: Hashable {
  struct File: Hashable {
    var inode: UInt64
    /// What the file holds; empty for a new one. A compressed copy of it has `gz:` before that.
    var content: String
    /// Seconds; a copy has those of its source.
    var modified: Int64
  }

  enum Failure: Error, Hashable {
    case exists(FilePath)
    case missing(FilePath)
    case otherFileSystem(FilePath)
  }

  /// The inode of the copy that a truncation makes.
  static let copy: UInt64 = 999

  var names: [FilePath: File] = [:]
  var nextInode: UInt64 = 1000

  mutating func add(_ name: FilePath, _ content: String) {
    names[name] = File(inode: nextInode, content: content, modified: Int64(nextInode))
    nextInode += 1
  }

  /// The number of system calls of a step that another process could see.
  static func calls(of step: Step) -> Int {
    switch step {
    case .compress, .transfer: 4
    default: 1
    }
  }

  mutating func apply(_ step: Step) throws(Failure) {
    for call in 0..<Self.calls(of: step) { try apply(step, call: call) }
  }

  /// One of the calls of a step.
  mutating func apply(_ step: Step, call: Int) throws(Failure) {
    switch step {
    case .prepare(let name, _):
      guard names[FilePath(name)] == nil else { throw .exists(FilePath(name)) }
      add(FilePath(name), "")
    case .rename(let source, let target, _):
      let (old, new) = (source.path, target.path)
      let file = try file(old)
      guard names[new] == nil else { throw .exists(new) }
      guard source.place.isOnLogsFileSystem == target.place.isOnLogsFileSystem else { throw .otherFileSystem(new) }
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
    case .publishCopy(let live, let archive):
      guard names[archive.path] == nil else { throw .exists(archive.path) }
      let content = try file(FilePath(live)).content
      names[archive.path] = File(inode: Self.copy, content: content, modified: Int64(Self.copy))
    case .truncate(let live, let archive):
      // It can be repeated: what the archive has is not there any more then.
      if try file(archive.path).content == file(FilePath(live)).content { names[FilePath(live)]?.content = "" }
    case .retire(let staging, as: _):
      _ = try file(FilePath(staging))
      names[FilePath(staging)] = nil
    case .remove(let old, _):
      _ = try file(old.path)
      names[old.path] = nil
    case .perform(_, let archive, _): _ = try file(archive.path)
    case .compress(let archive, let copy): try replace(archive, by: copy, "gz:\(file(archive, call).content)", call)
    case .transfer(let archive, let copy): try replace(archive, by: copy, file(archive, call).content, call)
    }
  }

  /// A copy replaces an archive, as by `LogHousekeeping` on a file system without files that have no name.
  private mutating func replace(
    _ archive: Location, by copy: Location, _ content: String, _ call: Int
  ) throws(Failure) {
    let output = Location(StagingName.ofOutput(archive.name), in: copy.place).path
    let hidden = Location(StagingName.ofSuperseded(archive.name), in: archive.place).path
    switch call {
    case 0:
      guard names[output] == nil else { throw .exists(output) }
      add(output, content)
    case 1:
      guard names[copy.path] == nil else { throw .exists(copy.path) }
      var made = try file(output)
      made.modified = try file(archive.path).modified
      names[output] = nil
      names[copy.path] = made
    case 2:
      guard names[hidden] == nil else { throw .exists(hidden) }
      names[hidden] = try file(archive.path)
      names[archive.path] = nil
    default:
      _ = try file(hidden)
      names[hidden] = nil
    }
  }

  /// An archive, which has a hidden name before the last call.
  private func file(_ archive: Location, _ call: Int) throws(Failure) -> File {
    try file(call < 3 ? archive.path : Location(StagingName.ofSuperseded(archive.name), in: archive.place).path)
  }

  private func file(_ name: FilePath) throws(Failure) -> File {
    guard let file = names[name] else { throw .missing(name) }
    return file
  }

  func status(_ name: FileName) -> FileStatus? { names[FilePath(name)].map(status) }

  private func status(_ file: File) -> FileStatus {
    FileStatus(
      kind: .regular, inode: file.inode, size: Int64(file.content.utf8.count), mode: 0o640, user: 0, group: 0,
      links: UInt32(names.values.count { $0.inode == file.inode }), modified: WallTime(seconds: file.modified),
      born: WallTime(nanoseconds: Int64(file.inode)))
  }

  /// What a look finds, with the hidden names of archives or without; `emptied` is the file that the state knows an undo to have left.
  func inventory(
    of log: FileName, _ naming: ArchiveNaming = .numbered, home: DirectoryRole = .logDirectory, emptied: UInt64? = nil,
    seesHidden: Bool = true
  ) -> Inventory {
    var versions: [Version] = []
    var hidden: [(location: Location, file: File)] = []
    for (path, file) in names {
      let name = path.split.name
      let place = path == FilePath(name) ? DirectoryRole.logDirectory : home
      if let archive = naming.parse(name), archive.base == log {
        var version = Version(
          archive.key, suffix: archive.suffix, in: place, inode: file.inode,
          modified: WallTime(seconds: file.modified))
        version.born = WallTime(nanoseconds: Int64(file.inode))
        version.isEmptied = file.inode == emptied && file.content.isEmpty && place.isOnLogsFileSystem
        versions.append(version)
      } else {
        hidden.append((Location(name, in: place), file))
      }
    }
    var inventory = Inventory(
      name: log, live: status(log), staging: status(StagingName.of(log)), versions: versions, naming: naming, home: home
    )
    for (location, file) in hidden.sorted(by: { $0.location.path < $1.location.path }) where seesHidden {
      inventory.takeHidden(location, status(file))
    }
    return inventory
  }

  /// The contents of names, without inodes: two runs with the same end may number their new files differently.
  var contents: [FilePath: String] { names.mapValues(\.content) }

  /// Every content that is not empty, once for each inode that holds it, compressed or not.
  var bytes: [String] {
    var seen: Set<UInt64> = []
    return names.values.filter { !$0.content.isEmpty && seen.insert($0.inode).inserted }
      .map { Self.plain($0.content) }.sorted()
  }

  /// A content without the mark of a compressor.
  static func plain(_ content: String) -> String { String(content.dropFirst(content.hasPrefix("gz:") ? 3 : 0)) }
}
