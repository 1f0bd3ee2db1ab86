internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Reading, appending and writing.
  static var contentChecks: [Check] {
    [
      Check(name: "what is appended is read again, in order", run: append),
      Check(name: "appending makes a private file, and keeps the inode of one that is there", run: appendMakes),
      Check(name: "what is appended goes to the file that has the name now", run: appendFollows),
      Check(name: "writing replaces the whole content, under a new inode, and leaves nothing else", run: write),
      Check(name: "an empty file is not a missing one", run: empty),
      Check(name: "content is never reached through a symbolic link", run: contentThroughLink),
      Check(name: "writing over a symbolic link replaces the link", run: writeOverLink),
    ]
  }

  private static func append(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let long = [UInt8](repeating: 0, count: 100_000) + [10, 0xFF]
    try scene.fileSystem.append(Array("first\n".utf8), to: "state", in: directory)
    try scene.fileSystem.append(long, to: "state", in: directory)
    try scene.fileSystem.append([], to: "state", in: directory)
    let content = try scene.fileSystem.read("state", in: directory)
    try equal(content == Array("first\n".utf8) + long, true, "content is what was appended")
    try equal(scene.fileSystem.status(of: "state", in: directory)?.size, Int64(6 + long.count), "size")
  }

  private static func appendMakes(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.fileSystem.append([1], to: "state", in: directory)
    try equal(scene.fileSystem.status(of: "state", in: directory)?.mode, 0o600, "mode")
    let inode = try scene.inode("state", in: directory)
    try scene.fileSystem.append([2], to: "state", in: directory)
    try equal(scene.inode("state", in: directory), inode, "inode")
  }

  private static func appendFollows(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    func append(_ text: String) throws { try scene.fileSystem.append(Array(text.utf8), to: "state", in: directory) }
    func content(_ name: FileName) throws -> String? {
      try scene.fileSystem.read(name, in: directory).map { String(decoding: $0, as: UTF8.self) }
    }
    try append("moved")
    try scene.fileSystem.rename("state", to: "other", in: directory)
    try append("removed")
    try scene.fileSystem.remove("state", in: directory)
    try append("exchanged")
    try scene.fileSystem.rename("state", to: "third", in: directory)
    try scene.fileSystem.rename("other", to: "state", in: directory)
    try append(", and more")
    try equal(content("state"), "moved, and more", "content of the file with the name")
    try equal(content("third"), "exchanged", "content of the file without it")
    try scene.fileSystem.write(Array("written".utf8), to: "state", in: directory)
    try append(", appended")
    try equal(content("state"), "written, appended", "content after it was replaced")
  }

  private static func write(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.fileSystem.write(Array("a long first content".utf8), to: "state", in: directory)
    try scene.fileSystem.link("state", to: "before", in: directory)
    try scene.fileSystem.write(Array("short".utf8), to: "state", in: directory)
    try equal(scene.fileSystem.read("state", in: directory), Array("short".utf8), "content")
    try equal(scene.fileSystem.read("before", in: directory), Array("a long first content".utf8), "old content")
    try equal(scene.inode("state", in: directory) == scene.inode("before", in: directory), false, "same inode")
    try equal(scene.fileSystem.status(of: "state", in: directory)?.mode, 0o600, "mode")
    try equal(scene.names(in: directory), ["before", "state"], "names")
  }

  private static func empty(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try equal(scene.fileSystem.read("state", in: directory), nil, "missing")
    try scene.make("state", in: directory)
    try equal(scene.fileSystem.read("state", in: directory), [], "empty")
  }

  private static func contentThroughLink(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("target", "kept", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/link", "target")
    try refuses(.symbolicLink, "reading") { () throws(Errno) in _ = try scene.fileSystem.read("link", in: directory) }
    try refuses(.symbolicLink, "appending") { () throws(Errno) in
      try scene.fileSystem.append([1], to: "link", in: directory)
    }
    try equal(scene.fileSystem.read("target", in: directory), Array("kept".utf8), "content of the target")
  }

  private static func writeOverLink(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("target", "kept", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/state", "target")
    try scene.fileSystem.write([1], to: "state", in: directory)
    try equal(scene.fileSystem.status(of: "state", in: directory)?.kind, .regular, "kind")
    try equal(scene.fileSystem.read("target", in: directory), Array("kept".utf8), "content of the target")
  }
}
