import Rotation
import Testing
import Timekeeping

extension PlannerExhaustiveTests {
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
        var next = settled
        for step in Self.steps(settled, mode, .rotate) { try next.apply(step) }
        try #require(next.names[FilePath(Self.staging)] == nil)
        try #require(Set(next.bytes).count == next.bytes.count, "no content twice")
      }
    }
  }
}
