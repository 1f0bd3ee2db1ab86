import Glibc
import Linux
import Simulation
import Testing

@Suite("The file-system contract")
struct FileSystemContractTests {
  /// File systems other than that of /tmp: how to make one in an image or from nothing, and its name.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case ext4, xfs, btrfs, tmpfs, overlay

    var testDescription: String { rawValue }

    /// Mounts on `point` a new file system made below `place`; a sentence if this machine cannot.
    func mount(on point: String, place: String) -> String? {
      switch self {
      case .tmpfs:
        return run("mount", "-t", "tmpfs", "none", point) == 0 ? nil : "it cannot be mounted"
      case .overlay:
        // The upper directory of an overlay needs a file system with its attributes: a tmpfs has them.
        guard Kind.tmpfs.mount(on: place, place: place) == nil else { return "there is no tmpfs for it" }
        let parts = ["lower", "upper", "work"].map { "\(place)/\($0)" }
        for part in parts { _ = unsafe mkdir(part, 0o755) }
        let options = "lowerdir=\(parts[0]),upperdir=\(parts[1]),workdir=\(parts[2])"
        return run("mount", "-t", "overlay", "none", "-o", options, point) == 0 ? nil : "it cannot be mounted"
      case .ext4, .xfs, .btrfs:
        let image = "\(place)/image"
        guard run("truncate", "-s", "320M", image) == 0 else { return "there is no room for its image" }
        let force = self == .ext4 ? "-F" : "-f"
        guard run("mkfs.\(rawValue)", "-q", force, image) == 0 else { return "mkfs.\(rawValue) is not installed" }
        return run("mount", "-o", "loop", image, point) == 0 ? nil : "it cannot be mounted from an image"
      }
    }
  }

  @Test("holds on the file system of /tmp", arguments: FileSystemContract.checks.map(\.name))
  func holds(name: String) throws {
    let scratch = try ScratchDirectory()
    let check = try #require(FileSystemContract.checks.first { $0.name == name })
    try check.run(scratch.scene)
  }

  @Test("has a unique name for every check")
  func names() {
    let names = FileSystemContract.checks.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count > 20)
  }

  @Test("holds on file systems that root mounts", arguments: Kind.allCases)
  func holdsOn(kind: Kind) throws {
    let scratch = try ScratchDirectory()
    let (place, point) = ("\(scratch.path)/place", "\(scratch.path)/point")
    for path in [place, point] { #expect(unsafe mkdir(path, 0o755) == 0) }
    let outcome = OwnMounts.run { () -> [String]? in
      if let reason = kind.mount(on: point, place: place) {
        print("skipped: the file-system contract on \(kind.rawValue): \(reason)")
        return []
      }
      return FileSystemContract.failures(in: ScratchDirectory.scene(at: point))
    }
    if outcome == nil { print("skipped: the file-system contract on \(kind.rawValue): mounting needs root") }
    #expect(outcome ?? [] == [])
  }
}
