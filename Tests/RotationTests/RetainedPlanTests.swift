import Rotation
import Testing
import Timekeeping

@Suite("The plan of a job that only removes")
struct RetainedPlanTests {
  private static let now = WallTime(seconds: 1_000_000)
  private static let day: Int64 = 86_400

  /// A file that was changed so many seconds ago.
  private static func status(
    _ inode: UInt64, age: Int64, bytes: Int64 = 10, links: UInt32 = 1, kind: FileStatus.Kind = .regular
  ) -> FileStatus {
    FileStatus(
      kind: kind, inode: inode, size: bytes, mode: 0o644, user: 0, group: 0, links: links,
      modified: WallTime(seconds: 1_000_000 - age), born: nil)
  }

  private static func job(
    keep: Int? = nil, maxAge: Span? = nil, maxTotal: Int64? = nil, keepMin: Int = 1
  ) -> Job {
    var rules = Policy.Rules(keep: Limits.maxKeep)
    rules.retained = Retained(patterns: [LogPattern("/d/*.log")], keep: keep, isConfirmed: true)
    (rules.maxAge, rules.maxTotal, rules.keepMin) = (maxAge, maxTotal, keepMin)
    return Job(name: "j", logs: [], policy: Policy(rules))
  }

  /// Names and reasons of what goes, where everything is removed at once; with a small limit in as many searches as it takes.
  private func removals(
    _ job: Job, _ groups: [[(name: FileName, status: FileStatus)]], limit: Int = .max
  ) throws -> [String] {
    var files = groups
    var gone: [String] = []
    for _ in 0..<100 {
      var plan = try #require(RetainedPlan(job, now: Self.now, limit: limit))
      let before = gone.count
      func take(_ removal: Retention.Removal) {
        gone.append("\(removal.archive.location): \(removal.reason)")
        plan.note(gone: removal)
        for index in files.indices { files[index].removeAll { $0.status.inode == removal.archive.inode } }
      }
      for (index, group) in files.enumerated() {
        var found = RetainedFiles(path: "/d/\(index)", now: Self.now, limit: limit)
        for (name, status) in group { found.add(name, status) }
        while !found.settle(3) {}
        for removal in plan.add(found) { take(removal) }
      }
      while !plan.settle(3) {}
      while let removal = plan.next() { take(removal) }
      if !plan.isPartial || gone.count == before { break }
    }
    return gone
  }

  private func series(_ ages: [Int64], bytes: Int64 = 10, from first: UInt64 = 1) -> [(
    name: FileName, status: FileStatus
  )] {
    ages.enumerated().map { ("\($1)", Self.status(first + UInt64($0), age: $1, bytes: bytes)) }
  }

  @Test("keep leaves the newest of each group, and the oldest goes first")
  func keep() throws {
    let first = series([5, 1, 4, 2, 3])
    let second = series([7, 6], from: 50)
    #expect(
      try removals(Self.job(keep: 2), [first, second])
        == ["5: more archives than `keep`", "4: more archives than `keep`", "3: more archives than `keep`"])
    #expect(try removals(Self.job(keep: 5), [first, second]).isEmpty)
  }

  @Test("max-age removes what is older, at the second, but never one of the newest keep-min files")
  func age() throws {
    let files = series([99, 100, 101, 300])
    let reason = "older than 100s"
    #expect(
      try removals(Self.job(maxAge: .seconds(100)), [files]) == ["300: \(reason)", "101: \(reason)", "100: \(reason)"])
    #expect(
      try removals(Self.job(maxAge: .seconds(10), keepMin: 3), [files]) == ["300: older than 10s"])
    // The newest stays though the rules say 0, which a config cannot.
    #expect(try removals(Self.job(maxAge: .seconds(10), keepMin: 0), [series([50])]).isEmpty)
  }

  @Test("max-total removes the oldest of all groups, not more than needed, and counts the files that stay")
  func total() throws {
    let (first, second) = (series([40, 20, 1]), series([30, 10, 2], from: 50))
    let gone = try removals(Self.job(maxTotal: 35), [first, second])
    #expect(
      gone == ["40: the job has more than 35B", "30: the job has more than 35B", "20: the job has more than 35B"])
    #expect(try removals(Self.job(maxTotal: 60), [first, second]).isEmpty)
    // The newest of each group stays, whatever that means for the total.
    #expect(try removals(Self.job(maxTotal: 1), [first, second]).count == 4)
  }

  @Test("files of one time are in the order of their names, which are bytes")
  func names() throws {
    let files = ["b", "a", "\u{e4}", "B"].enumerated().map { (FileName($1), Self.status(UInt64($0), age: 5)) }
    let gone = try removals(Self.job(keep: 1), [files.map { (name: $0.0, status: $0.1) }])
    #expect(gone.map { $0.prefix(while: { $0 != ":" }) } == ["B", "a", "b"])
  }

  @Test("a time in the future is no time: the file stays, and does not count for keep; its bytes count")
  func future() throws {
    let files = series([-1000, 1, 2, 3])
    #expect(try removals(Self.job(keep: 2), [files]).map { $0.prefix(1) } == ["3"])
    #expect(try removals(Self.job(maxTotal: 30), [files]).map { $0.prefix(1) } == ["3"])
  }

  @Test("links, directories and files with two names are neither removed nor counted, and a file counts once")
  func notOurs() throws {
    var files = series([1, 2, 3])
    for (kind, inode) in [(FileStatus.Kind.symbolicLink, UInt64(90)), (.directory, 91), (.other, 92)] {
      files.append(("x\(inode)", Self.status(inode, age: 500, kind: kind)))
    }
    files.append(("y", Self.status(93, age: 500, links: 2)))
    // A listing may show a file under its old name and its new one.
    files.append(("1again", files[0].status))
    #expect(try removals(Self.job(keep: 3, maxTotal: 30), [files]).isEmpty)
  }

  @Test("a search that keeps few files by name leads to the same removals as one that keeps all", arguments: 1...60)
  func limited(seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func draw(_ count: UInt64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 33) % count)
    }
    var inode: UInt64 = 0
    let groups = (0...draw(4)).map { group in
      (0..<draw(14)).map { _ -> (name: FileName, status: FileStatus) in
        inode += 1
        return ("\(group)-\(inode)", Self.status(inode, age: draw(40) - 3, bytes: draw(9)))
      }
    }
    let job = Self.job(
      keep: draw(2) == 0 ? Int(1 + draw(6)) : nil, maxAge: draw(2) == 0 ? .seconds(5 + draw(20)) : nil,
      maxTotal: draw(2) == 0 ? 1 + draw(60) : nil, keepMin: 1)
    let whole = try removals(job, groups)
    #expect(Set(try removals(job, groups, limit: 2)) == Set(whole), "\(seed)")
    #expect(Set(try removals(job, groups, limit: 7)) == Set(whole), "\(seed)")
    let statuses = Dictionary(uniqueKeysWithValues: groups.joined().map { ("\($0.name)", $0.status) })
    // Nothing newer goes before something older of its group, and the newest stays.
    for group in groups {
      let known = group.filter { $0.status.modified <= Self.now }
      let names = whole.compactMap { $0.split(separator: ":").first.map(String.init) }
      let gone = known.filter { names.contains("\($0.name)") }
      let oldest = known.sorted { ($0.status.modified, $0.name) < ($1.status.modified, $1.name) }.prefix(gone.count)
      #expect(Set(gone.map(\.name)) == Set(oldest.map(\.name)), "\(seed)")
      #expect(known.isEmpty || gone.count < known.count, "\(seed)")
    }
    #expect(statuses.count == groups.joined().count)
  }
}
