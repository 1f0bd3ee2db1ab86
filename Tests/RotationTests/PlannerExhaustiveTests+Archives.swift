import Rotation
import Testing
import Timekeeping

extension PlannerExhaustiveTests {
  static let modes = shiftModes + exchangeModes

  /// Carries out the work after a rotation, one step at a time, each from a new plan; calls `body` with each.
  static func keepHouse(
    _ directory: inout ModelDirectory, _ mode: Mode, emptied: UInt64? = nil, _ body: (Step) -> Void = { _ in }
  ) throws {
    var performed: Set<UInt64> = []
    for _ in 0..<100 {
      let plan = plan(directory, mode, .housekeeping, emptied: emptied)
      let pending = plan.whenReleased.first { pending in
        if case .perform = pending.step { !performed.contains(pending.archive.inode) } else { true }
      }
      guard let step = plan.now.first ?? pending?.step else { return }
      body(step)
      if plan.now.isEmpty, let pending {
        if case .perform = step { performed.insert(pending.archive.inode) }
        let isTold = performed.contains(pending.archive.inode) || mode.task == nil
        if case .remove(_, .keep) = step { try #require(isTold, "\(directory.contents)") }
      }
      try directory.apply(step)
    }
    Issue.record("there is always something left to do: \(directory.contents)")
  }

  /// Those where archives move up by exchanges; `keep = 3` has an archive on its way that is neither the newest nor the oldest.
  static let exchangeModes: [Mode] = Archives.all.filter { archives in
    archives.home == .logDirectory && !archives.naming.isDated
  }.flatMap { archives in
    (archives == Archives.all[0] ? [0, 1, 2, 3] : [2]).flatMap { keep in
      [Creation.likeOldLog, .leftToWriter].flatMap { creation in
        [nil, 1, 2].map {
          Mode(keep: keep, creation: creation, renames: .fastExchange, archives: archives, compressesFrom: $0)
        }
      }
    }
  }

  @Test("a log that has a second name among the old versions is left alone")
  func hardLinkedVersion() throws {
    var directory = ModelDirectory()
    directory.add("app.log.1", "old")
    directory.add(FilePath(Self.log), "live")
    directory.names["app.log.2"] = directory.names[FilePath(Self.log)]
    let plan = Planner.plan(directory.inventory(of: Self.log), Policy(keep: 1), .rotate)
    #expect(plan.now.isEmpty && plan.skip == .hardLinked(2))
  }

  @Test("a copy that an interrupted compression has left beside its source is removed; another's file is set aside")
  func copies() {
    let time = WallTime(seconds: 7)
    let versions = [
      Version(number: 1, inode: 11, modified: time), Version(number: 1, suffix: ".gz", inode: 12, modified: time),
      Version(number: 2, inode: 13, modified: time),
      Version(number: 2, suffix: ".gz", inode: 14, modified: WallTime(seconds: 8)),
    ]
    var directory = ModelDirectory()
    directory.add(FilePath(Self.log), "live")
    let inventory = Inventory(name: Self.log, live: directory.status(Self.log), versions: versions)
    let plan = Planner.plan(inventory, Policy(keep: 5), .rotate)
    #expect(plan.now.first == .remove(Location("app.log.1.gz"), .copy(of: Location("app.log.1"))))
    #expect(
      plan.now.contains(.rename(Location("app.log.2.gz"), to: Location("app.log.2.gz.set-aside-14"), .setAside)))
    #expect(plan.now.contains(.rename(Location("app.log.2"), to: Location("app.log.3"), .shift)))
  }

  @Test("an undo that a crash interrupts ends as the undisturbed one", arguments: modes + housekeepingModes)
  func undo(mode: Mode) throws {
    guard mode.renames == .full, mode.creation == .likeOldLog, !mode.truncates, mode.keep > 0,
      mode.archives.home.forNewArchives == .logDirectory
    else { return }
    for start in Self.directories(mode, leftover: .none) {
      var rotated = start
      for step in Self.steps(start, mode, .rotate) { try rotated.apply(step) }
      let live = try #require(start.names[FilePath(Self.log)])
      let fresh = try #require(rotated.names[FilePath(Self.log)]).inode
      let plan = Self.plan(rotated, mode, .undo(live.inode))
      try #require(plan.now.count == 1)
      var crashed = rotated
      try crashed.apply(plan.now[0])
      try #require(crashed.names[FilePath(Self.log)] == live, "its writer has it again")
      let undone = plan.whenReleased.filter { $0.archive.isEmptied }
      try #require(undone.map(\.archive.inode) == [fresh])
      var undisturbed = crashed
      try undisturbed.apply(undone[0].step)
      try #require(undisturbed.bytes == rotated.bytes)
      try #require(undisturbed.names.values.allSatisfy { !$0.content.isEmpty })
      try Self.keepHouse(&undisturbed, mode)
      // The state knows the empty file; otherwise it is an archive, and costs its name.
      for emptied in [fresh, nil] {
        var recovered = crashed
        for step in Self.plan(crashed, mode, .settle, emptied: emptied).now { try recovered.apply(step) }
        try Self.keepHouse(&recovered, mode, emptied: emptied)
        try #require(recovered.names[FilePath(Self.log)] == live)
        if emptied != nil {
          try #require(recovered.contents == undisturbed.contents, "\(mode): \(crashed.contents)")
        } else {
          let lost = Set(rotated.bytes).subtracting(recovered.bytes)
          try #require(Set(lost.map(\.last)).count <= 1 && !lost.contains("live"), "one version, \(lost)")
        }
      }
    }
  }

