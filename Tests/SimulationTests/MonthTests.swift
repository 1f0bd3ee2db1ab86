import Daemon
import Glibc
import Simulation
import Testing

/// `ROTATED_SEED=N` runs that one seed and prints what the daemon reported last.
private let chosenSeed: UInt64? = unsafe getenv("ROTATED_SEED").flatMap { unsafe UInt64(String(cString: $0)) }

/// `ROTATED_SEEDS=N` runs the first N seeds.
private let seeds = unsafe getenv("ROTATED_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 120

@Suite("A virtual month")
struct MonthTests {
  @Test(
    "keeps every promise under faults, crashes, clock steps, reloads and foreigners",
    arguments: chosenSeed.map { [$0] } ?? Array(1...seeds))
  func month(seed: UInt64) {
    let world = World(seed: seed)
    world.keepsReports = chosenSeed != nil
    world.run(days: 30)
    if chosenSeed != nil {
      for (time, report) in world.reports { print(time, report.priority, report.message) }
      print("\(world.starts) starts, \(world.crashes) crashes, \(world.rotations) rotations")
    }
    #expect(world.rotations > 0)
    #expect(world.checker.violations.isEmpty, "replay with ROTATED_SEED=\(seed)")
  }
}
