internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Creating, listing, stat and removing.
  static var nameChecks: [Check] {
    [
      Check(name: "a new file is empty and regular, with the mode and owner asked for", run: newFile),
      Check(name: "the mode of a new file does not depend on a umask", run: umask),
      Check(name: "creating refuses every name that is taken", run: createTaken),
      Check(name: "nothing at all has no status", run: nothing),
      Check(name: "a listing is complete, with inode and kind", run: listing),
      Check(name: "names may have newlines, quotes, blanks and letters of any script", run: oddNames),
      Check(name: "a name has at most 255 bytes", run: longNames),
      Check(name: "removing takes one name away, and no directory", run: remove),
      Check(name: "removing a symbolic link leaves what it points to", run: removeLink),
    ]
  }

  private static func newFile(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let asked = try scene.attributes(mode: 0o640)
    try scene.fileSystem.create("app.log", asked, like: nil, in: directory)
    let made = try scene.status(scene.fileSystem.status(of: "app.log", in: directory), "the new file")
    try equal(made.kind, .regular, "kind")
    try equal(made.size, 0, "size")
    try equal(made.links, 1, "links")
    try equal([made.mode, made.user, made.group], [asked.mode, asked.user, asked.group], "mode, user and group")
  }

  private static func umask(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    for mode in [0o666, 0o777, 0o600, 0o2664] as [UInt32] {
      try scene.fileSystem.create("log.\(mode)", scene.attributes(mode: mode), like: nil, in: directory)
      let made = try scene.status(scene.fileSystem.status(of: "log.\(mode)", in: directory), "the new file")
      try equal(made.mode, mode, "mode")
    }
  }

  private static func createTaken(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("file", "kept", in: directory)
    try scene.makeDirectory("\(scene.path)/directory")
    try scene.makeSymbolicLink("\(scene.path)/dangling", "\(scene.path)/nowhere")
    let attributes = try scene.attributes()
    for name: FileName in ["file", "directory", "dangling"] {
      try refuses(.exists, "creating over a \(name)") { () throws(Errno) in
        try scene.fileSystem.create(name, attributes, like: nil, in: directory)
      }
    }
    try equal(scene.names(in: directory), ["dangling", "directory", "file"], "names")
    try equal(scene.fileSystem.read("file", in: directory), Array("kept".utf8), "content")
  }

  private static func nothing(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try equal(scene.fileSystem.status(of: "app.log", in: directory), nil, "status")
    try equal(scene.fileSystem.entries(in: directory), [], "entries")
  }

  private static func listing(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    for number in 0..<300 { try scene.make("app.log.\(number)", in: directory) }
    try scene.makeDirectory("\(scene.path)/directory")
    try scene.makeSymbolicLink("\(scene.path)/link", "app.log.1")
    let entries = try scene.fileSystem.entries(in: directory)
    try equal(entries.count, 302, "number of entries")
    for entry in entries {
      let status = try scene.status(scene.fileSystem.status(of: entry.name, in: directory), "\(entry.name)")
      try equal(entry.inode, status.inode, "inode of \(entry.name)")
      try equal(entry.kind ?? status.kind, status.kind, "kind of \(entry.name)")
    }
    let again = try scene.names(in: directory)
    try equal(again, entries.map(\.name).sorted(), "a second listing of the same open directory")
  }

  private static func oddNames(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let names: [FileName] = [
      "-rf", "a b", "a\nb", "a'b\"c", "back\\slash", "*", "~", "\u{1B}[31m", "журнал.log", "日誌", ".hidden", "...",
      // Two names that are equal as String, and are two files on disk; and one that is not UTF-8.
      "gr\u{FC}n", "gru\u{308}n", FileName(bytes: [0x67, 0x72, 0xFC, 0x6E]),
    ]
    for name in names { try scene.make(name, in: directory) }
    try equal(scene.names(in: directory), names.sorted(), "names")
    for name in names {
      try scene.fileSystem.rename(name, to: "\(name).1", in: directory)
      try scene.fileSystem.remove("\(name).1", in: directory)
    }
    try equal(scene.names(in: directory), [], "names")
  }

  private static func longNames(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let longest = FileName(String(repeating: "x", count: 255))
    let tooLong: FileName = "\(longest)x"
    let twoBytes = FileName(String(repeating: "ж", count: 128))
    try scene.make(longest, in: directory)
    try equal(scene.names(in: directory), [longest], "names")
    let attributes = try scene.attributes()
    for name in [tooLong, twoBytes] {
      try refuses(.nameTooLong, "status") { () throws(Errno) in
        _ = try scene.fileSystem.status(of: name, in: directory)
      }
      try refuses(.nameTooLong, "create") { () throws(Errno) in
        try scene.fileSystem.create(name, attributes, like: nil, in: directory)
      }
      try refuses(.nameTooLong, "rename") { () throws(Errno) in
        try scene.fileSystem.rename(longest, to: name, in: directory)
      }
      try refuses(.nameTooLong, "replace") { () throws(Errno) in
        try scene.fileSystem.replace(name, with: longest, in: directory)
      }
      try refuses(.nameTooLong, "link") { () throws(Errno) in
        try scene.fileSystem.link(longest, to: name, in: directory)
      }
    }
    try equal(scene.names(in: directory), [longest], "names")
  }

  private static func remove(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("one", in: directory)
    try scene.make("two", in: directory)
    try scene.makeDirectory("\(scene.path)/directory")
    try scene.fileSystem.remove("one", in: directory)
    try refuses(.noEntry, "removing what is gone") { () throws(Errno) in
      try scene.fileSystem.remove("one", in: directory)
    }
    try refuses(.isDirectory, "removing a directory") { () throws(Errno) in
      try scene.fileSystem.remove("directory", in: directory)
    }
    try equal(scene.names(in: directory), ["directory", "two"], "names")
  }

  private static func removeLink(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("target", "kept", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/link", "target")
    try scene.fileSystem.remove("link", in: directory)
    try equal(scene.fileSystem.read("target", in: directory), Array("kept".utf8), "content of the target")
  }
}
