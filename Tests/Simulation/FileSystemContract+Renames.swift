internal import Daemon
internal import Rotation

extension FileSystemContract {
  /// Renaming, exchanging, replacing and linking: names change, inodes stay.
  static var renameChecks: [Check] {
    [
      Check(name: "renaming keeps the inode and refuses a name that is taken", run: rename),
      Check(name: "exchanging swaps two inodes and needs both names", run: exchange),
      Check(name: "replacing drops what had the name", run: replace),
      Check(name: "replacing one name of a file by another leaves both", run: replaceSameFile),
      Check(name: "linking gives a second name to one file", run: link),
      Check(name: "a link to a symbolic link is not a link to its target", run: linkOfLink),
      Check(name: "a live log does not get an inode that is still in use", run: inodes),
    ]
  }

  private static func rename(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("one", "1", in: directory)
    try scene.make("two", "2", in: directory)
    let one = try scene.inode("one", in: directory)
    let two = try scene.inode("two", in: directory)
    try refuses(.exists, "a taken name") { () throws(Errno) in
      try scene.fileSystem.rename("one", to: "two", in: directory)
    }
    try refuses(.noEntry, "a missing name") { () throws(Errno) in
      try scene.fileSystem.rename("none", to: "three", in: directory)
    }
    try equal([scene.inode("one", in: directory), scene.inode("two", in: directory)], [one, two], "inodes")
    try scene.fileSystem.rename("one", to: "three", in: directory)
    try equal(scene.names(in: directory), ["three", "two"], "names")
    try equal(scene.inode("three", in: directory), one, "inode")
    try equal(scene.fileSystem.read("three", in: directory), Array("1".utf8), "content")
    try scene.makeSymbolicLink("\(scene.path)/dangling", "nowhere")
    try refuses(.exists, "a dangling link") { () throws(Errno) in
      try scene.fileSystem.rename("three", to: "dangling", in: directory)
    }
  }

  private static func exchange(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("one", "1", in: directory)
    try scene.make("two", "2", in: directory)
    let one = try scene.inode("one", in: directory)
    let two = try scene.inode("two", in: directory)
    try scene.fileSystem.exchange("one", "two", in: directory)
    try equal([scene.inode("one", in: directory), scene.inode("two", in: directory)], [two, one], "inodes")
    try equal(scene.fileSystem.read("one", in: directory), Array("2".utf8), "content")
    for (first, second): (FileName, FileName) in [("one", "none"), ("none", "one")] {
      try refuses(.noEntry, "\(first) with \(second)") { () throws(Errno) in
        try scene.fileSystem.exchange(first, second, in: directory)
      }
    }
    try equal(scene.names(in: directory), ["one", "two"], "names")
  }

  private static func replace(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("new", "new", in: directory)
    try scene.make("old", "old", in: directory)
    let new = try scene.inode("new", in: directory)
    try scene.fileSystem.replace("old", with: "new", in: directory)
    try equal(scene.names(in: directory), ["old"], "names")
    try equal(scene.inode("old", in: directory), new, "inode")
    try equal(scene.fileSystem.read("old", in: directory), Array("new".utf8), "content")
    try scene.fileSystem.replace("free", with: "old", in: directory)
    try equal(scene.names(in: directory), ["free"], "names")
    try refuses(.noEntry, "a missing name") { () throws(Errno) in
      try scene.fileSystem.replace("free", with: "none", in: directory)
    }
    try equal(scene.names(in: directory), ["free"], "names")
  }

  private static func replaceSameFile(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("one", in: directory)
    try scene.fileSystem.link("one", to: "two", in: directory)
    try scene.fileSystem.replace("one", with: "two", in: directory)
    try equal(scene.names(in: directory), ["one", "two"], "names")
  }

  private static func link(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("one", in: directory)
    try scene.make("other", in: directory)
    try scene.fileSystem.link("one", to: "two", in: directory)
    let status = try scene.status(scene.fileSystem.status(of: "two", in: directory), "two")
    try equal(status.links, 2, "links")
    try equal(status.inode, scene.inode("one", in: directory), "inode")
    try scene.fileSystem.append(Array("both".utf8), to: "one", in: directory)
    try equal(scene.fileSystem.read("two", in: directory), Array("both".utf8), "content by the other name")
    try refuses(.exists, "a taken name") { () throws(Errno) in
      try scene.fileSystem.link("one", to: "other", in: directory)
    }
    try refuses(.noEntry, "a missing name") { () throws(Errno) in
      try scene.fileSystem.link("none", to: "three", in: directory)
    }
    try scene.fileSystem.remove("one", in: directory)
    try equal(scene.fileSystem.status(of: "two", in: directory)?.links, 1, "links")
  }

  private static func linkOfLink(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    try scene.make("target", in: directory)
    try scene.makeSymbolicLink("\(scene.path)/link", "target")
    try scene.fileSystem.link("link", to: "second", in: directory)
    try equal(scene.fileSystem.status(of: "second", in: directory)?.kind, .symbolicLink, "kind")
    try equal(scene.fileSystem.status(of: "target", in: directory)?.links, 1, "links of the target")
  }

  private static func inodes(_ scene: Scene) throws {
    let directory = try scene.fileSystem.openDirectory(scene.path)
    for number in 0..<20 { try scene.make("log.\(number)", in: directory) }
    let inodes = try scene.fileSystem.entries(in: directory).map(\.inode)
    try equal(Set(inodes).count, 20, "different inodes")
  }
}
