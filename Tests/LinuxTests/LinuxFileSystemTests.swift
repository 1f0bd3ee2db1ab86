import CLinux
import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux

@Suite("The disk of Linux")
struct LinuxFileSystemTests {
  private let scratch: ScratchDirectory
  private let directory: OpenDirectory

  init() throws {
    scratch = try ScratchDirectory()
    directory = try scratch.open()
  }

  private func attributes(_ mode: UInt32) -> Attributes { Attributes(mode: mode, user: getuid(), group: getgid()) }

  /// user::rw- user:65534:r-- group::r-- mask::r-- other::---, as acl(5) says, in the kernel's form.
  private var accessList: [UInt8] {
    let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
      (1, 6, .max), (2, 4, 65534), (4, 4, .max), (0x10, 4, .max), (0x20, 0, .max),
    ]
    func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value.littleEndian >> ($0 * 8)) }
    }
    return bytes(UInt32(2)) + entries.flatMap { bytes($0.tag) + bytes($0.permissions) + bytes($0.id) }
  }

  private func set(_ attribute: String, _ value: [UInt8], on name: String) -> Int32 {
    unsafe setxattr("\(scratch.path)/\(name)", attribute, value, value.count, 0)
  }

  private func get(_ attribute: String, of name: String) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 1024)
    let count = unsafe getxattr("\(scratch.path)/\(name)", attribute, &value, value.count)
    return count < 0 ? nil : Array(value.prefix(count))
  }

  @Test("gives a new file the ACL and the user attributes of its model, and nothing else")
  func takesOver() throws {
    try scratch.fileSystem.create("model", attributes(0o640), like: nil, in: directory)
    guard set("system.posix_acl_access", accessList, on: "model") == 0 else {
      print("skipped: ACLs are not known to the file system of /tmp")
      return
    }
    #expect(set("user.origin", Array("app".utf8), on: "model") == 0)
    let hasTrusted = set("trusted.rotated", [1], on: "model") == 0
    try scratch.fileSystem.create("new", attributes(0o640), like: "model", in: directory)
    #expect(get("system.posix_acl_access", of: "new") == accessList)
    #expect(get("user.origin", of: "new") == Array("app".utf8))
    if hasTrusted { #expect(get("trusted.rotated", of: "new") == nil) }
    #expect(try scratch.fileSystem.status(of: "new", in: directory)?.mode == 0o640)
    // Another mode replaces the model's, by the mask.
    try scratch.fileSystem.create("closed", attributes(0o600), like: "model", in: directory)
    #expect(try scratch.fileSystem.status(of: "closed", in: directory)?.mode == 0o600)
  }

  @Test("gives a new file no ACL of the directory when its model has none")
  func defaultList() throws {
    try scratch.fileSystem.create("model", attributes(0o640), like: nil, in: directory)
    guard set("system.posix_acl_default", accessList, on: ".") == 0 else {
      print("skipped: ACLs are not known to the file system of /tmp")
      return
    }
    try scratch.fileSystem.create("with", attributes(0o640), like: nil, in: directory)
    try scratch.fileSystem.create("without", attributes(0o640), like: "model", in: directory)
    #expect(get("system.posix_acl_access", of: "with") != nil)
    #expect(get("system.posix_acl_access", of: "without") == nil)
    #expect(try scratch.fileSystem.status(of: "without", in: directory)?.mode == 0o640)
  }

  @Test("gives a new file to another owner, where allowed")
  func owner() throws {
    guard geteuid() == 0 else {
      print("skipped: giving files away needs root")
      return
    }
    let asked = Attributes(mode: 0o2640, user: 65534, group: 4)
    try scratch.fileSystem.create("new", asked, like: nil, in: directory)
    let status = try #require(try scratch.fileSystem.status(of: "new", in: directory))
    #expect([status.mode, status.user, status.group] == [0o2640, 65534, 4])
  }

  @Test("removes a new file again if its model does not exist or is a link")
  func removesAgain() throws {
    #expect(unsafe symlink("nowhere", "\(scratch.path)/link") == 0)
    for (model, errno) in [("none", .noEntry), ("link", .symbolicLink)] as [(FileName, Errno)] {
      #expect(throws: errno) { try scratch.fileSystem.create("new", attributes(0o640), like: model, in: directory) }
    }
    #expect(try scratch.fileSystem.entries(in: directory).map(\.name) == ["link"])
  }

  @Test("does not hang on a pipe in the place of a file")
  func pipe() throws {
    #expect(unsafe mkfifo("\(scratch.path)/pipe", 0o600) == 0)
    #expect(try scratch.fileSystem.status(of: "pipe", in: directory)?.kind == .other)
    #expect(throws: Errno.invalid) { try scratch.fileSystem.read("pipe", in: directory) }
    #expect(throws: Errno(ENXIO)) { try scratch.fileSystem.append([1], to: "pipe", in: directory) }
  }

  @Test("refuses a text that is no single name", arguments: ["", ".", "..", "a/b", "/etc/passwd", "a\0b"])
  func noComponent(text: String) throws {
    let name = FileName(text)
    #expect(throws: Errno.invalid) { try scratch.fileSystem.status(of: name, in: directory) }
    #expect(throws: Errno.invalid) { try scratch.fileSystem.remove(name, in: directory) }
    #expect(throws: Errno.invalid) {
      try scratch.fileSystem.create(name, attributes(0o600), like: nil, in: directory)
    }
    try scratch.fileSystem.append([1], to: "file", in: directory)
    #expect(throws: Errno.invalid) { try scratch.fileSystem.rename("file", to: name, in: directory) }
  }

  @Test("opens directories by absolute path only")
  func relative() {
    #expect(throws: Errno.invalid) { try scratch.fileSystem.openDirectory("tmp") }
    #expect(throws: Errno.invalid) { try scratch.fileSystem.openDirectory("") }
  }

  @Test("stays in an opened directory, wherever its name moves")
  func movedDirectory() throws {
    #expect(unsafe mkdir("\(scratch.path)/logs", 0o755) == 0)
    let logs = try scratch.fileSystem.openDirectory("\(scratch.path)/logs")
    try scratch.fileSystem.rename("logs", to: "moved", in: directory)
    // As somebody who may write to the directory does.
    #expect(unsafe chmod(scratch.path, 0o777) == 0)
    #expect(unsafe symlink("/etc", "\(scratch.path)/logs") == 0)
    try scratch.fileSystem.append([1], to: "new", in: logs)
    #expect(try scratch.fileSystem.look(at: "\(scratch.path)/moved/new") != nil)
    #expect(throws: Errno.symbolicLink) { try scratch.fileSystem.openDirectory("\(scratch.path)/logs") }
  }

  @Test("closes a directory with its last reference, and opens it close-on-exec")
  func closes() throws {
    let number: Int32
    do {
      let second = try scratch.open()
      number = second.token
      #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
      withExtendedLifetime(second) {}
    }
    // Another test may have got the number since: then it is not this directory any more.
    var here = stat()
    var there = stat()
    #expect(unsafe fstat(directory.token, &here) == 0)
    #expect(unsafe fstat(number, &there) != 0 || there.st_ino != here.st_ino)
  }

  @Test("lists a name that is not UTF-8, and distinguishes it from every other")
  func notText() throws {
    let path: [CChar] = Array(scratch.path.utf8CString.dropLast()) + [0x2F, -1, 0]
    let descriptor = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
    #expect(descriptor >= 0)
    close(descriptor)
    try scratch.fileSystem.append([1], to: "text", in: directory)
    #expect(try scratch.fileSystem.entries(in: directory).map(\.name).sorted() == ["text", FileName(bytes: [0xFF])])
    #expect(try scratch.fileSystem.status(of: FileName(bytes: [0xFF]), in: directory)?.kind == .regular)
    #expect(try scratch.fileSystem.status(of: "\u{FF}", in: directory) == nil)
  }

  @Test("opens component by component as openat2 does, if the kernel does not have that")
  func walk() throws {
    #expect(unsafe mkdir("\(scratch.path)/one", 0o755) == 0)
    #expect(unsafe mkdir("\(scratch.path)/one/two", 0o755) == 0)
    #expect(unsafe symlink("one", "\(scratch.path)/link") == 0)
    #expect(unsafe symlink("two", "\(scratch.path)/one/last") == 0)
    try scratch.fileSystem.append([1], to: "file", in: directory)
    for good: FilePath in ["/", "\(scratch.path)", "\(scratch.path)/one/two", "\(scratch.path)//one/./two/", "/tmp/.."]
    {
      let walked = try ComponentWalk.openDirectory(good).descriptor
      defer { close(walked) }
      let opened = try scratch.fileSystem.openDirectory(good)
      var one = stat()
      var two = stat()
      #expect(unsafe fstat(walked, &one) == 0)
      #expect(unsafe fstat(opened.token, &two) == 0)
      #expect(one.st_ino == two.st_ino, "\(good)")
    }
    // As somebody who may write to the directory has made them.
    #expect(unsafe chmod(scratch.path, 0o777) == 0)
    for bad in ["link", "link/two", "one/last", "file", "file/below", "none", "none/below"] {
      let expected = #expect(throws: Errno.self) { try scratch.fileSystem.openDirectory("\(scratch.path)/\(bad)") }
      let found = #expect(throws: Errno.self) { try ComponentWalk.openDirectory("\(scratch.path)/\(bad)") }
      #expect(found == expected, "\(bad)")
    }
  }

  @Test("truncates an append that does not fit on the disk, and leaves no half-written file")
  func fullDisk() throws {
    let point = scratch.path
    let outcome = OwnMounts.run { () -> [String]? in
      guard run("mount", "-t", "tmpfs", "-o", "size=64k", "none", point) == 0 else { return nil }
      do {
        let fileSystem = LinuxFileSystem()
        let directory = try fileSystem.openDirectory(FilePath(point))
        try fileSystem.append(Array("kept".utf8), to: "state", in: directory)
        var seen: [String] = []
        for call in [fileSystem.append, fileSystem.write] {
          do throws(Errno) {
            try call([UInt8](repeating: 1, count: 100_000), "state", directory)
          } catch {
            seen.append("errno \(error.code)")
          }
        }
        let content = try fileSystem.read("state", in: directory).map { String(decoding: $0, as: UTF8.self) }
        return try seen + [String((content ?? "nothing").prefix(20))]
          + fileSystem.entries(in: directory).map { "\($0.name)" }
      } catch {
        return ["\(error)"]
      }
    }
    guard let outcome else {
      print("skipped: a full disk needs root")
      return
    }
    #expect(outcome == ["errno \(ENOSPC)", "errno \(ENOSPC)", "kept", "state"])
  }
}