  @Test("retention that a crash interrupts leaves archives from which the next rotation ends clean", arguments: modes)
  func retention(mode: Mode) throws {
    for start in Self.directories(mode, leftover: .none) {
      let inventory = start.inventory(of: Self.log, mode.archives.naming, home: mode.archives.home)
      let archives = Housekeeping.ranked(Retention.proven(inventory, keep: mode.keep)).map { rank, version in
        Retention.Archive(
          job: "app", log: "/app.log", location: inventory.location(of: version), inode: version.inode, rank: rank,
          bytes: 1, modified: version.modified ?? WallTime(seconds: 0), keepMin: 1)
      }
      var left = start
      for archive in Retention.aged(archives, .seconds(0), now: Self.today.time) {
        try left.apply(.remove(archive.location, .age(.seconds(0))))
        try #require(left.names.keys.contains { $0 == FilePath(Self.log) })
        try check(left, mode)
      }
      // The newest stays.
      let newest = Set(archives.filter { $0.rank == 1 }.map(\.location.path))
      try #require(newest.isSubset(of: left.names.keys))
    }
  }

  @Test("without the intent loses nothing, and the next rotation ends clean", arguments: modes)
  func lostIntent(mode: Mode) throws {
    for start in Self.directories(mode, leftover: .none) {
      var crashed = start
      for step in Self.steps(start, mode, .rotate) {
        try crashed.apply(step)
        var settled = crashed
        for step in Self.steps(crashed, mode, .settle, at: Self.tomorrow) { try settled.apply(step) }
        let livesOn = settled.bytes.contains("live")
        try #require(livesOn || mode.keep == 0, "\(mode): \(crashed.contents) settled to \(settled.contents)")
        try checkOrder(of: settled, start, mode)
        var next = settled
        for step in Self.steps(settled, mode, .rotate) { try next.apply(step) }
        try #require(next.names[FilePath(Self.staging)] == nil)
        try #require(Set(next.bytes).count == next.bytes.count, "no content twice")
      }
    }
  }

  /// No archive has come before one that is newer: what a rotation pushes out later is always the oldest.
  private func checkOrder(of end: ModelDirectory, _ start: ModelDirectory, _ mode: Mode) throws {
    let before = [["live"]] + Self.contents(start, mode).map(\.value)
    let ages = Self.contents(end, mode).flatMap(\.value).compactMap { content in
      before.firstIndex { $0.contains(content) }
    }
    try #require(ages == ages.sorted(), "\(mode): \(end.contents)")
  }

  @Test(
    "a source that a rotation has overtaken under its hidden name is beside its copy again",
    arguments: housekeepingModes)
  func overtaken(mode: Mode) throws {
    // Compressed from 2 and with two to keep, the copy would be pushed out.
    guard mode.compressesFrom == 1, !mode.truncates, mode.renames == .full else { return }
    var overtaken = 0
    for start in Self.directories(mode, leftover: .none) {
      var crashed = start
      var steps: [Step] = []
      var undisturbed = start
      try Self.keepHouse(&undisturbed, mode) { steps.append($0) }
      for step in steps {
        for call in 0..<ModelDirectory.calls(of: step) {
          try crashed.apply(step, call: call)
          guard case .compress(let archive, _) = step, call == 2 else { continue }
          overtaken += try checkOvertaken(crashed, archive, mode) ? 1 : 0
        }
      }
    }
    #expect(overtaken > 0)
  }

  /// A rotation sees no hidden names; the next start does. False when the rotation has removed the copy.
  private func checkOvertaken(_ crashed: ModelDirectory, _ archive: Location, _ mode: Mode) throws -> Bool {
    func rotate(_ directory: inout ModelDirectory) throws {
      let inventory = directory.inventory(
        of: Self.log, mode.archives.naming, home: mode.archives.home, seesHidden: false)
      let plan = Planner.plan(inventory, mode.policy, .rotate, at: Self.tomorrow, renames: mode.renames)
      for step in plan.now { try directory.apply(step) }
    }
    var (late, early) = (crashed, crashed)
    try rotate(&late)
    for directory in [crashed, late] {
      guard let source = directory.names.first(where: { StagingName.supersededArchive(of: $0.key.split.name) != nil }),
        directory.names.contains(where: { $0.value.content == "gz:\(source.value.content)" })
      else { return false }
    }
    for step in Self.plan(late, mode, .settle).now { try late.apply(step) }
    try Self.keepHouse(&late, mode)
    for step in Self.plan(early, mode, .settle).now { try early.apply(step) }
    try rotate(&early)
    try Self.keepHouse(&early, mode)
    try #require(late.contents == early.contents, "\(mode): \(archive) in \(crashed.contents)")
    return true
  }
}
