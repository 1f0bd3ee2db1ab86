import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Archives of a log that does not exist any more")
struct GoneLogTests {
  struct Combination: CustomStringConvertible {
    var isDated: Bool
    var keepsExtension: Bool
    var archives: String?
    var depth: Int
    var suffix: String
    var rule: String

    var description: String { "\(isDated) \(keepsExtension) \(archives ?? "-") \(depth) \(suffix) \(rule)" }
  }

  static let combinations: [Combination] = [false, true].flatMap { isDated in
    [false, true].flatMap { keepsExtension in
      [nil, "old", "/archives", "/mnt/archives"].flatMap { archives in
        [1, 2].flatMap { depth in
          ["", ".gz", ".br"].flatMap { suffix in
            ["max-age", "max-total", "keep-free", "keep"].map { rule in
              Combination(
                isDated: isDated, keepsExtension: keepsExtension, archives: archives, depth: depth, suffix: suffix,
                rule: rule)
            }
          }
        }
      }
    }
  }

  private func job(_ combination: Combination) -> Job {
    var job = Rig.job("a", every: 1_000_000, keep: combination.rule == "keep" ? 1 : 9)
    let directory = combination.depth == 1 ? "/logs" : "/logs/*"
    job.logs = [LogPattern("\(directory)/*.log")]
    job.exclude = [LogPattern("\(directory)/*.[0-9]*"), LogPattern("\(directory)/*-[0-9]*")]
    var rules = job.policy.rules
    if combination.isDated, let format = try? DateFormat.parse("-%Y%m%d") { rules.naming.style = .dated(format) }
    if combination.keepsExtension { rules.naming.ending = .extension_ }
    rules.archiveDirectory = combination.archives.map { ArchiveDirectory(path: FilePath($0)) }
    if !combination.suffix.isEmpty {
      rules.compression = Compression(command: ["compress"], suffix: combination.suffix)
    }
    if combination.rule == "max-age" { rules.maxAge = .seconds(86_400) }
    if combination.rule == "max-total" { rules.maxTotal = 1500 }
    job.policy.rules = rules
    return job
  }

  @Test("are found by every rule, whatever their names and directories")
  func combinations() throws {
    var wrong: [String] = []
    for combination in Self.combinations {
      let job = job(combination)
      let rig = Rig([job])
      let directory = combination.depth == 1 ? "/logs" : "/logs/app"
      for path in ["/logs/app", "\(directory)/old", "/archives", "/mnt", "/mnt/archives"] as [FilePath] {
        rig.disk.makeDirectory(path)
      }
      rig.disk.mounts = ["/mnt"]
      let place = combination.archives.map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" } ?? directory
      let naming = job.policy.naming
      let paths = (1...3).map { number in
        let dated: FileName =
          combination.keepsExtension ? "app-2026112\(9 - number).log" : "app.log-2026112\(9 - number)"
        let key = combination.isDated ? naming.parse(dated)?.key ?? .number(0) : .number(number)
        return FilePath(place).appending(naming.name(of: "app.log", key, suffix: combination.suffix))
      }
      for (index, path) in paths.enumerated() {
        rig.disk.plant(.regular, at: path, content: String(repeating: "x", count: 1000))
        let age = Int64(index + 1) * 2 * 86_400
        rig.disk.touch(path, rig.driver.wallClock() - .seconds(age))
      }
      if combination.rule == "keep-free" {
        rig.configuration.daemon.keepFree = .bytes(8500)
        rig.disk.capacity = 10_000
      }
      try rig.live(seconds: 30)
      let left = paths.map { rig.disk.inode(of: $0) != nil }
      if left != [true, false, false] { wrong.append("\(combination): \(left)") }
    }
    #expect(wrong.count == 0, "\(wrong.count) of \(Self.combinations.count), such as \(wrong.prefix(3))")
  }

  @Test("in a directory for the archives of several belong to the log that exists, each once")
  func shared() throws {
    var job = Rig.job("a", every: 1_000_000)
    job.logs = [LogPattern("/logs/*/app.log")]
    job.policy.rules.archiveDirectory = ArchiveDirectory(path: "/archives")
    job.policy.rules.maxTotal = 1500
    let rig = Rig([job])
    for path in ["/archives", "/logs/one", "/logs/two"] as [FilePath] { rig.disk.makeDirectory(path) }
    for number in 1...3 {
      rig.disk.plant(.regular, at: "/archives/app.log.\(number)", content: String(repeating: "x", count: 700))
    }
    rig.disk.plant(.regular, at: "/logs/two/app.log", content: "x")
    try rig.live(seconds: 30)
    #expect(rig.disk.directories["/archives"]?.keys.sorted() == ["app.log.1", "app.log.2"])
    #expect(rig.messages(.removed).count == 1)
  }
  @Test("count when a reload reports how many archives it removes")
  func announced() throws {
    var job = Rig.job("a", every: 1_000_000, keep: 9)
    job.logs = [LogPattern("/logs/*.log")]
    let rig = Rig([job])
    for number in 1...3 { rig.disk.plant(.regular, at: "/logs/app.log.\(number)", content: "0123456789") }
    try rig.live(seconds: 30) { rig in
      rig.at(10) {
        rig.configuration.jobs[0].policy.rules.keep = 1
        rig.manager.send(.reload)
      }
    }
    let notified = rig.messages(.note).filter { $0.contains("the new config removes") }
    #expect(notified.count == 1 && notified.first?.contains("2 archives") == true, "\(rig.messages(.note))")
    #expect(rig.names == ["app.log.1"])
  }
}
