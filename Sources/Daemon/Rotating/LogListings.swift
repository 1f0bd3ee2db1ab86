internal import EventLoop
package import Rotation

/// The directories of some logs, as they were listed once.
package struct LogListings {
  /// That of the logs, by which it is known which of them have a staging file.
  package fileprivate(set) var log: DirectoryListing
  /// That of their archives, where it is another.
  package fileprivate(set) var archives: DirectoryListing?

  /// Frees a part of what was listed; false when nothing is left.
  mutating func dropPart() -> Bool { log.dropPart() || archives?.dropPart() == true }

  /// Frees all with a chance for everything else in between.
  mutating func drop(on loop: LoopExecutor) async {
    while dropPart() { await loop.yield() }
  }

  /// All versions of a log, in no particular order.
  func versions(of log: FileName) -> [Version] { self.log.versions(of: log) + (archives?.versions(of: log) ?? []) }
}

/// Where some logs of a directory lie, and the listings by which they are looked at; nil where each name is asked for.
package struct LogPlace {
  let directories: LogDirectories
  var listings: LogListings?

  package init(_ directories: LogDirectories, _ listings: LogListings? = nil) {
    self.directories = directories
    self.listings = listings
  }
}

/// Lists the directories of some logs in steps none of which takes long, however many names they have.
package struct ListingWalk {
  /// What was listed so far.
  private(set) var listings: LogListings
  private let fileSystem: any FileSystem
  /// The directories that are still to be listed.
  private var rest: [(directory: OpenDirectory, isOfArchives: Bool)]
  private var reading: (directory: OpenDirectory, isOfArchives: Bool)?

  /// `known` is a listing of the logs' own directory.
  package init(
    _ directories: LogDirectories, _ naming: ArchiveNaming, known: DirectoryListing? = nil,
    _ fileSystem: any FileSystem
  ) {
    self.fileSystem = fileSystem
    let empty = { DirectoryListing(naming: naming, place: $0) }
    listings = LogListings(
      log: known ?? empty(.logDirectory), archives: directories.archives.map { _ in empty(directories.home) })
    rest = directories.archives.map { [($0, true)] } ?? []
    if known == nil { rest.append((directories.log, false)) }
  }

  /// Does a step; false when nothing is left.
  mutating func advance() throws(Errno) -> Bool {
    if reading == nil {
      guard let next = rest.popLast() else { return false }
      reading = (try fileSystem.openListing(of: next.directory), next.isOfArchives)
    }
    guard let (directory, isOfArchives) = reading else { return false }
    let entries = try fileSystem.nextEntries(in: directory)
    if entries.isEmpty { reading = nil }
    for entry in entries {
      if isOfArchives {
        listings.archives?.add(entry.name, inode: entry.inode)
      } else {
        listings.log.add(entry.name, inode: entry.inode)
      }
    }
    return !entries.isEmpty || !rest.isEmpty
  }

  /// Lists all.
  package consuming func end() throws(Errno) -> LogListings {
    while try advance() {}
    return listings
  }

  /// The same, with a chance for everything else after each piece.
  consuming func end(on loop: LoopExecutor) async throws(Errno) -> LogListings {
    while try advance() { await loop.yield() }
    return listings
  }
}
