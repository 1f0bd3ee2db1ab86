import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("The state file")
struct StateStoreTests {
  let disk = SimulatedFileSystem()
  let directory: OpenDirectory

  init() throws {
    disk.makeDirectory("/state")
    directory = try disk.openDirectory("/state")
  }

  func open() -> (store: StateStore, reports: [Report]) {
    let store = StateStore(fileSystem: disk, directory: directory)
    return (store, store.load())
  }

  func time(_ seconds: Int64) -> WallTime { WallTime(seconds: seconds) }

  @Test("returns after a restart what was recorded, with spaces, newlines and backslashes in names too")
  func roundTrip() {
    let store = open().store
    let names: [FilePath] = [
      "/a b", "/line\nbreak", "/back\\slash\\n", "/plain", "/ü", FilePath(bytes: [0x2F, 0xFF, 0x5C]),
    ]
    store.record(names.map { .begun(log: $0, Intent(inode: 7, due: time(5))) })
    store.record(names.dropFirst().map { .done(log: $0, at: time(6), due: time(5)) })
    store.record([.served(job: "job one", time(9)), .dropped(log: "/plain")])
    let (again, reports) = open()
    #expect(reports.isEmpty)
    #expect(again.openIntents == ["/a b": Intent(inode: 7, due: time(5))])
    #expect(again.log("/line\nbreak") == store.log("/line\nbreak"))
    #expect(again.log("/ü")?.served == time(5))
    #expect(again.served(job: "job one") == time(9))
  }

  @Test("is not rewritten with each slice of a run, however many valid records a log has")
  func rewriting() {
    let store = open().store
    var rewritings = 0
    disk.fault = { call, _, _ in
      if call == .write { rewritings += 1 }
      return nil
    }
    var records = 0
    for inode in 1...8 {
      for slice in 0..<20 {
        let logs = (0..<64).map { FilePath("/log\(slice * 64 + $0)") }
        store.record(logs.map { .awaited(log: $0, inode: UInt64(inode), since: time(5)) })
        records += logs.count
      }
    }
    #expect(store.awaited["/log0"]?.count == 8 && records == 10_240)
    // Each rewrites at least twice the records of the one before.
    #expect(rewritings < 6, "\(rewritings) rewritings for 160 slices")
  }

  @Test("returns truncations and padding until they are done, also after a rewrite")
  func cuts() {
    let store = open().store
    var cut = Truncation(live: 5, archive: 6, start: 3, end: 9000, way: .collapse, blockSize: 4096, due: time(5))
    #expect(cut.removed == 8192)
    store.record([.cutting(log: "/a b", cut)])
    cut.isPunched = true
    store.record([.cutting(log: "/a b", cut), .filled(log: "/c", Padding(inode: 7, length: 12))], durably: true)
    for _ in 0..<1200 { store.record([.served(job: "j", time(1))]) }
    let (again, reports) = open()
    #expect(reports.isEmpty)
    #expect(again.openTruncations == ["/a b": cut])
    #expect(again.log("/c")?.padding == Padding(inode: 7, length: 12))
    again.record([.done(log: "/a b", at: time(6), due: time(5)), .filled(log: "/c", Padding(inode: 7, length: 0))])
    let last = open().store
    #expect(last.openTruncations.isEmpty)
    #expect(last.log("/a b")?.served == time(5))
    #expect(last.log("/c")?.padding == nil)
  }

  @Test("returns the present and former names of archives, the last few, until nothing is left of the former")
  func names() {
    var rules = Policy.Rules(keep: 1)
    let names = (0...Limits.maxNames).map { number in
      rules.archiveDirectory = ArchiveDirectory(path: "old \(number),%\n")
      return ArchiveNames(rules)
    }
    let store = open().store
    for each in names + [names[2]] { store.record([.named(log: "/a b", each)]) }
    for _ in 0..<1200 { store.record([.served(job: "j", time(1))]) }
    let (again, reports) = open()
    #expect(reports.isEmpty)
    #expect(again.log("/a b")?.names?.all == [names[1], names[3], names[4], names[2]])
    #expect(again.named(otherwiseThan: names[2]).map(\.log) == ["/a b"])
    again.record([.settled(log: "/a b"), .settled(log: "/unknown")])
    let last = open().store
    #expect(last.log("/a b")?.names?.all == [names[2]])
    #expect(last.named(otherwiseThan: names[2]).isEmpty)
  }

