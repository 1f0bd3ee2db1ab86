import Rotation
import Testing
import Timekeeping

/// Every small world: versions 1 … keep + 2 each absent, plain, compressed or both; every leftover under the staging
/// name; every prefix of every plan.
@Suite("Planning again after a crash at any step")
struct PlannerExhaustiveTests {
  static let log: FileName = "app.log"
  static let staging = StagingName.of(log)

  enum Leftover: CaseIterable {
    case none, prepared, exchanged
  }

  /// What archives are called and where they belong.
  struct Archives: Hashable {
    var naming: ArchiveNaming
    var home: DirectoryRole

    static let all: [Archives] = {
      let (old, other) = (DirectoryRole.archiveDirectory("old"), DirectoryRole.otherFileSystem("/other"))
      let numbered = ArchiveNaming(Naming(style: .numbered, ending: .extension_))
      let dated = ArchiveNaming(Naming(style: .dated(DateFormat(text: "-%Y%m%d"))))
      let datedLast = ArchiveNaming(Naming(style: .dated(DateFormat(text: "-%Y%m%d")), ending: .extension_))
      return [
        Archives(naming: .numbered, home: .logDirectory), Archives(naming: .numbered, home: old),
        Archives(naming: .numbered, home: other), Archives(naming: numbered, home: .logDirectory),
        Archives(naming: dated, home: .logDirectory), Archives(naming: dated, home: old),
        Archives(naming: datedLast, home: other),
      ]
    }()

    /// The key of a version by its age, 1 for the newest; of dated ones that is of today.
    func key(_ age: Int) -> VersionKey {
      naming.isDated ? .date(today.time.seconds - Int64(age - 1) * 86_400, sequence: 0) : .number(age)
    }

    /// Where a version lies: every other one beside the log, as though archives had only lately got a directory.
    func place(_ age: Int) -> DirectoryRole { age % 2 == 0 ? .logDirectory : home }
  }

  /// Midnight of a day, and when a crash is recovered from.
  static let today = Moment(WallTime(seconds: 20_000 * 86_400), in: .utc)
  static let tomorrow = Moment(WallTime(seconds: 20_001 * 86_400), in: .utc)

  struct Mode: CustomStringConvertible {
    var keep: Int
    var creation: Creation
    var renames: RenameSupport
    var archives: Archives
    var description: String {
      "keep \(keep), \(creation == .leftToWriter ? "no create" : "create"), \(renames), \(archives.naming.example(of: log)) "
        + "in \(archives.home)"
    }
  }

  static let modes: [Mode] = Archives.all.flatMap { archives in
    [0, 1, 2].flatMap { keep in
      [Creation.likeOldLog, .leftToWriter].flatMap { creation in
        [RenameSupport.full, .linkOnly].map {
          Mode(keep: keep, creation: creation, renames: $0, archives: archives)
        }
      }
    }
  }

  /// All directories with versions of these ages; `code` says in base 4 what each of them has.
  static func directories(_ mode: Mode, leftover: Leftover) -> [ModelDirectory] {
    // One more than a rotation can push out; where names and places are others, that is seen from fewer.
    let numbers = mode.archives == Archives.all[0] ? mode.keep + 2 : min(mode.keep + 2, 3)
    return (0..<(1 << (2 * numbers))).map { code in
      var directory = ModelDirectory()
      for number in 1...numbers {
        let kinds = (code >> (2 * (number - 1))) & 3
        for (bit, suffix, content) in [(1, "", "plain"), (2, ".gz", "compressed")] where kinds & bit != 0 {
          let name = mode.archives.naming.name(of: log, mode.archives.key(number), suffix: suffix)
          directory.add(Location(name, in: mode.archives.place(number)).path, "\(content) \(number)")
        }
      }
      if leftover == .exchanged { directory.add(FilePath(staging), "former live") }
      directory.add(FilePath(log), "live")
      if leftover == .prepared { directory.add(FilePath(staging), "") }
      return directory
    }
  }

  static func steps(
    _ directory: ModelDirectory, _ mode: Mode, _ demand: Demand, at moment: Moment = today
  ) -> [Step] {
    let policy = Policy(keep: mode.keep, creation: mode.creation)
    let inventory = directory.inventory(of: log, mode.archives.naming, home: mode.archives.home)
    switch Planner.plan(inventory, policy, demand, at: moment, renames: mode.renames) {
    case .plan(let plan): return plan.steps
    case .skip: return []
    }
  }

  @Test(
    "reaches the end of the undisturbed rotation, with no version lost, none doubled, the live name never absent",
    arguments: modes)
  func everyPrefix(mode: Mode) throws {
    for leftover in Leftover.allCases {
      for start in Self.directories(mode, leftover: leftover) {
        try check(start, mode)
      }
    }
  }

