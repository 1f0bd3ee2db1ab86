import Config
import EventLoop
import Rotation
import Simulation
import Testing

@testable import Daemon

@Suite("The search for the logs of a job")
struct LogSearchTests {
  private static func name(_ number: Int) -> FileName { "\(number % 7)-\(number).log" }

  @Test("no step of putting names in order compares more of them than it may, and the result is in order, each once")
  func sorting() {
    var compared = 0
    var sort = NameSort { one, other in
      compared += 1
      return one < other
    }
    let portions = (0..<50).map { portion in (0..<200).map { Self.name(portion * 197 + $0) } }
    for portion in portions { sort.add(portion) }
    var steps = 0
    compared = 0
    while sort.step(100) {
      #expect(compared <= 100)
      (compared, steps) = (0, steps + 1)
    }
    #expect(sort.names == Set(portions.joined()).sorted())
    #expect(steps > sort.names.count / 100)
    #expect(sort.has(Self.name(0)) && sort.has(Self.name(9000)) && !sort.has("0-0") && !sort.has("9"))
  }

  @Test("no step takes in more names than it may, and each log is found once, whichever patterns match it")
  func groups() {
    var groups = LogGroups([LogGroup(directory: "/a", names: (0..<5000).map(Self.name))])
    groups.add(LogGroup(directory: "/b", names: ["x"]))
    while groups.step(100) != nil {}
    groups.add(LogGroup(directory: "/a", names: (4000..<6000).map(Self.name)))
    var (steps, before) = (0, groups.all.map(\.names.count))
    while let taken = groups.step(100) {
      let after = groups.all.map(\.names.count)
      #expect(taken <= 200 && after[0] - before[0] <= 100)
      (steps, before) = (steps + 1, after)
    }
    #expect(steps >= 70)
    #expect(groups.all.map(\.directory) == ["/a", "/b"])
    #expect(groups.all[0].names == (0..<6000).map(Self.name))
  }

  @Test("a dictionary that is spread over parts has the same content as one that is not")
  func spread() {
    var (one, other): (SpreadDictionary<Int, [Int]>, [Int: [Int]]) = (SpreadDictionary(), [:])
    var generator = SeededGenerator(seed: 3)
    for round in 0..<20_000 {
      let key = Int.random(in: 0..<5000, using: &generator)
      if round % 5 == 0 {
        (one[key], other[key]) = (nil, nil)
      } else {
        one[key, default: []].append(round)
        other[key, default: []].append(round)
      }
    }
    #expect(one.count == other.count && other.count > 2000)
    #expect((0..<5000).allSatisfy { one[$0] == other[$0] })
    var all: [Int: [Int]] = [:]
    while let part = one.popPart() {
      #expect(part.count < 200)
      all.merge(part) { one, _ in one }
    }
    #expect(all == other && one.count == 0)
  }

  /// The logs of the first job, by path, and in how many steps they are found.
  private func find(_ jobs: [Job], on disk: SimulatedFileSystem) throws -> (logs: [FilePath], steps: Int) {
    let finder = LogFinder(fileSystem: disk, claims: Claims(Configuration(jobs: jobs)))
    var search = finder.search(try #require(jobs.first), index: 0, alsoGone: true)
    var steps = 1
    while search.advance() { steps += 1 }
    let groups = search.take().groups
    #expect(Set(groups.map(\.directory)).count == groups.count)
    #expect(search.take().groups.isEmpty)
    return (groups.flatMap { group in group.names.map { LogFinder.join(group.directory, $0) } }, steps)
  }

  @Test("many logs are found in many steps, by directory and name, and those that have archives alone after them")
  func many() throws {
    let disk = SimulatedFileSystem()
    var wanted: [FilePath] = []
    for directory in ["/logs/a", "/logs/b", "/logs/c"] as [FilePath] {
      disk.makeDirectory(directory)
      for number in 1000..<2500 {
        if number % 500 > 0 { disk.plant(.regular, at: "\(directory)/\(number).log") }
        disk.plant(.regular, at: "\(directory)/\(number).log.1")
      }
      wanted += (1000..<2500).filter { $0 % 500 > 0 }.map { "\(directory)/\($0).log" }
      wanted += [1000, 1500, 2000].map { "\(directory)/\($0).log" }
    }
    disk.plant(.regular, at: "/logs/file.log")
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/*/*.log")]
    let (logs, steps) = try find([job], on: disk)
    #expect(logs == wanted)
    // 9,000 names, about a thousand a step; and each is looked at more than once.
    #expect(steps > 9)
    // Another pattern of the same job, and one of another job, change nothing but the order.
    job.logs = [LogPattern("/logs/b/1*.log"), LogPattern("/logs/*/*.log"), LogPattern("/logs/a/1001.log")]
    var other = Rig.job("b", every: 60)
    other.logs = [LogPattern("/logs/c/1002.log")]
    let more = try find([job, other], on: disk).logs
    #expect(more.count == wanted.count - 1 && Set(more) == Set(wanted).subtracting(["/logs/c/1002.log"]))
  }

  @Test(
    "archives in a directory that all logs share belong to the log that exists, else to that which has one beside it")
  func shared() throws {
    let disk = SimulatedFileSystem()
    for directory in ["/logs/a", "/logs/b", "/archives"] as [FilePath] { disk.makeDirectory(directory) }
    for file in ["/logs/b/there.log", "/logs/b/beside.log.2"] { disk.plant(.regular, at: FilePath(file)) }
    for archive in ["there", "beside", "gone"] { disk.plant(.regular, at: "/archives/\(archive).log.1") }
    var job = Rig.job("a", every: 60)
    job.logs = [LogPattern("/logs/*/*.log")]
    job.policy.rules.archiveDirectory = ArchiveDirectory(path: "/archives")
    #expect(
      try find([job], on: disk).logs.sorted() == [
        "/logs/a/beside.log", "/logs/a/gone.log", "/logs/b/beside.log", "/logs/b/there.log",
      ])
  }
}
