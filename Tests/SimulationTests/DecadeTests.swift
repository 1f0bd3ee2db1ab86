import Testing

@Suite("Ten virtual years")
struct DecadeTests {
  @Test(
    "serve each due time once, or by one catch-up, under set clocks, changed zones, suspends and restarts",
    arguments: [1, 2])
  func decade(seed: UInt64) throws {
    let world = try DecadeWorld(
      seed: seed,
      calendars: [
        ["02:30"], ["Sun *:30"], ["Mon..Fri 22:30 New_York"], ["weekly"], ["*-*~01 23:30", "Wed 12:00 Santiago"],
        ["00,12:15"], ["yearly"], ["2027..2029-02-29 06:00", "Sat *-*-1..7 18:00 Lord_Howe"],
      ], intervals: [7, 31])
    world.run(days: 3653)
    #expect(world.violations.isEmpty, "seed \(seed): \(world.violations.joined(separator: "\n"))")
    #expect(world.services > 20_000 && world.catchUps > 100 && world.skips > 100)
  }
}
