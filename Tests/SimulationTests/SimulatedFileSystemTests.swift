import Rotation
import Simulation
import Testing

@Suite("The simulated disk")
struct SimulatedFileSystemTests {
  @Test("keeps the contract that the real file systems keep")
  func contract() {
    let disk = SimulatedFileSystem()
    disk.makeDirectory("/contract")
    let scene = FileSystemContract.Scene(
      fileSystem: disk, path: "/contract", makeDirectory: { disk.makeDirectory($0) },
      makeOpenDirectory: { disk.makeDirectory($0) },
      makeSymbolicLink: { path, _ in disk.plant(.symbolicLink, at: path) },
      openWriter: { path in
        guard let inode = disk.openForWriting(path) else { throw Errno.noEntry }
        return { disk.close(inode) }
      },
      fill: { disk.outputs[$0] = $1 })
    #expect(FileSystemContract.failures(in: scene) == [])
  }
}
