import Rotation
import Testing
import Timekeeping

/// Every small world: versions 1 … keep + 2 each absent, uncompressed, compressed or both; every leftover under the
/// staging name; every prefix of the system calls of every plan, and of the work after it: compressions, transfers,
/// removals.
@Suite("Planning again after a crash at any step")
struct PlannerExhaustiveTests {
  static let log: FileName = "app.log"
  static let staging = StagingName.of(log)

  enum Leftover: CaseIterable {
    case none, prepared, exchanged
  }

  /// The names and directories of archives.
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

    /// The key of a version by its age, 1 for the newest; the newest dated one is of today.
    func key(_ age: Int) -> VersionKey {
      naming.isDated ? .date(today.time.seconds - Int64(age - 1) * 86_400, sequence: 0) : .number(age)
    }

    /// The directory of a version: every other one is beside the log, as if archives had only recently got a directory.
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
    var truncates = false
    /// The newest version that is compressed; nil compresses none.
    var compressesFrom: Int?
    /// What is done with an archive before it is removed.
    var task: RemovalTask?

    var description: String {
      "keep \(keep), \(creation == .leftToWriter ? "no create" : "create"), \(renames), \(archives.naming.example(of: log)) "
        + "in \(archives.home)\(truncates ? ", truncated" : "")"
        + (compressesFrom.map { ", compressed from \($0)" } ?? "")
    }

    var policy: Policy {
      var rules = Policy.Rules(keep: keep)
      rules.creation = creation
      if truncates { rules.method = .truncate(by: .auto) }
      rules.compression = compressesFrom.map { Compression(command: ["gzip"], suffix: ".gz", from: $0) }
      rules.beforeRemoval = task.map { [$0] } ?? []
      return Policy(rules)
    }

