import Config
import Daemon
import EventLoop
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

/// Symbolic links in the paths of directories: `/var/log` that leads to `/data/log`, and what a user can do with that.
@Suite("A link to a directory", .enabled(if: geteuid() == 0, "others are played by root"))
struct LinkTests {
  private let scratch: ScratchDirectory
  private var path: String { scratch.path }

  init() throws {
    scratch = try ScratchDirectory()
    for name in ["data", "data/log", "data/log/app"] {
      #expect(unsafe mkdir("\(path)/\(name)", 0o755) == 0)
    }
  }

  private func link(_ name: String, _ target: String) { #expect(unsafe symlink(target, "\(path)/\(name)") == 0) }

  private func opened(_ name: String) -> String? {
    (try? scratch.fileSystem.openDirectory("\(path)/\(name)")).map { "\($0.realPath ?? $0.path)" }
  }

  private func expectRefused(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Errno.symbolicLink, sourceLocation: sourceLocation) {
      try scratch.fileSystem.openDirectory("\(path)/\(name)")
    }
  }

  @Test(
    "is followed where only root can write, whatever its target is called",
    arguments: [
      "data/log", "./data//log/", "data/../data/log/app/..", "../../../../../..PATH/data/log", "PATH/data/log",
    ])
  func followed(target: String) throws {
    link("var", target.split(separator: "PATH", omittingEmptySubsequences: false).joined(separator: path))
    #expect(opened("var") == "\(path)/data/log")
    #expect(opened("var/app") == "\(path)/data/log/app")
    // The path that the config has stays the name of the logs.
    #expect(try scratch.fileSystem.openDirectory("\(path)/var/app").path == "\(path)/var/app")
    #expect(opened("data/log/app") == "\(path)/data/log/app")
    #expect(try scratch.fileSystem.openDirectory("\(path)/data/log").realPath == nil)
  }

  @Test("is followed through another, forty times and no more")
  func many() {
    link("link0", "data/log")
    for number in 1...40 { link("link\(number)", "link\(number - 1)") }
    #expect(opened("link39") == "\(path)/data/log")
    expectRefused("link40")
    link("loop", "loop")
    expectRefused("loop")
  }

  @Test("is refused where its directory is another's, or others may write to it, or it is another's itself")
  func refused() {
    link("data/link", "log")
    #expect(opened("data/link/app") == "\(path)/data/log/app")
    let directory = "\(path)/data"
    for mode: mode_t in [0o775, 0o757, 0o1777] {
      #expect(unsafe chmod(directory, mode) == 0)
      expectRefused("data/link/app")
    }
    #expect(unsafe chmod(directory, 0o755) == 0 && chown(directory, 65534, 65534) == 0)
    expectRefused("data/link/app")
    #expect(unsafe chown(directory, 0, 0) == 0 && lchown("\(path)/data/link", 65534, 65534) == 0)
    expectRefused("data/link/app")
    #expect(unsafe lchown("\(path)/data/link", 0, 0) == 0)
    #expect(opened("data/link/app") == "\(path)/data/log/app")
    // Others may write above it.
    #expect(unsafe chmod(path, 0o777) == 0)
    expectRefused("data/link/app")
    // In a sticky directory nobody else can move what belongs to root.
    #expect(unsafe chmod(path, 0o1777) == 0)
    #expect(opened("data/link/app") == "\(path)/data/log/app")
  }

  @Test("of a user is refused behind one that is followed, and no target leads out of a user's directory by `..`")
  func behind() {
    link("var", "data/log")
    link("data/log/app/out", "/etc")
    #expect(unsafe chown("\(path)/data/log/app", 65534, 65534) == 0)
    #expect(opened("var/app") == "\(path)/data/log/app")
    expectRefused("var/app/out")
    // The owner of a user's directory decides where its `..` leads.
    link("up", "data/log/app/..")
    expectRefused("up")
  }

