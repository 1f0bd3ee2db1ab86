import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux

/// If the file system has no files without a name, an unfinished copy of an archive has a hidden one.
@Suite("A hidden output")
struct StagedFileTests {
  private let scratch: ScratchDirectory
  private let directory: OpenDirectory

  init() throws {
    scratch = try ScratchDirectory()
    directory = try scratch.open()
  }

  private func names() throws -> [String] {
    try scratch.fileSystem.entries(in: directory).map { "\($0.name)" }.sorted()
  }

  private func plant(_ name: String) {
    let file = unsafe open("\(scratch.path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    #expect(file >= 0)
    #expect(unsafe write(file, "theirs\n", 7) == 7)
    close(file)
  }

  @Test("takes the next free name, whatever others have put under the first, and leaves no trace")
  func foreignNames() throws {
    plant(".a.1.rotated-output")
    #expect(unsafe mkdir("\(scratch.path)/.a.1.rotated-output-1", 0o700) == 0)
    var output: LinuxStagedFile? = try LinuxStagedFile.makeHidden(for: "a.1", in: directory)
    #expect(try names() == [".a.1.rotated-output", ".a.1.rotated-output-1", ".a.1.rotated-output-2"])
    #expect(output != nil)
    output = nil
    #expect(try names() == [".a.1.rotated-output", ".a.1.rotated-output-1"])
    #expect(StagingName.outputArchive(of: ".a.1.rotated-output-2") == "a.1")
  }

  @Test("does not remove what others have put under its name")
  func replaced() throws {
    var output: LinuxStagedFile? = try LinuxStagedFile.makeHidden(for: "a.1", in: directory)
    #expect(try names() == [".a.1.rotated-output"])
    #expect(unsafe rename("\(scratch.path)/.a.1.rotated-output", "\(scratch.path)/stolen") == 0)
    plant(".a.1.rotated-output")
    #expect(output != nil)
    output = nil
    #expect(try names() == [".a.1.rotated-output", "stolen"])
  }

  @Test("fails if all of its names are taken, and removes none")
  func allTaken() throws {
    for index in 0..<StagingName.count { plant("\(StagingName.ofOutput("a.1", index))") }
    #expect(throws: Errno.exists) { try LinuxStagedFile.makeHidden(for: "a.1", in: directory) }
    #expect(try names().count == StagingName.count)
  }
}
