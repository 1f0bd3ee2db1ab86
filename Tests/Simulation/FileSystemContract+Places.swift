internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Directories for archives, and moves from one directory to another.
  static var placeChecks: [Check] {
    [
      Check(name: "a directory for archives is made with all that is missing above it, and its mode", run: made),
      Check(name: "a directory for archives that is not there is said to be missing", run: notMade),
      Check(name: "a link on the way to a directory for archives is refused", run: links),
      Check(name: "a name moves to another directory, never over another", run: move),
      Check(name: "a name is linked to in another directory, never over another", run: linkAcross),
    ]
  }

  private static func made(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let wanted = ArchiveDirectory(path: "old/app", mode: 0o750)
    let archives = try scene.fileSystem.openArchives(wanted, of: directory, makes: true)
    try equal(archives.path, "\(scene.path)/old/app", "path")
    try equal(archives.isOnOtherFileSystem, false, "whether it is on another file system")
    let own = try scene.status(scene.fileSystem.look(at: scene.path), "the directory of the check")
    for path in ["old", "old/app"] {
      let status = try scene.status(scene.fileSystem.look(at: "\(scene.path)/\(path)"), path)
      try equal(status.kind, .directory, "kind of \(path)")
      try equal([status.mode, status.user, status.group], [0o750, own.user, own.group], "attributes of \(path)")
    }
    try scene.make("file", "x", in: archives)
    let absolute = ArchiveDirectory(path: "\(scene.path)/old/app")
    let again = try scene.fileSystem.openArchives(absolute, of: directory, makes: true)
    try equal(scene.names(in: again), ["file"], "names")
  }

  private static func notMade(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    for path: FilePath in ["old", "old/app", "\(scene.path)/old"] {
      try refuses(.noEntry, "\(path)") { () throws(Errno) in
        _ = try scene.fileSystem.openArchives(ArchiveDirectory(path: path), of: directory, makes: false)
      }
    }
    try equal(scene.names(in: directory), [], "names")
  }

  private static func links(_ scene: Scene) throws {
    let top = scene.path.appending("open")
    try scene.makeOpenDirectory(top)
    let directory = try scene.fileSystem.openDirectory(top)
    try scene.makeDirectory("\(top)/real")
    try scene.makeSymbolicLink("\(top)/link", "real")
    for path: FilePath in ["link", "link/below", "\(top)/link/below"] {
      try refuses(.symbolicLink, "\(path)") { () throws(Errno) in
        _ = try scene.fileSystem.openArchives(ArchiveDirectory(path: path), of: directory, makes: true)
      }
    }
    try scene.make("file", in: directory)
    try refuses(.notDirectory, "a file") { () throws(Errno) in
      _ = try scene.fileSystem.openArchives(ArchiveDirectory(path: "file"), of: directory, makes: true)
    }
  }

  private static func two(_ scene: Scene) throws -> (OpenDirectory, OpenDirectory) {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let archives = try scene.fileSystem.openArchives(ArchiveDirectory(path: "old"), of: directory, makes: true)
    try scene.make("one", "1", in: directory)
    try scene.make("taken", "2", in: archives)
    return (directory, archives)
  }

  private static func move(_ scene: Scene) throws {
    let (directory, archives) = try two(scene)
    let inode = try scene.inode("one", in: directory)
    try refuses(.exists, "a taken name") { () throws(Errno) in
      try scene.fileSystem.rename("one", in: directory, to: "taken", in: archives)
    }
    try refuses(.noEntry, "a missing name") { () throws(Errno) in
      try scene.fileSystem.rename("none", in: directory, to: "free", in: archives)
    }
    try scene.fileSystem.rename("one", in: directory, to: "moved", in: archives)
    try equal(scene.names(in: directory), ["old"], "names")
    try equal(scene.names(in: archives), ["moved", "taken"], "names of the other directory")
    try equal(scene.inode("moved", in: archives), inode, "inode")
    try equal(scene.fileSystem.read("taken", in: archives), Array("2".utf8), "content of the taken name")
  }

  private static func linkAcross(_ scene: Scene) throws {
    let (directory, archives) = try two(scene)
    try refuses(.exists, "a taken name") { () throws(Errno) in
      try scene.fileSystem.link("one", in: directory, to: "taken", in: archives)
    }
    try scene.fileSystem.link("one", in: directory, to: "second", in: archives)
    try equal(scene.inode("second", in: archives), scene.inode("one", in: directory), "inode")
    try equal(scene.fileSystem.status(of: "one", in: directory)?.links, 2, "links")
  }
}