  @Test("leads to the directory for archives as it leads to the logs")
  func archives() throws {
    link("var", "data/log")
    let log = try scratch.fileSystem.openDirectory("\(path)/var/app")
    for (wanted, made): (FilePath, String) in [
      ("\(path)/var/old", "data/log/old"), ("old/x", "data/log/app/old/x"),
    ] {
      let opened = try scratch.fileSystem.openArchives(ArchiveDirectory(path: wanted), of: log, makes: true)
      #expect(RealPath.of(opened.token) == "\(path)/\(made)")
    }
    link("data/log/app/link", "../other")
    #expect(unsafe mkdir("\(path)/data/log/other", 0o755) == 0)
    let other = try scratch.fileSystem.openArchives(ArchiveDirectory(path: "link"), of: log, makes: true)
    #expect(RealPath.of(other.token) == "\(path)/data/log/other")
    #expect(unsafe chmod("\(path)/data/log/app", 0o777) == 0)
    #expect(throws: Errno.symbolicLink) {
      try scratch.fileSystem.openArchives(ArchiveDirectory(path: "link"), of: log, makes: true)
    }
  }

  @Test("that is refused is reported with its target, the reason and the path to write instead")
  func named() {
    link("var", "data")
    link("data/link", "log")
    #expect(unsafe chmod("\(path)/data", 0o777) == 0)
    let words = scratch.fileSystem.obstacle(.symbolicLink, at: "\(path)/var/link/app") ?? ""
    #expect(words.hasPrefix("the link \(path)/var/link to log is not followed, as users other than root"))
    #expect(words.hasSuffix("; write \(path)/data/log/app instead"))
  }

  @Test("does not let a log with two paths be rotated twice")
  func rotatedOnce() throws {
    link("var", "data/log")
    let directory = "\(path)/data/log/app"
    let real = try scratch.fileSystem.openDirectory(FilePath(directory))
    let linked = try scratch.fileSystem.openDirectory("\(path)/var/app")
    let loop = LoopExecutor(driver: try EpollDriver())
    let state = StateStore(fileSystem: scratch.fileSystem, directory: try scratch.open())
    let rotator = Rotator(fileSystem: scratch.fileSystem, loop: loop, state: state, zone: .utc)
    func rotate(_ directory: OpenDirectory) -> String {
      let outcomes = rotator.rotate(
        ["a.log"], in: LogPlace(LogDirectories(directory)), policy: Policy(keep: 1), cause: .byHand)
      return switch outcomes.first?.outcome {
      case .rotated: "rotated"
      case .skipped(.sameLog(let other)): "same as \(other)"
      default: "\(String(describing: outcomes.first))"
      }
    }
    func fill() throws { try scratch.fileSystem.append([120, 10], to: "a.log", in: real) }
    for logs in [["\(directory)/a.log", "\(path)/var/app/a.log"], ["\(path)/var/app/a.log"]] {
      let text = logs.enumerated().map { "[job.j\($0.offset)]\nlogs = \"\($0.element)\"\nsize = \"1M\"\n" }.joined()
      let result = ConfigReader.read(Array(text.utf8), file: "test", system: SystemFacts.read())
      rotator.adopt(Claims(try #require(result.configuration)))
      try fill()
      #expect(rotate(linked) == (logs.count == 2 ? "same as \(directory)/a.log" : "rotated"))
    }
    // Another link to the same directory, which no job names without one.
    link("other", "data/log")
    try fill()
    #expect(rotate(try scratch.fileSystem.openDirectory("\(path)/other/app")) == "same as \(path)/var/app/a.log")
    #expect(rotate(linked) == "rotated")
  }

  @Test("is reported by `check` if the config names a log both with and without it, and if it is refused")
  func findings() {
    link("var", "data/log")
    #expect(unsafe chmod("\(path)/data", 0o755) == 0)
    func findings(_ config: String) -> DryRun.LinkFindings {
      let result = ConfigReader.read(Array(config.utf8), file: "test", system: SystemFacts.read())
      guard let configuration = result.configuration else { return DryRun.LinkFindings() }
      return DryRun(fileSystem: scratch.fileSystem, configuration: configuration).linkFindings()
    }
    let both = """
      [job.one]
      logs = "\(path)/var/app/a.log"
      size = "1M"
      [job.two]
      logs = "\(path)/data/log/app/a.log"
      size = "1M"
      """
    let found = findings(both)
    #expect(found.refused == [])
    #expect(found.doubled.count == 1 && found.doubled.first?.contains("\(path)/data/log/app/a.log") == true)
    #expect(findings("[job.one]\nlogs = \"\(path)/var/app/a.log\"\nsize = \"1M\"").doubled == [])
    #expect(unsafe chmod(path, 0o777) == 0)
    let elsewhere = "[job.one]\nlogs = \"\(path)/data/log/app/a.log\"\narchive-dir = \"\(path)/var/app\"\nsize = \"1M\""
    for config in [both, "[job.one]\nlogs = \"\(path)/var/app/*.log\"\nsize = \"1M\"", elsewhere] {
      let refused = findings(config).refused
      #expect(refused.count == 1, "\(config)")
      #expect(refused.first?.contains("write \(path)/data/log/app instead") == true, "\(refused)")
    }
  }
}
