internal import Config
package import Rotation

extension ManualTurn {
  /// An archive that retention would remove now.
  package struct Doomed {
    package var job: String
    package var log: String
    package var path: String
    /// Bytes on disk.
    package var bytes: Int64
    /// Why: `older than 3months`.
    package var reason: String
  }

  /// What age, total and free space would remove now, if no writer has any of it open: in this order, as a daemon does at
  /// its start. What cannot be looked at is told by `previews`. Nothing is changed.
  package func retention(now: WallTime) -> [Doomed] {
    let shelf = ArchiveShelf(fileSystem: fileSystem)
    var doomed: [Doomed] = []
    var volumes: [UInt64: (path: String, space: Space, archives: [Retention.Archive])] = [:]
    var order: [UInt64] = []
    for job in configuration.jobs {
      var total: Int64 = 0
      var left: [Retention.Archive] = []
      var places: [String: UInt64] = [:]
      _ = visit([job.name], alsoGone: true) { _, group, directory in
        if let space = try? fileSystem.space(of: directory) {
          places[directory.path] = space.volume
          if volumes[space.volume] == nil {
            volumes[space.volume] = (directory.path, space, [])
            order.append(space.volume)
          }
        }
        for name in group.names {
          guard let found = try? shelf.read(name, of: job, in: directory, listing: group.listing) else { continue }
          total += found.bytes
          left += found.archives
        }
      }
      let before = doomed.count
      for (archive, reason) in Self.removals(of: job, left, total, now) {
        doomed.append(Doomed(archive, reason))
        let volume = places[LogFinder.split(archive.log).directory]
        if let volume { volumes[volume]?.space.free += archive.bytes }
      }
      let gone = Set(doomed.suffix(doomed.count - before).map(\.path))
      for archive in left where !gone.contains(Doomed(archive, .total(0)).path) {
        guard let volume = places[LogFinder.split(archive.log).directory] else { continue }
        volumes[volume]?.archives.append(archive)
      }
    }
    guard let bound = configuration.daemon.keepFree else { return doomed }
    for volume in order.compactMap({ volumes[$0] }) {
      let missing = bound.bytes(of: volume.space.total) - volume.space.free
      let reason = Retention.Reason.free(bound.description, of: volume.path)
      doomed += Retention.making(room: missing, among: volume.archives).map { Doomed($0, reason) }
    }
    return doomed
  }

  private static func removals(
    of job: Job, _ archives: [Retention.Archive], _ bytes: Int64, _ now: WallTime
  ) -> [(Retention.Archive, Retention.Reason)] {
    var removals: [(Retention.Archive, Retention.Reason)] = []
    var left = archives
    if let age = job.policy.handling.maxAge {
      let aged = Retention.aged(left, age, now: now)
      removals += aged.map { ($0, .age(age)) }
      let gone = Set(aged)
      left.removeAll { gone.contains($0) }
    }
    if let most = job.policy.handling.maxTotal {
      let total = removals.reduce(bytes) { $0 - $1.0.bytes }
      removals += Retention.making(room: total - most, among: left).map { ($0, .total(most)) }
    }
    return removals
  }
}

extension ManualTurn.Doomed {
  fileprivate init(_ archive: Retention.Archive, _ reason: Retention.Reason) {
    self.init(
      job: archive.job, log: archive.log,
      path: LogFinder.join(LogFinder.split(archive.log).directory, archive.name), bytes: archive.bytes,
      reason: reason.description)
  }
}
