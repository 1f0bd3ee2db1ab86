internal import Config
package import Rotation
package import Timekeeping

extension DryRun {
  /// An archive that retention would remove now.
  package struct Doomed {
    package var job: String
    package var log: FilePath
    package var path: FilePath
    /// Bytes on disk.
    package var bytes: Int64
    /// Why: `older than 3months`.
    package var reason: String
  }

  /// What age, total and free space would remove now, if no writer has any of it open: in this order, as a daemon does at
  /// its start. What cannot be looked at is told by `previews`. Nothing is changed.
  package func retention(now: WallTime) -> [Doomed] {
    let scan = ArchiveScan(fileSystem: fileSystem, claimed: claimed)
    var doomed: [Doomed] = []
    var volumes: [UInt64: (path: FilePath, space: Space, archives: [(Retention.Archive, FilePath)])] = [:]
    var order: [UInt64] = []
    for job in configuration.jobs {
      var total: Int64 = 0
      var left: [Retention.Archive] = []
      var places: [Retention.Archive: (path: FilePath, volume: UInt64)] = [:]
      _ = visit([job.name], alsoGone: true) { _, group, directory in
        guard let directories = try? LogDirectories(directory, job.policy, on: fileSystem, makes: false) else { return }
        var rooms: [DirectoryRole: UInt64] = [:]
        for (place, directory) in directories.places {
          guard let space = try? fileSystem.space(of: directory) else { continue }
          rooms[place] = space.volume
          if volumes[space.volume] == nil {
            volumes[space.volume] = (directory.path, space, [])
            order.append(space.volume)
          }
        }
        for name in group.names {
          guard let found = try? scan.read(name, of: job, in: directories, listing: group.listing) else { continue }
          total = total.saturatingAdd(found.bytes)
          left += found.archives
          for archive in found.archives {
            places[archive] = (directories.path(of: archive.location), rooms[archive.location.place] ?? 0)
          }
        }
      }
      let removals = Self.removals(of: job, left, total, now)
      for (archive, reason) in removals {
        guard let (path, volume) = places[archive] else { continue }
        doomed.append(Doomed(archive, path, reason))
        if let free = volumes[volume]?.space.free { volumes[volume]?.space.free = free.saturatingAdd(archive.bytes) }
      }
      let gone = Set(removals.map(\.0))
      for archive in left where !gone.contains(archive) {
        guard let (path, volume) = places[archive] else { continue }
        volumes[volume]?.archives.append((archive, path))
      }
    }
    guard let bound = configuration.daemon.keepFree else { return doomed }
    for volume in order.compactMap({ volumes[$0] }) {
      let missing = bound.bytes(of: volume.space.total) - volume.space.free
      let reason = Retention.Reason.free(bound.description, of: volume.path)
      let paths = Dictionary(volume.archives, uniquingKeysWith: { first, _ in first })
      doomed += Retention.making(room: missing, among: volume.archives.map(\.0), now: now).map {
        Doomed($0, paths[$0] ?? $0.location.path, reason)
      }
    }
    return doomed
  }

  private static func removals(
    of job: Job, _ archives: [Retention.Archive], _ bytes: Int64, _ now: WallTime
  ) -> [(Retention.Archive, Retention.Reason)] {
    var removals: [(Retention.Archive, Retention.Reason)] = []
    var left = archives
    if let age = job.policy.maxAge {
      let aged = Retention.aged(left, age, now: now)
      removals += aged.map { ($0, .age(age)) }
      let gone = Set(aged)
      left.removeAll { gone.contains($0) }
    }
    if let most = job.policy.maxTotal {
      let total = removals.reduce(bytes) { $0 - $1.0.bytes }
      removals += Retention.making(room: total - most, among: left, now: now).map { ($0, .total(most)) }
    }
    return removals
  }
}

extension DryRun.Doomed {
  fileprivate init(_ archive: Retention.Archive, _ path: FilePath, _ reason: Retention.Reason) {
    self.init(job: archive.job, log: archive.log, path: path, bytes: archive.bytes, reason: reason.description)
  }
}
