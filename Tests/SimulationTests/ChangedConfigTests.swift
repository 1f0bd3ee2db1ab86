import Config
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

/// The settings for the archives of the one log.
private struct Setup: Hashable, CustomStringConvertible {
  enum Names: String { case numbered, dated, extension_, datedExtension }
  enum DirectoryRole: String { case beside, below, other }
  enum Compressor: String { case none, gz, zst, own }

  var names = Names.numbered
  var place = DirectoryRole.beside
  var compressor = Compressor.gz
  /// nil moves the log.
  var way: TruncationMethod?

  var description: String { "\(names)/\(place)/\(compressor)/\(way?.rawValue ?? "move")" }

  var policy: Policy {
    var policy = Policy(keep: 3)
    let format = DateFormat(text: "-%Y%m%d-%H%M%S")
    policy.rules.naming =
      switch names {
      case .numbered: Naming()
      case .dated: Naming(style: .dated(format))
      case .extension_: Naming(ending: .extension_)
      case .datedExtension: Naming(style: .dated(format), ending: .extension_)
      }
    switch place {
    case .beside: policy.rules.archiveDirectory = nil
    case .below: policy.rules.archiveDirectory = ArchiveDirectory(path: "old")
    case .other: policy.rules.archiveDirectory = ArchiveDirectory(path: "/archive")
    }
    policy.rules.compression =
      compressor == .none ? nil : Compression(command: ["zip"], suffix: ".\(compressor.rawValue)")
    if let way { policy.rules.method = .truncate(by: way) }
    return policy
  }

  var directory: FilePath {
    switch place {
    case .beside: "/logs"
    case .below: "/logs/old"
    case .other: "/archive"
    }
  }
}

/// Two configs that differ in one point, and the file system that the log is on.
struct Change: Hashable, CustomStringConvertible, Sendable {
  fileprivate var before: Setup
  fileprivate var after: Setup
  var isLinkOnly = false

  var description: String { "\(before) to \(after)\(isLinkOnly ? ", by links" : "")" }

  fileprivate static let places: [Setup.DirectoryRole] = [.beside, .below, .other]

  static let ofNames = with { add in
    let pairs: [(Setup.Names, Setup.Names)] = [
      (.numbered, .dated), (.dated, .numbered), (.numbered, .extension_), (.extension_, .datedExtension),
      (.dated, .datedExtension), (.datedExtension, .extension_),
    ]
    for place in places {
      for (before, after) in place == .beside ? pairs : Array(pairs.prefix(2)) {
        add(Setup(names: before, place: place), Setup(names: after, place: place))
      }
    }
  }

  static let ofCompressor = with { add in
    let pairs: [(Setup.Compressor, Setup.Compressor)] = [
      (.gz, .zst), (.zst, .none), (.none, .gz), (.own, .none), (.own, .gz),
    ]
    for place in places {
      for (before, after) in place == .below ? Array(pairs.prefix(1)) : pairs {
        add(Setup(place: place, compressor: before), Setup(place: place, compressor: after))
      }
    }
    add(Setup(names: .dated), Setup(names: .dated, compressor: .zst))
    add(Setup(names: .dated), Setup(names: .dated, compressor: .none))
  }

  static let ofPlace = with { add in
    for from in places {
      for to in places where to != from { add(Setup(place: from), Setup(place: to)) }
      let next: Setup.DirectoryRole = from == .beside ? .below : from == .below ? .other : .beside
      add(Setup(names: .dated, place: from), Setup(names: .dated, place: next))
    }
    for compressor: Setup.Compressor in [.none, .own] {
      add(Setup(place: .other, compressor: compressor), Setup(place: .beside, compressor: compressor))
    }
  }

  static let ofMethod = with { add in
    for place in places {
      for way: TruncationMethod in place == .beside ? [.collapse, .punch, .copy] : [.punch] {
        add(Setup(place: place), Setup(place: place, way: way))
        add(Setup(place: place, way: way), Setup(place: place))
      }
    }
  }

