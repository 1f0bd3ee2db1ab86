internal import Timekeeping

// How archives get their numbers. Where an exchange is cheap, the new archive is exchanged with version 1, what was version 1
// with version 2, and so on: the staging name has the one that is on its way. Every number stands all the time for the archive
// that it had before or has afterwards, never for another, and only the one on its way has none. What exchanges cannot move is
// shifted before, so that the last one on its way finds its number free, or is the one to be removed.

extension PlanBuilder {
  /// The archive that the old log becomes.
  func newArchive() -> Version {
    let key = inventory.naming.next(
      after: inventory.versions.first?.key, at: policy.rules.dating.moment(moment), in: moment.zone)
    return Version(key, in: inventory.home.forNewArchives, inode: 0)
  }

  /// The first number, from this one on, whose version does not move up by an exchange: there is none, its name would not be
  /// that of the next one below it, or the intent does not know it.
  func endOfExchanges(from start: Int = 1) -> Int {
    guard renames == .fastExchange, !inventory.naming.isDated, inventory.home == .logDirectory else { return start }
    var number = start
    while number <= Limits.maxExchanges, isExchangeable(number) { number += 1 }
    return number
  }

  private func isExchangeable(_ number: Int) -> Bool {
    let versions = inventory.versions(of: .number(number))
    guard let version = versions.first, versions.count == 1, version.suffix.isEmpty, version.place == .logDirectory,
      !version.mayBeLog, !version.isEmptied
    else { return false }
    guard let intent else { return true }
    return intent.archives.indices.contains(number - 1) && intent.archives[number - 1] == version.inode
  }

  /// Inodes of the versions below this number.
  func exchanged(below end: Int) -> [UInt64] {
    inventory.versions.prefix { ($0.number ?? end) < end }.map(\.inode)
  }

  /// Makes a number free: everything from there up to the first gap goes up by one, the highest first, and to the directory
  /// where archives belong, as far as one step leads there. Dated archives keep their names.
  mutating func makeRoom(at first: Int = 1) {
    guard !inventory.naming.isDated else { return }
    var gap = first
    for version in inventory.versions {
      guard let number = version.number, number <= gap else { break }
      if number == gap { gap = number + 1 }
    }
    setDuplicatesAside(in: first..<gap)
    for index in inventory.versions.indices.reversed() {
      let version = inventory.versions[index]
      guard let number = version.number, (first..<gap).contains(number) else { continue }
      inventory.versions[index].key = .number(number + 1)
      if version.place.isOnLogsFileSystem { inventory.versions[index].place = inventory.home.forNewArchives }
      move(location(version), to: location(inventory.versions[index]), .shift)
    }
  }

  /// Two files of one number cannot move up in one step, and which of them is whole is not to be seen here: the
  /// compressed one, of which the plain one is the source, is renamed to a name that nothing deletes.
  private mutating func setDuplicatesAside(in numbers: Range<Int>) {
    var previous: Int?
    var dropped: Set<Version> = []
    for version in inventory.versions {
      guard let number = version.number, number < numbers.upperBound else { break }
      guard number >= numbers.lowerBound else { continue }
      if number == previous {
        let aside = SetAsideName.of(inventory.name(of: version), inode: version.inode)
        move(location(version), to: Location(aside, in: version.place), .setAside)
        dropped.insert(version)
      }
      previous = number
    }
    drop(dropped)
  }

  /// Gives the staged file its place among the versions, whose numbers below `end` move up by exchanges. The number `end` is
  /// free; whoever comes to it is the last on its way.
  mutating func publish(as target: Version, upTo end: Int = 1) {
    guard let staged = inventory.staging else { return }
    inventory.staging = nil
    var file = target
    file.inode = staged.inode
    let first = target.number ?? end
    var isOnItsWay = false
    for index in inventory.versions.indices {
      guard let number = inventory.versions[index].number, (first..<end).contains(number) else { continue }
      plan.now.append(.exchange(staging, with: inventory.name(of: inventory.versions[index])))
      swap(&inventory.versions[index], &file)
      inventory.versions[index].key = .number(number)
      file.key = .number(number + 1)
      isOnItsWay = true
    }
    inventory.insert(file)
    // An archive whose place was told by its age alone gets its number, and waits for the next rotation.
    let isKnown = isOnItsWay || intent != nil && first > 1
    if isKnown, policy.beforeRemoval.isEmpty, Housekeeping.surplus(inventory.versions, keep: policy.keep) == [file] {
      plan.now.append(.retire(staging, as: location(file)))
      drop([file])
    } else {
      move(Location(staging), to: location(file), isOnItsWay || first > 1 ? .shift : .publish)
    }
  }

  /// The place of the staged file among the versions, which is the old log or one on its way; nil when it is not known.
  func place(of staged: FileStatus) -> Version? {
    guard !inventory.naming.isDated else { return newArchive() }
    var number = intent?.number(of: staged.inode, live: inventory.live?.inode) ?? numberByAge(of: staged)
    // What was right below it may have been removed meanwhile: beyond a gap nothing would ever take it for an archive.
    while let above = number, above > 1, inventory.versions(of: .number(above - 1)).isEmpty { number = above - 1 }
    return number.map { Version(.number($0), in: inventory.home.forNewArchives, inode: 0) }
  }

  /// Where the intent is lost, the order of the versions tells: those below the place are newer, and those above it older.
  private func numberByAge(of staged: FileStatus) -> Int? {
    var row: [Version] = []
    for version in inventory.versions {
      guard let number = version.number, number <= (row.last?.number ?? 0) + 1 else { break }
      row.append(version)
    }
    let isOlder = row.map { Self.isOlder($0, than: staged) }
    guard !isOlder.contains(nil) else { return nil }
    let newer = isOlder.prefix { $0 == false }.count
    let number = newer == 0 ? 1 : (row[newer - 1].number ?? 0) + 1
    // One version may have two files.
    guard isOlder[newer...].allSatisfy({ $0 == true }), newer == row.count || row[newer].number == number else {
      return nil
    }
    return number
  }

  /// Whether an archive is older than the staged file; nil when its times do not tell, or contradict each other. A compressed
  /// copy was made later than its source.
  private static func isOlder(_ version: Version, than staged: FileStatus) -> Bool? {
    guard let modified = version.modified, modified != staged.modified else { return nil }
    let isOlder = modified < staged.modified
    guard version.suffix.isEmpty, let born = version.born, let stagedBirth = staged.born, born != stagedBirth else {
      return isOlder
    }
    return (born < stagedBirth) == isOlder ? isOlder : nil
  }
}