  @Test("returns the time in an archive's name, and reads files from before there was one")
  func namedTime() throws {
    let intents: [FilePath: Intent] = [
      "/a": Intent(inode: 1, due: nil, time: time(7)), "/b c": Intent(inode: 2, due: time(3), time: time(3)),
    ]
    let store = open().store
    store.record(intents.map { .begun(log: $0.key, $0.value) } + [.begun(log: "/d", Intent(inode: 3, due: time(4)))])
    #expect(open().reports.isEmpty)
    #expect(open().store.openIntents == intents.merging(["/d": Intent(inode: 3, due: time(4))]) { $1 })
    let text = String(decoding: try #require(try disk.read("state", in: directory)), as: UTF8.self)
    #expect(text.contains(" I 3 4000000000 /d\n"))
  }

  @Test("gives back the archives that move up by exchanges, and reads what was written before there were such")
  func archives() throws {
    let intents: [FilePath: Intent] = [
      "/a b": Intent(inode: 1, due: time(2), archives: [.max, 7, 8]), "/c": Intent(inode: 2, due: nil, archives: [9]),
      "/d": Intent(inode: 3, due: nil),
    ]
    open().store.record(intents.map { .begun(log: $0.key, $0.value) })
    #expect(open().store.openIntents == intents && open().reports.isEmpty)
    let text = String(decoding: try #require(try disk.read("state", in: directory)), as: UTF8.self)
    #expect(text.contains(" X 2 - 9 /c\n") && text.contains(" I 3 - /d\n"))
  }

  @Test("leaves out a sound record of a kind that only a later version knows, and is not damaged by it")
  func laterKind() throws {
    open().store.record([.served(job: "j", time(5))])
    var bytes = try #require(try disk.read("state", in: directory))
    bytes += "0b4a7dd0 ? 1 - /a\n".utf8
    try disk.write(bytes, to: "state", in: directory)
    // Its checksum is wrong.
    #expect(open().reports.count == 1)
    try disk.write(bytes.dropLast(18) + StateRecord.line("? 1 - /a"), to: "state", in: directory)
    let (again, reports) = open()
    #expect(reports.isEmpty && again.served(job: "j") == time(5))
  }

  @Test("a file that is cut anywhere costs the torn record alone")
  func torn() throws {
    let store = open().store
    for number in 0..<4 { store.record([.served(job: "j\(number)", time(Int64(number)))]) }
    let whole = try #require(try disk.read("state", in: directory))
    for length in 0..<whole.count {
      try disk.write(Array(whole.prefix(length)), to: "state", in: directory)
      let (again, _) = open()
      let lines = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
      #expect((0..<4).count { again.served(job: "j\($0)") != nil } == max(0, lines - 1))
    }
  }

  @Test("a damaged byte anywhere costs one record, is reported, and the file is rewritten")
  func damaged() throws {
    let store = open().store
    for number in 0..<4 { store.record([.served(job: "j\(number)", time(Int64(number)))]) }
    let whole = try #require(try disk.read("state", in: directory))
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1
      try disk.write(bytes, to: "state", in: directory)
      let (again, reports) = open()
      #expect(reports.map(\.kind) == [.stateRebuilt])
      // A damaged newline joins two lines.
      #expect((0..<4).count { again.served(job: "j\($0)") == time(Int64($0)) } >= 2)
      #expect(try disk.read("state.damaged", in: directory) == bytes)
      again.record([.served(job: "new", time(1))])
      #expect(open().reports.isEmpty)
    }
  }

  @Test("reads any bytes without a crash")
  func arbitrary() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<500 {
      let length = Int.random(in: 0...200, using: &generator)
      var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if Bool.random(using: &generator) { bytes = Array("rotated state 1\n".utf8) + bytes }
      try disk.write(bytes, to: "state", in: directory)
      _ = open()
    }
  }

