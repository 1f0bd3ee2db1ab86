import Rotation
import Testing
import Timekeeping

/// The small worlds of `PlannerExhaustiveTests`, where something is done with an archive before it is removed.
@Suite("What comes before a removal")
struct PlannerTaskTests {
  typealias Worlds = PlannerExhaustiveTests

  private static func withTask(_ mode: Worlds.Mode) -> Worlds.Mode {
    var mode = mode
    mode.task = .script(.shell("ship"), limit: .seconds(1))
    return mode
  }

  /// Carries out a rotation up to the last of its steps, or one call of them, and all that follows.
  private func end(_ start: ModelDirectory, _ mode: Worlds.Mode, _ steps: [Step] = []) throws -> ModelDirectory {
    var directory = start
    for step in steps { try directory.apply(step) }
    try Worlds.keepHouse(&directory, mode)
    return directory
  }

  @Test(
    "delays a removal until it is done, changes nothing else, and is done again after a crash at any call",
    arguments: (Worlds.modes + Worlds.housekeepingModes).filter { $0.keep <= 2 })
  func everyPrefix(mode: Worlds.Mode) throws {
    let asking = Self.withTask(mode)
    for start in Worlds.directories(mode, leftover: .none) {
      let live = try #require(start.names[FilePath(Worlds.log)])
      let plan = Worlds.plan(start, asking, .rotate)
      #expect(
        !plan.now.contains { if case .retire = $0 { true } else if case .remove(_, .keep) = $0 { true } else { false } }
      )
      let wanted = try end(start, mode, Worlds.plan(start, mode, .rotate).now)
      #expect(try end(start, asking, plan.now).contents == wanted.contents, "\(mode) from \(start.contents)")
      guard !mode.truncates else { continue }
      var crashed = start
      for step in plan.now {
        for call in 0..<ModelDirectory.calls(of: step) {
          try crashed.apply(step, call: call)
          let demand = Demand.finish(asking.intent(live.inode, plan))
          let again = Worlds.steps(crashed, asking, demand, at: Worlds.tomorrow)
          #expect(try end(crashed, asking, again).contents == wanted.contents, "\(mode) from \(start.contents)")
        }
      }
    }
  }

  @Test("keeps an archive that is too old until it is done, and what is too old is known by its rotation alone")
  func outdated() {
    var rules = Policy.Rules(keep: 5)
    rules.maxAgeAtRotation = .seconds(86_400)
    rules.beforeRemoval = [.script(.shell("ship"), limit: .seconds(1))]
    let (moment, policy) = (Worlds.today, Policy(rules))
    let versions = (1...3).map { number in
      Version(number: number, inode: UInt64(number), modified: moment.time - .seconds(Int64(number) * 50_000))
    }
    let inventory = Inventory(name: "app.log", live: nil, versions: versions)
    func texts(_ moment: Moment) -> [String] {
      Planner.plan(inventory, policy, .housekeeping, at: moment).whenReleased.map(\.step.description)
    }
    #expect(texts(.none) == [])
    #expect(
      texts(moment) == [
        "run the `preremove` script for app.log.3", "remove app.log.3 (older than 1d)",
        "run the `preremove` script for app.log.2", "remove app.log.2 (older than 1d)",
      ])
  }
}
