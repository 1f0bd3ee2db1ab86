import Config
import Daemon
import Rotation
import Simulation
import Testing

@Suite("A log with another name that may be rotated")
struct HardLinkTests {
  private func names(_ edit: (inout Policy.Rules) -> Void, _ check: (Rig) throws -> Void) throws {
    var job = Rig.job("a", every: 3600, keep: 3)
    job.policy.rules.takesHardLinks = true
    edit(&job.policy.rules)
    let rig = Rig([job])
    rig.fill("a.log", "one\n")
    try rig.disk.link("a.log", to: "other", in: rig.disk.openDirectory("/logs"))
    try rig.live(seconds: 3700)
    try check(rig)
  }

  @Test("is moved, and the other name stays with the archive")
  func moved() throws {
    try names { _ in
    } _: { rig in
      #expect(rig.names == ["a.log", "a.log.1", "other"])
      #expect(rig.content("a.log") == "" && rig.content("a.log.1") == "one\n" && rig.content("other") == "one\n")
    }
  }

  @Test("is truncated, and the other name with it")
  func truncated() throws {
    try names {
      $0.method = .truncate(by: .copy)
    } _: { rig in
      #expect(rig.names == ["a.log", "a.log.1", "other"])
      #expect(rig.content("a.log") == "" && rig.content("a.log.1") == "one\n" && rig.content("other") == "")
    }
  }

  @Test("is compressed, and the other name keeps the plain content")
  func compressed() throws {
    try names {
      $0.compression = Compression(command: ["gzip"], suffix: ".gz", from: 1)
    } _: { rig in
      #expect(rig.names == ["a.log", "a.log.1.gz", "other"])
      #expect(rig.content("other") == "one\n")
    }
  }

  @Test("is not rotated unless it may be", arguments: [Method.move, .truncate(by: .copy)])
  func refused(_ method: Method) throws {
    try names {
      $0.takesHardLinks = false
      $0.method = method
    } _: { rig in
      #expect(rig.names == ["a.log", "other"])
      #expect(rig.messages(.note).contains("job a: /logs/a.log: not rotated: it has 2 hard links"))
    }
  }
}
