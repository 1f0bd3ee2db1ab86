import Rotation
import Testing
import Timekeeping

@Suite("A condition that a log has to meet at a due time")
struct ConditionTests {
  private static let now = WallTime(seconds: 2_000_000)

  private func plan(_ demand: Demand, size: Int64 = 100, begun: WallTime?) -> Plan {
    var rules = Policy.Rules(keep: 3)
    rules.minSize = 100
    rules.minAge = .seconds(7 * 86_400)
    let live = FileStatus(
      kind: .regular, inode: 1, size: size, mode: 0o640, user: 0, group: 0, links: 1, modified: WallTime(seconds: 0),
      born: nil)
    var inventory = Inventory(name: "app.log", live: live)
    inventory.begun = begun
    return Planner.plan(inventory, Policy(rules), demand, at: Moment(Self.now, in: .utc))
  }

  private func ago(_ seconds: Int64) -> WallTime { Self.now - .seconds(seconds) }

  @Test("is checked when a schedule is due, and only then")
  func asked() {
    #expect(plan(.rotateWhenMet, size: 99, begun: ago(9 * 86_400)).skip == .tooSmall(99, least: 100))
    let young = Skip.tooYoung(.seconds(86_400), least: .seconds(7 * 86_400))
    #expect(plan(.rotateWhenMet, begun: ago(86_400)).skip == young)
    #expect(plan(.rotateWhenMet, begun: ago(7 * 86_400)).takesLive)
    #expect(plan(.rotate, size: 1, begun: ago(1)).takesLive)
  }

  @Test("of age is met an hour early, as a rotation comes after its due time and a day may have 23 hours")
  func tolerance() {
    #expect(plan(.rotateWhenMet, begun: ago(7 * 86_400 - 3600)).takesLive)
    #expect(!plan(.rotateWhenMet, begun: ago(7 * 86_400 - 3601)).takesLive)
    let short = Condition.minAge(.seconds(100))
    #expect(short.unmet(by: Condition.Measures(size: 1, begun: ago(90), now: Self.now)) == nil)
    #expect(short.unmet(by: Condition.Measures(size: 1, begun: ago(89), now: Self.now)) != nil)
  }

  @Test("of age is met if the age is not known, or the clock was set back")
  func unknown() {
    #expect(plan(.rotateWhenMet, begun: nil).takesLive)
    #expect(plan(.rotateWhenMet, begun: Self.now + .seconds(5)).takesLive)
    #expect(!plan(.rotateWhenMet, begun: Self.now).takesLive)
  }

  @Test("delays neither a rotation that was begun nor the cleanup after one")
  func begun() {
    #expect(plan(.finish(Intent(inode: 1, due: nil)), size: 1, begun: Self.now).takesLive)
  }
}
