import Rotation
import Testing

/// Every small world: versions 1 … keep + 2 each absent, plain, compressed or both; every leftover under the staging
/// name; every prefix of every plan.
@Suite("Planning again after a crash at any step")
struct PlannerExhaustiveTests {
  static let log = "app.log"
  static let staging = StagingName.of(log)

  enum Leftover: CaseIterable {
    case none, prepared, exchanged
  }

  /// All directories with these numbers of versions; `versions` digits in base 4 say what each number has.
  static func directories(keep: Int, leftover: Leftover) -> [ModelDirectory] {
    let numbers = keep + 2
    return (0..<(1 << (2 * numbers))).map { code in
      var directory = ModelDirectory()
      for number in 1...numbers {
        let kinds = (code >> (2 * (number - 1))) & 3
        if kinds & 1 != 0 { directory.add("\(log).\(number)", "plain \(number)") }
        if kinds & 2 != 0 { directory.add("\(log).\(number).gz", "compressed \(number)") }
      }
      if leftover == .exchanged { directory.add(staging, "former live") }
      directory.add(log, "live")
      if leftover == .prepared { directory.add(staging, "") }
      return directory
    }
  }

  struct Mode: CustomStringConvertible {
    var keep: Int
    var creation: Creation
    var renames: RenameSupport
    var description: String { "keep \(keep), \(creation == .leftToWriter ? "no create" : "create"), \(renames)" }
  }

  static let modes: [Mode] = [0, 1, 2].flatMap { keep in
    [Creation.likeOldLog, .leftToWriter].flatMap { creation in
      [RenameSupport.full, .linkOnly].map { Mode(keep: keep, creation: creation, renames: $0) }
    }
  }

  static func steps(_ directory: ModelDirectory, _ mode: Mode, _ demand: Demand) -> [Step] {
    let policy = Policy(keep: mode.keep, creation: mode.creation)
    switch Planner.plan(directory.inventory(of: log), policy, demand, renames: mode.renames) {
    case .plan(let plan): return plan.steps
    case .skip: return []
    }
  }

  @Test(
    "reaches the end of the undisturbed rotation, with no version lost, none doubled, the live name never absent",
    arguments: modes)
  func everyPrefix(mode: Mode) throws {
    for leftover in Leftover.allCases {
      for start in Self.directories(keep: mode.keep, leftover: leftover) {
        try check(start, mode)
      }
    }
  }

  private func check(_ start: ModelDirectory, _ mode: Mode) throws {
    let intent = Intent(inode: try #require(start.names[Self.log]).inode, due: nil)
    let plan = Self.steps(start, mode, .rotate)
    var undisturbed = start
    for step in plan { try undisturbed.apply(step) }
    try checkEnd(undisturbed, start, mode)

    var crashed = start
    for count in 0...plan.count {
      if count > 0 { try crashed.apply(plan[count - 1]) }
      if mode.creation != .leftToWriter {
        try #require(crashed.names[Self.log] != nil, "\(crashed) after \(plan.prefix(count))")
      }
      let kept = Set(crashed.bytes)
      let removed = Set(start.bytes).subtracting(kept)
      try #require(removed.isEmpty || crashed.names["\(Self.log).1"]?.content == "live" || mode.keep == 0)
      var recovered = crashed
      for step in Self.steps(crashed, mode, .finish(intent)) { try recovered.apply(step) }
      try #require(
        recovered.contents == undisturbed.contents,
        "\(mode): after \(plan.prefix(count)) of \(plan) from \(start.contents)")
      try #require(Self.steps(recovered, mode, .finish(intent)).isEmpty, "recovery is done once: \(recovered.contents)")
    }
  }