  private func check(_ start: ModelDirectory, _ mode: Mode) throws {
    let live = try #require(start.names[FilePath(Self.log)])
    let intent = Intent(inode: live.inode, due: nil, time: Self.today.time)
    let plan = Self.steps(start, mode, .rotate)
    var undisturbed = start
    for step in plan { try undisturbed.apply(step) }
    try checkEnd(undisturbed, start, mode)

    var crashed = start
    for count in 0...plan.count {
      if count > 0 { try crashed.apply(plan[count - 1]) }
      if mode.creation != .leftToWriter {
        try #require(crashed.names[FilePath(Self.log)] != nil, "\(crashed) after \(plan.prefix(count))")
      }
      let kept = Set(crashed.bytes)
      let removed = Set(start.bytes).subtracting(kept)
      try #require(removed.isEmpty || Self.contents(crashed, mode).first?.value == ["live"] || mode.keep == 0)
      var recovered = crashed
      for step in Self.steps(crashed, mode, .finish(intent), at: Self.tomorrow) { try recovered.apply(step) }
      try #require(
        recovered.contents == undisturbed.contents,
        "\(mode): after \(plan.prefix(count)) of \(plan) from \(start.contents)")
      try #require(
        Self.steps(recovered, mode, .finish(intent), at: Self.tomorrow).isEmpty,
        "recovery is done once: \(recovered.contents)")
    }
  }

  /// What a finished rotation must look like, said without the planner.
  private func checkEnd(_ end: ModelDirectory, _ start: ModelDirectory, _ mode: Mode) throws {
    try #require(end.names[FilePath(Self.staging)] == nil)
    try #require(end.names[FilePath(Self.log)]?.content == (mode.creation == .leftToWriter ? nil : ""))
    try #require(Set(end.bytes).count == end.bytes.count, "no content twice")
    let former = start.names[FilePath(Self.staging)]?.content == "former live" ? ["former live"] : []
    var expected = Self.contents(start, mode).map(\.value)
    if mode.archives.naming.isDated {
      for content in former + ["live"] { expected.insert([content], at: 0) }
      expected = Array(expected.prefix(mode.keep))
      try #require(Self.contents(end, mode).map(\.value) == expected, "\(mode) from \(start.contents)")
      return
    }
    // Each number's contents, by a second telling of the rules that is shorter than the planner's.
    var numbers = Dictionary(
      uniqueKeysWithValues: Self.contents(start, mode).compactMap { key, value in
        if case .number(let number) = key { (number, value) } else { nil }
      })
    for content in former + ["live"] { Self.push(content, onto: &numbers) }
    var number = 1
    while numbers[number] != nil {
      if number > mode.keep { numbers[number] = nil }
      number += 1
    }
    let ends = Self.contents(end, mode).map { ($0.key, $0.value) }
    let wanted = numbers.sorted { $0.key < $1.key }.map { (VersionKey.number($0.key), $0.value) }
    try #require(ends.map(\.0) == wanted.map(\.0) && ends.map(\.1) == wanted.map(\.1), "\(mode) from \(start.contents)")
    if case .archiveDirectory = mode.archives.home, mode.keep > 0 {
      try #require(end.names.filter { $0.value.content == "live" }.keys.allSatisfy { $0.split.directory == "old" })
    }
  }

  /// The contents of each version that there is, the newest first.
  private static func contents(_ directory: ModelDirectory, _ mode: Mode) -> [(key: VersionKey, value: Set<String>)] {
    let inventory = directory.inventory(of: log, mode.archives.naming, home: mode.archives.home)
    var contents: [(key: VersionKey, value: Set<String>)] = []
    for version in inventory.versions {
      guard let file = directory.names[inventory.location(of: version).path] else { continue }
      if contents.last?.key != version.key { contents.append((version.key, [])) }
      contents[contents.count - 1].value.insert(file.content)
    }
    return contents
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
    directory.add(FilePath(Self.log), "live")
    directory.names["app.log.2"] = directory.names[FilePath(Self.log)]
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
    directory.add(FilePath(Self.log), "live")
    let inventory = Inventory(name: Self.log, live: directory.status(Self.log), versions: versions)
    guard case .plan(let plan) = Planner.plan(inventory, Policy(keep: 5), .rotate) else {
      Issue.record("no plan")
      return
    }
    #expect(plan.steps.first == .discard(Location("app.log.1.gz"), copyOf: Location("app.log.1")))
    #expect(
      plan.steps.contains(.rename(Location("app.log.2.gz"), to: Location("app.log.2.gz.set-aside-14"), .setAside)))
    #expect(plan.steps.contains(.rename(Location("app.log.2"), to: Location("app.log.3"), .shift)))
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
