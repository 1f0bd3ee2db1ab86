internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Archives: whether writers have closed them, and how a compressed file replaces them.
  static var archiveChecks: [Check] {
    [
      Check(name: "an archive is proven to have no writer when each has closed it, and not before", run: takeLease),
      Check(name: "a proof ends when somebody opens the archive for writing", run: breaks),
      Check(name: "what a writer has open is not removed; what it has closed is", run: removeReleased),
      Check(name: "only a regular file is held", run: holdKinds),
      Check(name: "a staged file has no name until it is published, and then the model's mode and time", run: publish),
      Check(name: "a staged file that is not published leaves nothing", run: unpublished),
      Check(name: "a staged file takes no name that is taken", run: publishTaken),
      Check(name: "a hold is on the file, whatever its name becomes", run: holdMoved),
    ]
  }

  /// A process that another thread of the test starts has every descriptor of this one for a moment (fork(2)).
  private static func proves(_ hold: any LeasedFile) throws -> Bool {
    for _ in 0..<1_000_000 where try hold.takeLease() { return true }
    return false
  }

  private static func takeLease(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("a.log.1", "line\n", in: directory)
    let close = try [scene.openWriter("\(scene.path)/a.log.1"), scene.openWriter("\(scene.path)/a.log.1")]
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    try equal(hold.takeLease(), false, "proven with two writers")
    close[0]()
    try equal(hold.takeLease(), false, "proven with one writer")
    close[1]()
    try equal(proves(hold), true, "proven without")
    try equal(hold.isLeased, true, "stays proven")
    hold.release()
    try equal(hold.isLeased, false, "proven after its release")
    try equal(proves(hold), true, "proven again")
    try equal(hold.status().size, 5, "size")
  }

  private static func breaks(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("a.log.1", "line\n", in: directory)
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    try equal(proves(hold), true, "proven")
    // Here the opener does not wait: it is refused where the kernel would make it wait.
    let close = try? scene.openWriter("\(scene.path)/a.log.1")
    try equal(hold.isLeased, false, "proven after an open")
    hold.release()
    close?()
    try equal(proves(hold), true, "proven again")
  }

  private static func removeReleased(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("a.log.1", "line\n", in: directory)
    let close = try scene.openWriter("\(scene.path)/a.log.1")
    try refuses(.busy, "removing what a writer has open") { () throws(Errno) in
      try scene.fileSystem.removeReleased("a.log.1", in: directory)
    }
    close()
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    try equal(proves(hold), true, "proven")
    let allocated = try scene.fileSystem.status(of: "a.log.1", in: directory)?.allocated
    try equal(try scene.fileSystem.removeReleased("a.log.1", in: directory), allocated, "bytes on disk")
    try equal(scene.names(in: directory), [], "names")
    try refuses(.noEntry, "removing what is gone") { () throws(Errno) in
      try scene.fileSystem.removeReleased("a.log.1", in: directory)
    }
  }

  private static func holdKinds(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.makeDirectory("\(scene.path)/directory")
    try scene.makeSymbolicLink("\(scene.path)/link", "nowhere")
    let kinds: [(FileName, Errno)] = [("directory", .invalid), ("link", .symbolicLink), ("nothing", .noEntry)]
    for (name, errno) in kinds {
      try refuses(errno, "holding \(name)") { () throws(Errno) in
        _ = try scene.fileSystem.hold(name, in: directory)
      }
    }
  }

  private static func publish(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.fileSystem.create("a.log.1", scene.attributes(mode: 0o604), like: nil, in: directory)
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    let output = try scene.fileSystem.stage(for: "a.log.1", in: directory)
    try scene.fill(output.token, Array("small".utf8))
    try equal(output.size(), 5, "size")
    try equal(scene.names(in: directory).filter { $0.bytes.first != UInt8(ascii: ".") }, ["a.log.1"], "names before")
    try output.publish(as: "a.log.1.gz", like: hold, times: true)
    try scene.fileSystem.sync(directory)
    try equal(scene.names(in: directory), ["a.log.1", "a.log.1.gz"], "names after")
    try equal(scene.fileSystem.read("a.log.1.gz", in: directory), Array("small".utf8), "content")
    let plain = try scene.status(scene.fileSystem.status(of: "a.log.1", in: directory), "the model")
    let packed = try scene.status(scene.fileSystem.status(of: "a.log.1.gz", in: directory), "the output")
    try equal(packed.mode, 0o604, "mode")
    try equal(packed.modified, plain.modified, "time")
    try equal([packed.user, packed.group], [plain.user, plain.group], "owner")
    try equal(packed.links, 1, "links")
  }

  private static func unpublished(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    do {
      let output = try scene.fileSystem.stage(for: "a.log.1", in: directory)
      try scene.fill(output.token, Array("small".utf8))
    }
    try equal(scene.names(in: directory), [], "names")
  }

  private static func publishTaken(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("a.log.1", "line\n", in: directory)
    try scene.make("a.log.1.gz", "another's", in: directory)
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    let output = try scene.fileSystem.stage(for: "a.log.1", in: directory)
    try refuses(.exists, "publishing under a taken name") { () throws(Errno) in
      try output.publish(as: "a.log.1.gz", like: hold, times: true)
    }
    try equal(scene.fileSystem.read("a.log.1.gz", in: directory), Array("another's".utf8), "content")
  }

  private static func holdMoved(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("a.log.1", "line\n", in: directory)
    let hold = try scene.fileSystem.hold("a.log.1", in: directory)
    let inode = try scene.inode("a.log.1", in: directory)
    try equal(proves(hold), true, "proven")
    try scene.fileSystem.link("a.log.1", to: "a.log.2", in: directory)
    try scene.fileSystem.remove("a.log.1", in: directory)
    try equal(hold.isLeased, true, "proven under another name")
    try equal(hold.status().inode, inode, "inode")
  }
}