  /// What a finished rotation must look like, said without the planner.
  private func checkEnd(_ end: ModelDirectory, _ start: ModelDirectory, _ mode: Mode) throws {
    try #require(end.names[Self.staging] == nil)
    try #require(end.names[Self.log]?.content == (mode.creation == .leftToWriter ? nil : ""))
    try #require(Set(end.bytes).count == end.bytes.count, "no content twice")
    // Each number's contents, by a second telling of the rules that is shorter than the planner's.
    var numbers = Self.contents(start)
    if start.names[Self.staging]?.content == "former live" { Self.push("former live", onto: &numbers) }
    Self.push("live", onto: &numbers)
    var number = 1
    while numbers[number] != nil {
      if number > mode.keep { numbers[number] = nil }
      number += 1
    }
    try #require(Self.contents(end) == numbers, "\(mode) from \(start.contents)")
  }

  /// The contents of each version number that is in use.
  private static func contents(_ directory: ModelDirectory) -> [Int: Set<String>] {
    directory.inventory(of: log).versions.reduce(into: [:]) { numbers, version in
      guard let file = directory.names["\(log).\(version.number)\(version.suffix)"] else { return }
      numbers[version.number, default: []].insert(file.content)
    }
  }

  /// A new version 1: those before it go up by one as far as they follow on each other, of two files the plain one.
  private static func push(_ content: String, onto numbers: inout [Int: Set<String>]) {
    var gap = 1
    while numbers[gap] != nil { gap += 1 }
    for number in (1..<gap).reversed() {
      let plain = Set((numbers[number] ?? []).filter { !$0.hasPrefix("compressed") })
      numbers[number + 1] = plain.isEmpty ? numbers[number] : plain
    }
    numbers[1] = [content]
  }

  @Test("a log that has a second name among the old versions is left alone")
  func hardLinkedVersion() throws {
    var directory = ModelDirectory()
    directory.add("app.log.1", "old")
    directory.add(Self.log, "live")
    directory.names["app.log.2"] = directory.names[Self.log]
    let verdict = Planner.plan(directory.inventory(of: Self.log), Policy(keep: 1), .rotate)
    #expect(verdict == .skip(.hardLinked(2)))
  }

  @Test("a copy that a cut-off compression has left beside its source goes; another's file is set aside")
  func copies() {
    let time = WallTime(seconds: 7)
    let versions = [
      Version(number: 1, inode: 11, modified: time), Version(number: 1, suffix: ".gz", inode: 12, modified: time),
      Version(number: 2, inode: 13, modified: time),
      Version(number: 2, suffix: ".gz", inode: 14, modified: WallTime(seconds: 8)),
    ]
    var directory = ModelDirectory()
    directory.add(Self.log, "live")
    let inventory = Inventory(name: Self.log, live: directory.status(Self.log), versions: versions)
    guard case .plan(let plan) = Planner.plan(inventory, Policy(keep: 5), .rotate) else {
      Issue.record("no plan")
      return
    }
    #expect(plan.steps.first == .discard("app.log.1.gz", copyOf: "app.log.1"))
    #expect(plan.steps.contains(.rename("app.log.2.gz", to: "app.log.2.gz.set-aside-14", .setAside)))
    #expect(plan.steps.contains(.rename("app.log.2", to: "app.log.3", .shift)))
  }

  @Test("without the intent loses nothing, and the next rotation ends clean", arguments: modes)
  func lostIntent(mode: Mode) throws {
    for start in Self.directories(keep: mode.keep, leftover: .none) {
      var crashed = start
      for step in Self.steps(start, mode, .rotate) {
        try crashed.apply(step)
        var settled = crashed
        for step in Self.steps(crashed, mode, .settle) { try settled.apply(step) }
        let livesOn = settled.bytes.contains("live")
        try #require(livesOn || mode.keep == 0, "\(mode): \(crashed.contents) settled to \(settled.contents)")
        var next = settled
        for step in Self.steps(settled, mode, .rotate) { try next.apply(step) }
        try #require(next.names[Self.staging] == nil)
        try #require(Set(next.bytes).count == next.bytes.count, "no content twice")
      }
    }
  }
}
