import Rotation
import Testing
import Timekeeping

@Suite("Archives that move up by exchanges")
struct ExchangeTests {
  private static let log: FileName = "app.log"
  private static let staging: FileName = ".app.log.rotated"

  /// A log with these archives, of which the first is the newest.
  private static func directory(_ archives: [FileName]) -> ModelDirectory {
    var directory = ModelDirectory()
    for name in archives.reversed() { directory.add(FilePath(name), "\(name)") }
    directory.add(FilePath(log), "live")
    return directory
  }

  private static func steps(
    _ archives: [FileName], keep: Int, _ renames: RenameSupport = .fastExchange, _ creation: Creation = .likeOldLog
  ) -> [String] {
    let policy = Policy(keep: keep, creation: creation)
    let inventory = directory(archives).inventory(of: log)
    return Planner.plan(inventory, policy, .rotate, renames: renames).now.map(\.description)
  }

  @Test("the log takes the place of version 1, each version that of the next, and the last is removed")
  func steady() {
    #expect(
      Self.steps(["app.log.1", "app.log.2"], keep: 2) == [
        "create .app.log.rotated, mode 0640, owner 0:0", "exchange app.log with .app.log.rotated",
        "exchange .app.log.rotated with app.log.1", "exchange .app.log.rotated with app.log.2",
        "remove .app.log.rotated, or rename it to app.log.3 while a process writes to it (more archives than `keep`)",
      ])
  }

  @Test("without `create` the log is renamed to the staging name, and the rest is the same")
  func leftToWriter() {
    #expect(
      Self.steps(["app.log.1", "app.log.2"], keep: 2, .fastExchange, .leftToWriter) == [
        "rename app.log to .app.log.rotated (stage)", "exchange .app.log.rotated with app.log.1",
        "exchange .app.log.rotated with app.log.2",
        "remove .app.log.rotated, or rename it to app.log.3 while a process writes to it (more archives than `keep`)",
      ])
  }

  @Test("the last archive on its way gets the first number that is free, and nothing is removed")
  func growing() {
    #expect(
      Self.steps(["app.log.1", "app.log.2"], keep: 5).suffix(3) == [
        "exchange .app.log.rotated with app.log.1", "exchange .app.log.rotated with app.log.2",
        "rename .app.log.rotated to app.log.3 (shift)",
      ])
  }

  @Test("versions whose names change are shifted, before the log leaves its name")
  func compressed() {
    #expect(
      Self.steps(["app.log.1", "app.log.2.gz", "app.log.3.gz"], keep: 3) == [
        "create .app.log.rotated, mode 0640, owner 0:0", "rename app.log.3.gz to app.log.4.gz (shift)",
        "rename app.log.2.gz to app.log.3.gz (shift)", "exchange app.log with .app.log.rotated",
        "exchange .app.log.rotated with app.log.1", "rename .app.log.rotated to app.log.2 (shift)",
        "remove app.log.4.gz (more archives than `keep`)",
      ])
  }

  @Test("where an exchange costs more than a rename, all are shifted", arguments: [RenameSupport.full])
  func slow(renames: RenameSupport) {
    let steps = Self.steps(["app.log.1", "app.log.2"], keep: 2, renames)
    #expect(steps.count { $0.hasPrefix("exchange") } == 1 && steps.count { $0.hasSuffix("(shift)") } == 2)
  }

  @Test("of more versions than the state records, the older ones are shifted")
  func many() {
    let archives = (1...Limits.maxExchanges + 6).map { FileName("app.log.\($0)") }
    let steps = Self.steps(archives, keep: 100)
    #expect(steps.count { $0.hasPrefix("exchange") } == 1 + Limits.maxExchanges)
    #expect(steps.count { $0.hasSuffix("(shift)") } == 6 + 1)
  }

  /// An archive on its way under the staging name, between version 1 and a version that is older.
  private static func crashed() -> ModelDirectory {
    var directory = Self.directory(["app.log.1", "app.log.2", "app.log.3"])
    directory.names[FilePath(staging)] = directory.names.removeValue(forKey: "app.log.2")
    directory.names["app.log.2"] = directory.names.removeValue(forKey: "app.log.3")
    return directory
  }

  private static func plan(_ directory: ModelDirectory, _ demand: Demand, keep: Int = 3) -> Plan {
    Planner.plan(directory.inventory(of: log), Policy(keep: keep), demand, renames: .fastExchange)
  }

  @Test("without the intent, the ages tell where an archive on its way belongs")
  func byAge() {
    #expect(
      Self.plan(Self.crashed(), .settle).now.map(\.description) == [
        "rename app.log.2 to app.log.3 (shift)", "rename .app.log.rotated to app.log.2 (shift)",
      ])
  }

  @Test("an archive that is older than all gets the next number, and is not removed on the strength of its age")
  func oldest() {
    var directory = Self.directory(["app.log.1", "app.log.2", "app.log.3"])
    directory.names[FilePath(Self.staging)] = directory.names.removeValue(forKey: "app.log.3")
    let plan = Self.plan(directory, .settle, keep: 2)
    #expect(plan.now.map(\.description) == ["rename .app.log.rotated to app.log.3 (shift)"])
  }

  @Test(
    "an archive whose times do not tell its place is set aside, and no other is removed in the same plan",
    arguments: [1, 2, 3], [Demand.settle, .rotate])
  func undecided(kind: Int, demand: Demand) throws {
    var directory = Self.crashed()
    let staged = try #require(directory.names[FilePath(Self.staging)])
    switch kind {
    // The same moment; newer than one below and older than one above; a birth that contradicts it.
    case 1: directory.names["app.log.1"]?.modified = staged.modified
    case 2:
      directory.names["app.log.1"]?.modified = staged.modified - 1
      directory.names["app.log.2"]?.modified = staged.modified + 1
    default: directory.names["app.log.2"]?.modified = staged.modified + 1
    }
    let plan = Self.plan(directory, demand, keep: 1)
    for step in plan.now { try directory.apply(step) }
    #expect(plan.setAside == [FilePath(SetAsideName.of("app.log.1", inode: staged.inode))])
    #expect(plan.pruned.isEmpty)
    #expect(Set(directory.bytes) == ["live", "app.log.1", "app.log.2", "app.log.3"])
  }

  @Test("a file that the intent does not know is not moved by an exchange")
  func unknown() throws {
    var directory = Self.directory(["app.log.1", "app.log.2", "app.log.3"])
    let live = try #require(directory.names[FilePath(Self.log)]).inode
    let archives = Self.plan(directory, .rotate).exchanged
    directory.add("app.log.2", "somebody's")
    let plan = Self.plan(directory, .finish(Intent(inode: live, due: nil, archives: archives)))
    let steps = plan.now.map(\.description)
    #expect(steps.contains("exchange .app.log.rotated with app.log.1"))
    #expect(steps.contains("rename app.log.2 to app.log.3 (shift)"))
    #expect(!steps.contains("exchange .app.log.rotated with app.log.2"))
  }

  @Test("a log that was empty is an archive all the same, where no new log is made: its writer may still have it open")
  func emptyLog() {
    var directory = Self.directory(["app.log.1"])
    directory.names[FilePath(Self.staging)] = directory.names.removeValue(forKey: FilePath(Self.log))
    directory.names[FilePath(Self.staging)]?.content = ""
    let inventory = directory.inventory(of: Self.log)
    func steps(_ creation: Creation) -> [String] {
      Planner.plan(inventory, Policy(keep: 3, creation: creation), .settle).now.map(\.description)
    }
    #expect(
      steps(.leftToWriter) == [
        "rename app.log.1 to app.log.2 (shift)", "rename .app.log.rotated to app.log.1 (publish)",
      ])
    #expect(steps(.likeOldLog) == ["remove .app.log.rotated (leftover)"])
  }

  @Test("an archive on its way is ours whoever owns it, and is never dropped, even if it is empty")
  func emptyAndForeign() {
    var directory = Self.crashed()
    directory.names[FilePath(Self.staging)]?.content = ""
    let inodes = ["app.log.1", FilePath(Self.staging), "app.log.2"].compactMap { directory.names[$0]?.inode }
    let intent = Intent(inode: inodes[0], due: nil, archives: [inodes[1], inodes[2]])
    // The log itself is version 1 by now.
    let steps = Self.plan(directory, .finish(intent), keep: 3).now.map(\.description)
    #expect(
      steps == ["exchange .app.log.rotated with app.log.2", "rename .app.log.rotated to app.log.3 (shift)"])
    var inventory = directory.inventory(of: Self.log)
    let staged = FileStatus(
      kind: .regular, inode: inodes[1], size: 4, mode: 0o640, user: 4711, group: 0, links: 1,
      modified: WallTime(seconds: 0), born: nil)
    inventory.takeStaged([(Self.staging, staged)], owners: [0], intent: intent)
    #expect(inventory.staging == staged && inventory.foreign.isEmpty)
  }
}
