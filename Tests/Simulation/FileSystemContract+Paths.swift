internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Opening directories, and stat of paths.
  static var pathChecks: [Check] {
    [
      Check(name: "a directory is opened by its whole path", run: nested),
      Check(name: "a symbolic link where others may write is refused at every component", run: links),
      Check(name: "what is no directory is not opened", run: noDirectory),
      Check(name: "a status is of the link, not of its target", run: statusOfLink),
      Check(name: "a look tells what is there, and nil for what is not", run: look),
    ]
  }

  private static func nested(_ scene: Scene) throws {
    try scene.makeDirectory("\(scene.path)/one")
    try scene.makeDirectory("\(scene.path)/one/two")
    let outer = try scene.fileSystem.openDirectory("\(scene.path)/one")
    let inner = try scene.fileSystem.openDirectory("\(scene.path)/one/two")
    try equal(inner.path, "\(scene.path)/one/two", "path")
    try scene.make("app.log", in: inner)
    try equal(scene.names(in: outer), ["two"], "names of the outer one")
    try equal(scene.names(in: inner), ["app.log"], "names of the inner one")
  }

  private static func links(_ scene: Scene) throws {
    // Below a directory that others may change, a link is not safe even if its own directory is not theirs.
    let top = scene.path.appending("open")
    try scene.makeOpenDirectory(top)
    try scene.makeDirectory("\(top)/one")
    try scene.makeDirectory("\(top)/one/two")
    try scene.makeDirectory("\(top)/one/two/three")
    try scene.makeSymbolicLink("\(top)/first", "\(top)/one")
    try scene.makeSymbolicLink("\(top)/one/middle", "two")
    try scene.makeSymbolicLink("\(top)/one/two/last", "three")
    try scene.makeSymbolicLink("\(top)/dangling", "nowhere")
    for path in ["first", "first/two", "first/two/three", "one/middle/three", "one/two/last", "dangling"] {
      try refuses(.symbolicLink, path) { () throws(Errno) in
        _ = try scene.fileSystem.openDirectory("\(top)/\(path)")
      }
    }
  }

  private static func noDirectory(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("file", in: directory)
    for (path, errno) in [("file", Errno.notDirectory), ("file/below", .notDirectory), ("none", .noEntry)] {
      try refuses(errno, path) { () throws(Errno) in
        _ = try scene.fileSystem.openDirectory("\(scene.path)/\(path)")
      }
    }
    try refuses(.noEntry, "none/below") { () throws(Errno) in
      _ = try scene.fileSystem.openDirectory("\(scene.path)/none/below")
    }
  }

  private static func statusOfLink(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("target", "content", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/link", "target")
    try scene.makeSymbolicLink("\(scene.path)/dangling", "nowhere")
    for name: FileName in ["link", "dangling"] {
      try equal(scene.fileSystem.status(of: name, in: directory)?.kind, .symbolicLink, "kind by name")
      try equal(scene.fileSystem.look(at: "\(scene.path)/\(name)")?.kind, .symbolicLink, "kind by path")
    }
    try scene.makeDirectory("\(scene.path)/directory")
    try equal(scene.fileSystem.status(of: "directory", in: directory)?.kind, .directory, "kind")
  }

  private static func look(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("file", "content", in: directory)
    let status = try scene.fileSystem.status(of: "file", in: directory)
    try equal(scene.fileSystem.look(at: "\(scene.path)/file"), status, "by path and by name")
    try equal(status?.size, 7, "size")
    for path in ["none", "none/below", "file/below"] {
      try equal(scene.fileSystem.look(at: "\(scene.path)/\(path)"), nil, path)
    }
  }
}
