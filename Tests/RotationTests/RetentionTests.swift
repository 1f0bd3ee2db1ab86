import Rotation
import Testing
import Timekeeping

@Suite("Retention")
struct RetentionTests {
  private static let now = WallTime(seconds: 1_000_000)

  /// Numbers that look random, the same in each run (a linear congruential generator).
  private struct Draw {
    var state: UInt64

    mutating func callAsFunction(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
  }

  /// Archives of some logs, with times that are not always in order, duplicates of one rank and some that are held.
  private func drawn(_ seed: Int) -> [Retention.Archive] {
    var draw = Draw(state: UInt64(seed) &* 7919)
    var archives: [Retention.Archive] = []
    for log in 0..<(1 + draw(4)) {
      let keepMin = draw(3)
      for rank in 1..<(2 + draw(6)) {
        for suffix in draw(6) == 0 ? ["", ".gz"] : [""] {
          let age = draw(8) == 0 ? draw(1000) : rank * 100 + draw(50)
          var archive = Retention.Archive(
            job: "j", log: "/l/\(log)", location: Location("\(log).\(rank)\(suffix)"), inode: UInt64(archives.count),
            rank: rank, bytes: Int64(draw(100)), modified: WallTime(seconds: 1_000_000 - Int64(age)), keepMin: keepMin)
          archive.isHeld = draw(7) == 0
          archives.append(archive)
        }
      }
    }
    // The order in which they were found has no meaning.
    return archives.sorted { ($0.inode &* 31) % 17 < ($1.inode &* 31) % 17 }
  }

  /// Whether removals are in order: the older removable ones of a log come first.
  private func isInOrder(_ removed: [Retention.Archive], of all: [Retention.Archive]) -> Bool {
    for (place, archive) in removed.enumerated() {
      let older = all.filter { $0.log == archive.log && $0.rank > archive.rank && !$0.isHeld }
      if !older.allSatisfy({ removed[..<place].contains($0) }) { return false }
    }
    return true
  }

  @Test("never removes one of the newest that stay, nor one that a writer has open, and within a log the oldest first")
  func neverBelow() {
    for seed in 0..<3000 {
      let all = drawn(seed)
      let room = Retention.making(room: Int64(seed % 400), among: all)
      let aged = Retention.aged(all, .seconds(Int64(seed % 700)), now: Self.now)
      for removed in [room, aged, Retention.order(all)] {
        #expect(removed.allSatisfy { $0.rank > $0.keepMin && !$0.isHeld }, "seed \(seed)")
        #expect(isInOrder(removed, of: all), "seed \(seed)")
        #expect(Set(removed).count == removed.count, "seed \(seed)")
      }
    }
  }

  @Test("stops as soon as enough is free, and removes everything that it may if not")
  func enough() {
    for seed in 0..<3000 {
      let all = drawn(seed)
      let wanted = Int64(seed % 400)
      let removed = Retention.making(room: wanted, among: all)
      let bytes = removed.reduce(0) { $0 + $1.bytes }
      if bytes < wanted {
        #expect(Set(removed) == Set(all.filter { $0.rank > $0.keepMin && !$0.isHeld }), "seed \(seed)")
      } else if let last = removed.last {
        #expect(bytes - last.bytes < wanted, "seed \(seed)")
      }
      if wanted == 0 { #expect(removed.isEmpty) }
    }
  }

  @Test("removes the archive whose last line is the oldest of all that are next in their logs")
  func oldestAcrossLogs() {
    for seed in 0..<1000 {
      let all = drawn(seed)
      var left = all.filter { $0.rank > $0.keepMin && !$0.isHeld }
      for archive in Retention.order(all) {
        let heads = left.filter { one in !left.contains { $0.log == one.log && $0.rank > one.rank } }
        // Of two files of one rank either may be first.
        let oldest = Dictionary(grouping: heads, by: \.log).values.map { duplicates in duplicates.map(\.modified).min()
        }
        #expect(heads.contains(archive), "seed \(seed)")
        #expect(oldest.contains { $0.map { $0 >= archive.modified } ?? false } || heads.count > 1, "seed \(seed)")
        left.removeAll { $0 == archive }
      }
      #expect(left.isEmpty)
    }
  }

  @Test("removes at the moment an archive reaches its age, not one nanosecond before, and knows when that is")
  func age() throws {
    for seed in 0..<1000 {
      let all = drawn(seed)
      let age = Span.seconds(Int64(seed % 700))
      guard let next = Retention.nextAged(all, age, now: Self.now) else {
        #expect(Retention.aged(all, age, now: Self.now) == Retention.order(all))
        continue
      }
      #expect(next > Self.now)
      let before = WallTime(nanoseconds: next.nanoseconds - 1)
      #expect(Retention.aged(all, age, now: before) == Retention.aged(all, age, now: Self.now), "seed \(seed)")
      #expect(
        Retention.aged(all, age, now: next).count > Retention.aged(all, age, now: before).count, "seed \(seed)")
    }
  }