    /// The rotation of a log as it is written down before its first step.
    func intent(_ live: UInt64, _ plan: Plan) -> Intent {
      Intent(
        inode: live, due: nil, time: today.time, copy: truncates ? ModelDirectory.copy : nil, archives: plan.exchanged)
    }
  }

  static let shiftModes: [Mode] = Archives.all.flatMap { archives in
    [0, 1, 2].flatMap { keep in
      [Creation.likeOldLog, .leftToWriter].flatMap { creation in
        [RenameSupport.full, .linkOnly].map {
          Mode(keep: keep, creation: creation, renames: $0, archives: archives)
        }
      }
    }
  }

  /// The same with the work after a rotation.
  static let housekeepingModes: [Mode] = Archives.all.flatMap { archives in
    [1, 2].flatMap { from in
      [RenameSupport.full, .linkOnly].map {
        Mode(keep: 2, creation: .likeOldLog, renames: $0, archives: archives, compressesFrom: from)
      }
    }
      + [0, 1, 2].flatMap { keep in
        [nil, 1].map { from in
          Mode(
            keep: keep, creation: .likeOldLog, renames: .full, archives: archives, truncates: true,
            compressesFrom: from)
        }
      }
  }

  /// All directories with versions of these ages; `code` has the form of each of them, in base 4.
  static func directories(_ mode: Mode, leftover: Leftover) -> [ModelDirectory] {
    // One more than a rotation can push out; where names and places are others, that is seen from fewer.
    let numbers = mode.archives == Archives.all[0] || mode.keep > 2 ? mode.keep + 2 : min(mode.keep + 2, 3)
    return (0..<(1 << (2 * numbers))).compactMap { code in
      // Of so many versions none has two files.
      if mode.keep > 2, code & (code >> 1) & 0b01_0101_0101 != 0 { return nil }
      var directory = ModelDirectory()
      for number in (1...numbers).reversed() {
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

  static func plan(
    _ directory: ModelDirectory, _ mode: Mode, _ demand: Demand, at moment: Moment = today, emptied: UInt64? = nil
  ) -> Plan {
    let inventory = directory.inventory(
      of: log, mode.archives.naming, home: mode.archives.home, emptied: emptied)
    return Planner.plan(inventory, mode.policy, demand, at: moment, renames: mode.renames)
  }

  static func steps(
    _ directory: ModelDirectory, _ mode: Mode, _ demand: Demand, at moment: Moment = today
  ) -> [Step] {
    plan(directory, mode, demand, at: moment).now
  }

  @Test(
    "reaches the end of the undisturbed rotation: no version lost, none doubled, the live name never absent",
    arguments: modes + housekeepingModes)
  func everyPrefix(mode: Mode) throws {
    for leftover in Leftover.allCases {
      // If a log is truncated, no rotation by moving comes before.
      if mode.truncates, leftover != .none { continue }
      for start in Self.directories(mode, leftover: leftover) {
        try check(start, mode)
      }
    }
  }

  func check(_ start: ModelDirectory, _ mode: Mode) throws {
    let live = try #require(start.names[FilePath(Self.log)])
    let plan = Self.plan(start, mode, .rotate)
    var undisturbed = start
    for step in plan.now { try undisturbed.apply(step) }
    try checkEnd(undisturbed, start, mode)
    let rotated = undisturbed
    var steps = plan.now
    try Self.keepHouse(&undisturbed, mode) { steps.append($0) }
    try checkKept(undisturbed, rotated, mode, plan)

    var crashed = start
    let intent = mode.intent(live.inode, plan)
    try checkRecovery(crashed, undisturbed, mode, .finish(intent), steps.prefix(0))
    for (index, step) in steps.enumerated() {
      for call in 0..<ModelDirectory.calls(of: step) {
        try crashed.apply(step, call: call)
        if mode.creation != .leftToWriter {
          try #require(crashed.names[FilePath(Self.log)] != nil, "\(crashed) after \(steps.prefix(index + 1))")
        }
        let removed = Set(start.bytes).subtracting(crashed.bytes)
        try #require(
          removed.isEmpty || Self.contents(crashed, mode).first?.value == ["live"] || mode.keep == 0
            || index >= plan.now.count)
        // The end of the rotation is written down after its last step; before that, or if that is lost, the intent is open.
        try checkRecovery(crashed, undisturbed, mode, .finish(intent), steps.prefix(index + 1))
        if index >= plan.now.count - 1 {
          try checkRecovery(crashed, undisturbed, mode, .settle, steps.prefix(index + 1))
        }
      }
    }
  }

  /// Whether a crash here leads to the end of the undisturbed run.
  private func checkRecovery(
    _ crashed: ModelDirectory, _ undisturbed: ModelDirectory, _ mode: Mode, _ demand: Demand, _ steps: ArraySlice<Step>
  ) throws {
    var recovered = crashed
    if mode.truncates, crashed.names.values.allSatisfy({ $0.inode != ModelDirectory.copy }), steps.count > 0,
      case .finish = demand, !steps.contains(where: { if case .publishCopy = $0 { true } else { false } })
    {
      // The copy had no name yet, and ended with the daemon: the log is archived at its next due time.
      for step in Self.steps(crashed, mode, .rotate) { try recovered.apply(step) }
    } else if mode.truncates, steps.isEmpty {
      return
    } else {
      for step in Self.steps(crashed, mode, demand, at: Self.tomorrow) { try recovered.apply(step) }
    }
    let again = Self.steps(recovered, mode, demand, at: Self.tomorrow).filter { step in
      // A truncation can be repeated.
      if case .truncate = step { false } else { true }
    }
    try #require(again.isEmpty, "recovery is done once: \(recovered.contents)")
    try Self.keepHouse(&recovered, mode)
    try #require(
      recovered.contents == undisturbed.contents, "\(mode): after \(steps): \(crashed.contents)")
  }

  /// What housekeeping must leave: every content, in the same order, and none hidden; kept versions compressed and
  /// where they belong.
  private func checkKept(_ end: ModelDirectory, _ start: ModelDirectory, _ mode: Mode, _ plan: Plan) throws {
    try #require(end.bytes == start.bytes, "\(mode) from \(start.contents)")
    let (before, after) = (Self.contents(start, mode), Self.contents(end, mode))
    try #require(before.map(\.key) == after.map(\.key))
    try #require(before.map(\.value) == after.map { Set($0.value.map(ModelDirectory.plain)) })
    let inventory = end.inventory(of: Self.log, mode.archives.naming, home: mode.archives.home)
    try #require(inventory.hidden.isEmpty)
    // The planner knows beforehand the result of its steps.
    func names(_ inventory: Inventory) -> [Location] { inventory.versions.map(inventory.location(of:)) }
    try #require(names(plan.result) == names(inventory), "\(mode) from \(start.contents)")
    for (rank, version) in Housekeeping.ranked(inventory.versions) {
      if case .otherFileSystem = mode.archives.home { try #require(version.place == mode.archives.home) }
      guard let from = mode.compressesFrom, rank >= from, version.number ?? 0 <= mode.keep,
        inventory.versions.count(where: { $0.key == version.key }) == 1
      else { continue }
      try #require(version.suffix == ".gz", "\(mode) from \(start.contents)")
    }
  }

  /// What a finished rotation must look like, computed without the planner.
  private func checkEnd(_ end: ModelDirectory, _ start: ModelDirectory, _ mode: Mode) throws {
    try #require(end.names[FilePath(Self.staging)] == nil)
    try #require(end.names[FilePath(Self.log)]?.content == (mode.creation == .leftToWriter ? nil : ""))
    if mode.truncates { try #require(end.names[FilePath(Self.log)]?.inode == start.names[FilePath(Self.log)]?.inode) }
    try #require(Set(end.bytes).count == end.bytes.count, "no content twice")
    let former = start.names[FilePath(Self.staging)]?.content == "former live" ? ["former live"] : []
    var expected = Self.contents(start, mode).map(\.value)
    if mode.archives.naming.isDated {
      for content in former + ["live"] { expected.insert([content], at: 0) }
      expected = Array(expected.prefix(mode.keep))
      try #require(Self.contents(end, mode).map(\.value) == expected, "\(mode) from \(start.contents)")
      return
    }
    // Each number's contents, by a second form of the rules that is shorter than the planner's.
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
  static func contents(_ directory: ModelDirectory, _ mode: Mode) -> [(key: VersionKey, value: Set<String>)] {
    let inventory = directory.inventory(of: log, mode.archives.naming, home: mode.archives.home)
    var contents: [(key: VersionKey, value: Set<String>)] = []
    for version in inventory.versions {
      guard let file = directory.names[inventory.location(of: version).path] else { continue }
      if contents.last?.key != version.key { contents.append((version.key, [])) }
      contents[contents.count - 1].value.insert(file.content)
    }
    return contents
  }

  /// A new version 1: those before it move up by one as far as they follow each other; of two files, the uncompressed one.
  private static func push(_ content: String, onto numbers: inout [Int: Set<String>]) {
    var gap = 1
    while numbers[gap] != nil { gap += 1 }
    for number in (1..<gap).reversed() {
      let plain = Set((numbers[number] ?? []).filter { !$0.hasPrefix("compressed") })
      numbers[number + 1] = plain.isEmpty ? numbers[number] : plain
    }
    numbers[1] = [content]
  }
}
