import Daemon
import Glibc
import Simulation
import Testing

/// `ROTATED_SEED=N` runs that one seed and prints what the daemon reported last.
private let chosenSeed = number("ROTATED_SEED")

/// `ROTATED_SEEDS=N` runs the first N seeds.
private let seeds = number("ROTATED_SEEDS")

private func number(_ variable: String) -> UInt64? {
  unsafe getenv(variable).flatMap { unsafe UInt64(String(cString: $0)) }
}

@Suite("A virtual month")
struct MonthTests {
  @Test(
    "keeps every promise under faults, crashes, clock steps, reloads and foreigners",
    arguments: (chosenSeed.map { $0...$0 } ?? 1...(seeds ?? 120)).filter { seed in
      !BadMonth.all.contains { $0.seed == seed }
    })
  func month(seed: UInt64) { live(seed) }

  @Test("keeps the promise that it once broke", arguments: BadMonth.all.filter(\.isWanted))
  func badMonth(_ month: BadMonth) { live(month.seed) }

  private func live(_ seed: UInt64) {
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

/// A month that failed once, by a fault of the daemon. Months 8, 35, 39 and 155 failed again when the fault was
/// restored. What a seed draws depends on every call of the daemon: months 17, 24, 55 and 175 draw something else by
/// now. What 17 and 175 found is in `StuckWriterTests`, what 59 found in `InterruptedTruncationTests` as well.
struct BadMonth: CustomTestStringConvertible {
  let seed: UInt64
  let promise: String

  var testDescription: String { "\(seed): \(promise)" }

  /// Seeds beyond the requested ones are left out.
  var isWanted: Bool { chosenSeed.map { $0 == seed } ?? (seed <= seeds ?? .max) }

  static let all =
    [8, 35, 39, 155].map { BadMonth(seed: $0, promise: "runs of one moment send a hook that they share once") }
    + [14, 15].map { BadMonth(seed: $0, promise: "nothing is removed for free space that others have made meanwhile") }
    + [BadMonth(seed: 59, promise: "no line stays twice whose archive is appended to between copy and cut")]
}