  @Test("counts what follows on version 1 up to a gap or to keep, and never the live log, even under two names")
  func proven() {
    let live = FileStatus(
      kind: .regular, inode: 1, size: 1, mode: 0, user: 0, group: 0, links: 2, modified: Self.now, born: nil)
    let versions = [
      Version(number: 1, inode: 1), Version(number: 2, inode: 2), Version(number: 3, inode: 3),
      Version(number: 3, suffix: ".gz", inode: 4), Version(number: 5, inode: 5), Version(number: 2024, inode: 6),
    ]
    let inventory = Inventory(name: "a", live: live, versions: versions)
    #expect(Retention.proven(inventory, keep: 4).map(\.inode) == [2, 3, 4])
    #expect(Retention.proven(inventory, keep: 5).map(\.inode) == [2, 3, 4, 5])
  }

  @Test("has the reason in the words of the config")
  func words() {
    #expect(RemovalReason.age(.seconds(90 * 86_400)).description == "older than 90d")
    #expect(RemovalReason.total(2 << 30).description == "the job has more than 2G")
    #expect(
      RemovalReason.free("5%", of: "/var/log").description == "less than 5% is free on the file system of /var/log")
  }

  private func archive(_ rank: Int, age: Int64, log: FilePath = "/l/a") -> Retention.Archive {
    Retention.Archive(
      job: "j", log: log, location: Location("a.\(rank)"), inode: UInt64(rank), rank: rank, bytes: 10,
      modified: WallTime(seconds: 1_000_000 - age), keepMin: 1)
  }

  @Test("an archive with a time in the future is at least as old as what came after it, and keeps no other")
  func future() {
    for odd in 2...4 {
      let all = (1...4).map { archive($0, age: $0 == odd ? -9_000_000 : Int64($0) * 100) }
      let aged = Retention.aged(all, .seconds(150), now: Self.now).map(\.rank)
      #expect(aged == (odd == 2 ? [4, 3] : [4, 3, 2]), "\(odd)")
      #expect(Retention.order(all, now: Self.now).map(\.rank) == [4, 3, 2])
      // The newest is 100 s old, and so the odd one is.
      let next = odd == 2 ? WallTime(seconds: 1_000_000 + 50) : nil
      #expect(Retention.nextAged(all, .seconds(150), now: Self.now) == next, "\(odd)")
      let room = Retention.making(room: 10, among: all + [archive(2, age: 250, log: "/l/b")], now: Self.now)
      #expect(room.map(\.log) == ["/l/a"], "\(odd)")
    }
    let all = (1...3).map { archive($0, age: -5) }
    #expect(Retention.aged(all, .seconds(1), now: Self.now).isEmpty)
    #expect(Retention.nextAged(all, .seconds(1), now: Self.now) == WallTime(seconds: 1_000_001))
  }

  @Test("an archive from a clock that was far behind for a while makes no other older than it is")
  func clockBehind() {
    let all = [archive(1, age: 0), archive(2, age: 999_999), archive(3, age: 50), archive(4, age: 60)]
    #expect(Retention.aged(all, .seconds(100), now: Self.now).isEmpty)
  }
}
