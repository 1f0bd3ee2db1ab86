import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

@Suite("The zones of the system")
struct SystemZonesTests {
  @Test("a zone is found by its name, and has that name")
  func found() {
    let zones = SystemZones()
    #expect(zones.zone("Europe/Berlin")?.name == "Europe/Berlin")
    #expect(zones.zone("Etc/GMT+5")?.offset(at: WallTime(seconds: 0)) == -18_000)
    #expect(zones.zone("Europe/Nowhere") == nil)
  }

  @Test(
    "no name leads out of the directory, or to a file that is no zone",
    arguments: [
      "", "..", "../zoneinfo/UTC", "/etc/localtime", "Europe", "Europe/", "Europe/../UTC", "Europe//Berlin",
      "zone.tab", "posix/../UTC", "UTC\u{0}", "Zürich", ".", "Europe/.", "-UTC", String(repeating: "a", count: 300),
    ])
  func refused(_ name: String) {
    #expect(SystemZones().zone(name) == nil)
  }

  @Test("a zone that cannot be read for now is recorded, a missing one is not")
  func unreadable() throws {
    let scratch = try ScratchDirectory()
    // Reading it is an input/output error, as on a disk that fails.
    try #require(unsafe symlink("/proc/self/mem", "\(scratch.path)/Failing") == 0)
    let failure = LookUpFailure()
    let zones = SystemZones(directory: scratch.path, noting: failure)
    #expect(zones.zone("Missing") == nil)
    #expect(failure.errno == nil)
    #expect(zones.zone("Failing") == nil)
    #expect(failure.errno == .io)
  }
  @Test("a config that names a zone which cannot be read for now must be read again, and one without it is refused")
  func unreadableInConfig() throws {
    let scratch = try ScratchDirectory()
    func ending(_ zone: String) -> String {
      let path = "\(scratch.path)/\(zone).toml"
      let text = "[job.a]\nlogs = '/a'\ncalendar = '12:00 \(zone)'\n"
      guard (try? scratch.fileSystem.write(Array(text.utf8), to: "\(zone).toml", in: scratch.open())) != nil else {
        return "not written"
      }
      do throws(ConfigFile.Unusable) {
        _ = try ConfigFile.load(FilePath(path), unlessPending: []) { _ in }
        return "usable"
      } catch {
        return "\(error.exitCode): \(error.message)"
      }
    }
    let found = OwnMounts.run {
      let zones = "/usr/share/zoneinfo"
      guard LinuxTests.run("mount", "-t", "tmpfs", "none", zones) == 0 else { return nil }
      defer { LinuxTests.run("umount", zones) }
      guard unsafe symlink("/proc/self/mem", "\(zones)/Failing") == 0 else { return nil }
      return [ending("Failing"), ending("Missing")]
    }
    guard let found else { return print("skipped: mounts of its own need root") }
    #expect(
      found == ["1: the config cannot be read at the moment: input/output error (EIO)", "78: the config has errors"])
  }
}
