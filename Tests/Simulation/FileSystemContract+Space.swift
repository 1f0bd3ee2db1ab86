internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Space, and what files take of it.
  static var spaceChecks: [Check] {
    [
      Check(name: "no more is free than there is, and all directories of a file system tell of the same", run: space),
      Check(name: "a file takes the room of what is in it, and an empty one nearly none", run: allocated),
      Check(name: "the users of an archive are none but ourselves", run: users),
    ]
  }

  private static func space(_ scene: Scene) throws {
    try scene.makeDirectory("\(scene.path)/inner")
    let space = try scene.fileSystem.space(of: scene.fileSystem.openDirectory(scene.path))
    let inner = try scene.fileSystem.space(of: scene.fileSystem.openDirectory("\(scene.path)/inner"))
    try equal(space.total > 0, true, "there is some room")
    try equal((0...space.total).contains(space.free), true, "\(space.free) of \(space.total) are free")
    try equal(inner.volume, space.volume, "the file system of a directory in it")
    try equal(inner.total, space.total, "its size")
  }

  private static func allocated(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("empty", in: directory)
    // Bytes that no file system can compress.
    var state: UInt32 = 1
    let bytes = (0..<100_000).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    try scene.fileSystem.append(bytes, to: "full", in: directory)
    let empty = try scene.status(scene.fileSystem.status(of: "empty", in: directory), "empty").allocated
    let full = try scene.status(scene.fileSystem.status(of: "full", in: directory), "full").allocated
    try equal((0...4096).contains(empty), true, "\(empty) bytes of an empty file")
    try equal(full >= 100_000, true, "\(full) bytes of a file of 100,000")
  }

  /// As with `proves`: a process that is being started has descriptors that are not its own, and soon closed.
  private static func users(_ hold: any LeasedFile) -> [String] {
    for _ in 0..<1000 where hold.users().isEmpty { return [] }
    return hold.users()
  }

  private static func users(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("archive", "old lines", in: directory)
    let (one, other) = (
      try scene.fileSystem.hold("archive", in: directory), try scene.fileSystem.hold("archive", in: directory)
    )
    try equal(users(one), [], "users")
    try equal(users(other), [], "users")
    try equal(one.isLeased, false, "proven")
  }
}