  /// The other three, of jobs that truncate.
  static let ofTruncating = with { add in
    for way: TruncationMethod in [.collapse, .punch, .copy] {
      add(Setup(way: way), Setup(names: .dated, way: way))
      add(Setup(place: .below, way: way), Setup(way: way))
      add(Setup(place: .other, way: way), Setup(place: .below, way: way))
    }
    add(Setup(names: .dated, way: .punch), Setup(way: .punch))
    add(Setup(way: .punch), Setup(compressor: .zst, way: .punch))
    add(Setup(way: .punch), Setup(compressor: .none, way: .punch))
    add(Setup(way: .punch), Setup(place: .other, way: .punch))
  }

  /// Some of each, for tests with more work before the next start.
  static let some = with { add in
    add(Setup(), Setup(names: .dated))
    add(Setup(), Setup(compressor: .none))
    add(Setup(place: .below), Setup())
    add(Setup(place: .other), Setup())
    add(Setup(), Setup(way: .punch))
    add(Setup(place: .below, way: .punch), Setup(way: .punch))
  }

  private static func with(_ body: ((Setup, Setup) -> Void) -> Void) -> [Change] {
    var changes: [Change] = []
    body { before, after in
      for isLinkOnly in [false, true] { changes.append(Change(before: before, after: after, isLinkOnly: isLinkOnly)) }
    }
    return changes
  }
}

/// A crash anywhere in a rotation and in the work after it, and another config at the next start.
@Suite("A crash together with a changed config")
struct ChangedConfigTests {
  @Test("of names keeps every line once", arguments: Change.ofNames)
  func names(change: Change) throws { try crashEverywhere(change) }

  @Test("of the compressor keeps every line once", arguments: Change.ofCompressor)
  func compressor(change: Change) throws { try crashEverywhere(change) }

  @Test("of the directory for archives keeps every line once", arguments: Change.ofPlace)
  func place(change: Change) throws { try crashEverywhere(change) }

  @Test("of the method keeps every line once", arguments: Change.ofMethod)
  func method(change: Change) throws { try crashEverywhere(change) }

  @Test("of a job that truncates keeps every line once", arguments: Change.ofTruncating)
  func truncating(change: Change) throws { try crashEverywhere(change) }

  @Test("and a rotation by hand before the next start keeps every line once", arguments: Change.some)
  func byHand(change: Change) throws {
    for changes in 1... {
      let rig = try crashed(change, after: changes)
      guard rig.disk.isDead else { break }
      rig.configuration.jobs[0].policy = change.after.policy
      try rig.rotateByHand()
      try goOn(rig, change)
      check(rig, "\(change), by hand, a crash after \(changes) changes", keeping: "d")
    }
  }

  /// Nothing is decided about a directory that cannot be read: both files stay, and the start after the next one
  /// recovers.
  @Test("that hides the former directory is reported, and recovered from as soon as that can be read")
  func hiddenDirectory() throws {
    let change = Change(before: Setup(place: .below), after: Setup())
    var settled = 0
    for changes in 1... {
      let rig = try crashed(change, after: changes)
      guard rig.disk.isDead else { break }
      rig.disk.fault = { _, directory, name in
        directory == "/logs/old" || directory == "/logs" && name == "old" ? .notPermitted : nil
      }
      let before = rig.disk.directories["/logs/old"]
      try goOn(rig, change)
      #expect(rig.disk.directories["/logs/old"] == before)
      rig.disk.fault = nil
      try rig.live(seconds: 10)
      check(rig, "\(change), hidden, a crash after \(changes) changes")
      let notified = rig.messages(.note).filter { $0.hasPrefix("cannot list /logs/old, where archives of /logs were") }
      #expect(notified.count <= 1)
      if rig.disk.directories["/logs/old"] != before, notified.count == 1 { settled += 1 }
    }
    #expect(settled >= 2)
  }

