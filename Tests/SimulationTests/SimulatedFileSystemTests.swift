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
      makeSymbolicLink: { path, _ in disk.plant(.symbolicLink, at: path) })
    #expect(FileSystemContract.failures(in: scene) == [])
  }
}