  @Test("stays within a multiple of its content, however often it is written")
  func compaction() throws {
    let store = open().store
    for number in 0..<20_000 { store.record([.served(job: "j\(number % 3)", time(Int64(number)))]) }
    let size = try #require(try disk.read("state", in: directory)).count
    #expect(size < 60_000)
    #expect(open().store.served(job: "j1") == time(19_999))
  }

  @Test("forgets logs that were not rotated for long, but no rotation that was begun")
  func forgets() {
    let store = open().store
    let day: Int64 = 86_400
    store.record([.done(log: "/old", at: time(0), due: nil), .begun(log: "/begun", Intent(inode: 1, due: nil))])
    for number in 0..<2000 { store.record([.done(log: "/new", at: time(50 * day + Int64(number)), due: nil)]) }
    #expect(store.log("/old") == nil)
    #expect(store.log("/new") != nil)
    #expect(open().store.openIntents.keys.sorted() == ["/begun"])
  }

  @Test("keeps in memory what it could not write, and writes it when that works again")
  func failure() {
    let store = open().store
    store.record([.served(job: "a", time(1))])
    disk.fault = { call, _, _ in call == .append || call == .write ? .noSpace : nil }
    store.record([.served(job: "a", time(2))])
    #expect(store.failure == .noSpace)
    #expect(store.served(job: "a") == time(2))
    #expect(open().store.served(job: "a") == time(1))
    disk.fault = nil
    store.record([.served(job: "b", time(3))])
    #expect(store.failure == nil)
    #expect(open().store.served(job: "a") == time(2))
  }
  @Test("returns all that is known of a log after a rewrite")
  func rewritten() throws {
    let store = open().store
    let log: FilePath = "/a b"
    store.record([
      .done(log: log, at: time(1), due: time(1)), .made(log: log, inode: 1), .made(log: log, inode: 2),
      .awaited(log: log, inode: 3, since: time(3)), .awaited(log: log, inode: 4, since: time(4)),
      .owed(log: log, inode: 5), .undoing(log: log, inode: 6), .filled(log: log, Padding(inode: 7, length: 8)),
      .begun(log: log, Intent(inode: 9, due: time(9))),
    ])
    var known = try #require(store.log(log))
    // That is of this process alone.
    known.isUndoing = false
    let before = try #require(try disk.read("state", in: directory)).count
    for number in 0..<3000 { store.record([.served(job: "j", time(Int64(number)))]) }
    #expect(try #require(try disk.read("state", in: directory)).count < before + 3000 * 10)
    #expect(open().store.log(log) == known)
  }

  @Test(
    "what was taken over from logrotate is kept for as long as from the takeover, and a rotation of its own counts more"
  )
  func imported() {
    let store = open().store
    let day: Int64 = 86_400
    let (now, year) = (time(400 * day), time(35 * day))
    store.record([
      .done(log: "/own", at: now, due: nil),
      .imported(log: "/own", rotated: year, served: now, seen: now),
      .done(log: "/past", at: year, due: nil), .imported(log: "/past", rotated: now, served: nil, seen: now),
      .imported(log: "/a b", rotated: year, served: now, seen: now),
      .imported(log: "/due", rotated: year, served: nil, seen: now),
      .imported(log: "/new", rotated: nil, served: now, seen: now),
      .imported(log: "/later", rotated: year, served: now, seen: now),
      .done(log: "/later", at: now, due: nil),
    ])
    for number in 0..<2000 { store.record([.served(job: "j", time(Int64(number)))]) }
    for store in [store, open().store] {
      #expect(
        store.log("/own")?.rotated == now && store.log("/own")?.served == now && store.log("/own")?.imported == nil)
      #expect(store.log("/past")?.rotated == now && store.log("/past")?.imported == now)
      #expect(store.log("/a b")?.rotated == year && store.log("/a b")?.served == now)
      #expect(store.log("/due")?.rotated == year && store.log("/due")?.served == nil)
      #expect(store.log("/new")?.rotated == nil && store.log("/new")?.served == now)
      #expect(Set(store.rotations.map(\.log)) == ["/own", "/later"])
    }
    for number in 0..<4000 { store.record([.done(log: "/x", at: time(450 * day + Int64(number)), due: nil)]) }
    #expect(store.log("/a b") == nil && store.log("/new") == nil)
  }
}
