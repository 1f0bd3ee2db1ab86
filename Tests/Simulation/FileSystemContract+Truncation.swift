internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Logs that are copied and truncated.
  static var truncationChecks: [Check] {
    [
      Check(name: "only a regular file of one name is opened to be cut", run: openLog),
      Check(name: "what is copied from a log can be published, and written to after that", run: copyLog),
      Check(name: "a copy is not published over a name that is taken", run: publishTaken),
      Check(name: "where data is looked for, no byte is passed over that is not NUL", run: nextData),
      Check(name: "a hole in the middle of a log is one in its copy", run: holes),
      Check(name: "bytes are written over in place", run: overwrite),
      Check(name: "what is punched is NUL, takes no room, and the size stays", run: punch),
      Check(name: "what is collapsed is gone, and the rest moves to the head", run: collapse),
      Check(name: "neither a part of a block nor all of a file is collapsed", run: collapseRefused),
      Check(name: "a log that is emptied keeps its inode, and its writer goes on", run: emptyLog),
    ]
  }

  private static func openLog(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("log", "content", in: directory)
    try scene.fileSystem.link("log", to: "other", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/link", "log")
    try scene.makeDirectory("\(scene.path)/directory")
    let kinds: [(FileName, Errno)] = [
      ("log", .tooManyLinks), ("link", .symbolicLink), ("directory", .isDirectory), ("missing", .noEntry),
    ]
    for (name, errno) in kinds {
      try refuses(errno, "\(name)") { () throws(Errno) in
        _ = try scene.fileSystem.openLog(name, in: directory, mayBeLinked: false, cuts: true)
      }
    }
    try scene.fileSystem.remove("other", in: directory)
    let log = try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true)
    try equal(log.status().inode, scene.inode("log", in: directory), "inode")
    try equal(log.read(100, at: 3), Array("tent".utf8), "content from the fourth byte")
    // A child that another test starts has all descriptors of this process until it executes its program, and the
    // result is kept for a second: so the test asks again, with a bound.
    var writers = OffsetWriters.searching
    let end = ContinuousClock.now + .seconds(10)
    while writers == .searching || writers == .some && ContinuousClock.now < end { writers = log.offsetWriters() }
    try equal(writers == .some, false, "a writer with an offset of its own")
  }

  private static func copyLog(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("log", "one\ntwo\nthree\n", in: directory)
    let log = try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true)
    let staged = try scene.fileSystem.stage(for: "log", in: directory)
    try equal(log.copy(from: 4, to: 8, atMost: 100, into: staged, at: 0), 4, "copied")
    try equal(log.copy(from: 8, to: 108, atMost: 100, into: staged, at: 4), 6, "copied up to the end")
    try staged.sync()
    try equal(scene.names(in: directory).filter { $0 != ".log.rotated-output" }, ["log"], "names before")
    try staged.publish(as: "copy", like: log, times: true)
    try equal(scene.fileSystem.read("copy", in: directory), Array("two\nthree\n".utf8), "content")
    try equal(staged.status().inode, scene.inode("copy", in: directory), "inode")
    let status = try scene.status(scene.fileSystem.status(of: "copy", in: directory), "the copy")
    try equal(status.mode, try log.status().mode, "mode")
    try equal(status.modified, try log.status().modified, "time of modification")
    try equal(log.copy(from: 0, to: 100, atMost: 4, into: staged, at: 10), 4, "copied after it was published")
    try equal(scene.fileSystem.read("copy", in: directory), Array("two\nthree\none\n".utf8), "content after that")
    try equal(scene.names(in: directory), ["copy", "log"], "names")
  }

  private static func publishTaken(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("log", "content", in: directory)
    try scene.make("copy", "kept", in: directory)
    let log = try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true)
    let staged = try scene.fileSystem.stage(for: "log", in: directory)
    try refuses(.exists, "publishing") { () throws(Errno) in try staged.publish(as: "copy", like: log, times: true) }
    try equal(scene.fileSystem.read("copy", in: directory), Array("kept".utf8), "content")
  }

  private static func nextData(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("log", String(repeating: "\0", count: 200_000) + "x\0y", in: directory)
    let log = try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true)
    for offset in [0, 100_000, 200_000, 200_002] as [Int64] {
      let data = try log.nextData(from: offset)
      let next: Int64 = offset <= 200_000 ? 200_000 : 200_002
      try equal(data >= offset && data <= next, true, "\(data), from \(offset)")
    }
    try equal(log.nextData(from: 200_003), 200_003, "from the end")
    try equal(log.nextData(from: 300_000), 300_000, "from behind the end")
    try scene.make("empty", in: directory)
    try equal(
      scene.fileSystem.openLog("empty", in: directory, mayBeLinked: false, cuts: true).nextData(from: 0), 0,
      "in an empty file")
  }

  private static func holes(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    guard try scene.fileSystem.cutSupport(in: directory).punches else { return }
    let (log, size) = try blocks(scene, in: directory)
    try log.punch(from: Int64(size), to: Int64(3 * size))
    try log.sync()
    let length = try log.status().size
    let staged = try scene.fileSystem.stage(for: "log", in: directory)
    // A block of data, then the hole and the next block.
    try equal(
      log.copy(from: 0, to: length, atMost: Int64(size), into: staged, at: 0) >= Int64(size), true, "first part")
    while case let done = try staged.size(), done < length {
      try equal(log.copy(from: done, to: length, atMost: Int64(size), into: staged, at: done) > 0, true, "at \(done)")
    }
    try staged.sync()
    try equal(staged.status().allocated <= Int64(3 * size), true, "room: \(staged.status().allocated)")
    try staged.publish(as: "copy", like: log, times: true)
    let content = try scene.fileSystem.read("log", in: directory)
    try equal(scene.fileSystem.read("copy", in: directory), content, "content")
    // A copy of an archive to another directory, with a hole at its end, too.
    let hold = try scene.fileSystem.hold("copy", in: directory)
    let moved = try scene.fileSystem.stage(for: "copy", in: directory)
    var offset: Int64 = 0
    while case let count = try moved.append(from: hold, at: offset, atMost: size), count > 0 { offset += Int64(count) }
    try equal(offset, length, "length")
    try moved.sync()
    try equal(moved.status().allocated <= Int64(3 * size), true, "room of what was moved: \(moved.status().allocated)")
    try moved.publish(as: "moved", like: hold, times: true)
    try equal(scene.fileSystem.read("moved", in: directory), content, "content of what was moved")
  }

  private static func overwrite(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("log", "one\ntwo\nthree\n", in: directory)
    try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true).overwrite(
      Array("TWO".utf8), at: 4)
    try equal(scene.fileSystem.read("log", in: directory), Array("one\nTWO\nthree\n".utf8), "content")
    try scene.fileSystem.sync("log", in: directory)
  }

  /// A log of four blocks, each of one letter, and a tail.
  private static func blocks(_ scene: Scene, in directory: OpenDirectory) throws -> (any LogFile, Int) {
    try scene.make("log", in: directory)
    let log = try scene.fileSystem.openLog("log", in: directory, mayBeLinked: false, cuts: true)
    let size = Int(log.blockSize)
    for letter in "abcd" {
      try scene.fileSystem.append(Array(String(repeating: letter, count: size).utf8), to: "log", in: directory)
    }
    try scene.fileSystem.append(Array("tail\n".utf8), to: "log", in: directory)
    return (log, size)
  }

  private static func punch(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    guard try scene.fileSystem.cutSupport(in: directory).punches else { return }
    let (log, size) = try blocks(scene, in: directory)
    try log.sync()
    let before = try log.status()
    try log.punch(from: 0, to: Int64(size))
    try log.punch(from: Int64(size), to: Int64(3 * size + 1))
    let after = try log.status()
    try equal(after.size, before.size, "size")
    try equal(after.allocated < before.allocated, true, "it takes less room")
    try equal(log.nextData(from: 0), Int64(3 * size), "first block that is left")
    try equal(log.read(2, at: Int64(3 * size)), [0, UInt8(ascii: "d")], "first bytes that are left")
    try equal(log.read(100, at: Int64(4 * size)), Array("tail\n".utf8), "tail")
  }

  private static func collapse(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let (log, size) = try blocks(scene, in: directory)
    guard try scene.fileSystem.cutSupport(in: directory).collapses else {
      return try refuses(.notSupported, "collapsing") { () throws(Errno) in try log.collapse(below: Int64(2 * size)) }
    }
    try log.collapse(below: Int64(2 * size))
    try equal(log.status().size, Int64(2 * size + 5), "size")
    try equal(log.read(1, at: 0), Array("c".utf8), "first byte")
    try scene.fileSystem.append(Array("more\n".utf8), to: "log", in: directory)
    try equal(log.read(100, at: Int64(2 * size)), Array("tail\nmore\n".utf8), "tail")
  }

  private static func collapseRefused(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    guard try scene.fileSystem.cutSupport(in: directory).collapses else { return }
    let (log, size) = try blocks(scene, in: directory)
    try refuses(.invalid, "a part") { () throws(Errno) in try log.collapse(below: Int64(size - 1)) }
    try refuses(.invalid, "all") { () throws(Errno) in try log.collapse(below: Int64(5 * size)) }
    try equal(log.status().size, Int64(4 * size + 5), "size")
  }

  private static func emptyLog(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    let (log, _) = try blocks(scene, in: directory)
    let inode = try scene.inode("log", in: directory)
    try log.empty()
    try scene.fileSystem.append(Array("more\n".utf8), to: "log", in: directory)
    try equal(scene.fileSystem.read("log", in: directory), Array("more\n".utf8), "content")
    try equal(scene.inode("log", in: directory), inode, "inode")
  }
}