  /// Crashes after each change of the disk, up to the last one.
  private func crashEverywhere(_ change: Change) throws {
    var points = 0
    for changes in 1... {
      let rig = try crashed(change, after: changes)
      guard rig.disk.isDead else { break }
      points = changes
      try goOn(rig, change)
      check(rig, "\(change), a crash after \(changes) changes")
    }
    #expect(points >= 8)
  }

  /// A daemon with the first config, dead after this many changes; alive if it has made fewer.
  private func crashed(_ change: Change, after changes: Int) throws -> Rig {
    var job = Rig.job("a", every: 60)
    job.policy = change.before.policy
    let rig = Rig([job])
    rig.disk.refusesRenameFlags = change.isLinkOnly
    rig.disk.mounts = ["/archive"]
    rig.disk.makeDirectory("/archive")
    rig.disk.makeDirectory("/logs/old")
    plantArchives(rig, change.before)
    rig.fill("a.log", "line d, which is long enough for a block\nline e\n")
    try rig.live(seconds: 70, stops: false) { rig in
      rig.disk.changesUntilCrash = changes
      rig.disk.onCrash = { rig.at(0) { rig.crash() } }
    }
    return rig
  }

  /// Three archives, of which the next rotation pushes out the oldest.
  private func plantArchives(_ rig: Rig, _ setup: Setup) {
    let naming = setup.policy.naming
    for (index, line) in ["line a", "line b", "line c"].enumerated() {
      let age = Int64(3 - index)
      let time = rig.driver.wallClock() - .seconds(age * 3600)
      let key: VersionKey = naming.isDated ? naming.next(after: nil, at: time, in: .utc) : .number(Int(age))
      let suffix = setup.policy.compression?.suffix ?? ""
      let name = naming.name(of: "a.log", key, suffix: suffix)
      let text = (suffix.isEmpty ? "" : SimulatedProcesses.mark) + "\(line)\n"
      rig.disk.plant(.regular, at: setup.directory.appending(name), content: text, age: age * 3600 * Rig.second)
    }
  }

  /// The second config, with one more rotation.
  private func goOn(_ rig: Rig, _ change: Change) throws {
    rig.configuration.jobs[0].policy = change.after.policy
    rig.fill("a.log", "line f, which is long enough for a block\n")
    try rig.live(seconds: 70)
  }

  private func check(_ rig: Rig, _ about: String, keeping oldest: String = "c") {
    var counts: [String: Int] = [:]
    var names: [String] = []
    for place: FilePath in ["/logs", "/logs/old", "/archive"] {
      for name in (rig.disk.directories[place] ?? [:]).keys where rig.disk.directories[place.appending(name)] == nil {
        names.append("\(place.appending(name))")
        for line in lines(rig.disk.content(of: place.appending(name)) ?? "") { counts[line, default: 0] += 1 }
      }
    }
    let wrong = "abcdef".filter { letter in
      let count = counts["line \(letter)", default: 0]
      // Archives beyond what the job keeps may be gone: all but the three newest.
      return "\(letter)" < oldest ? count > 1 : count != 1
    }
    let hidden = names.contains { $0.contains("/.") || $0.contains("set-aside") }
    let rests = lines(rig.disk.content(of: "/logs/a.log") ?? "")
    let said = rig.reports.filter { $0.kind == .failed || $0.kind == .note }.map(\.message)
    #expect(wrong == "" && !hidden && rests == [], "\(about): \(wrong) \(names.sorted()) \(said)")
  }

  /// The lines of a file by their first two words, without what a truncation leaves at its head.
  private func lines(_ content: String) -> [String] {
    content.split(separator: "\n").map { $0.filter { $0 != "\0" } }.filter { $0.contains("line") }
      .map { $0.prefix { $0 != "," } }.map(String.init)
  }
}
