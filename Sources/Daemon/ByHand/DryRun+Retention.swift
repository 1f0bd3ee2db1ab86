internal import Config
package import Rotation
package import Timekeeping

extension DryRun {
  /// An archive that retention would remove now, and its absolute path.
  package typealias Doomed = (removal: Retention.Removal, path: FilePath)

  /// What age, total and free space would remove now, if no writer has any of it open: in the order of a daemon's
  /// start. Archives that the rotations of `previews` remove are left out. `previews` reports what cannot be read.
  /// Nothing is changed.
  package func retention(now: WallTime, after previews: [Preview] = []) -> [Doomed] {
    let scan = ArchiveScan(fileSystem: fileSystem, claimed: claimed, state: state)
    var doomed: [Doomed] = []
    var places: [Retention.Archive: (path: FilePath, volume: UInt64)] = [:]
    var volumes: [UInt64: (path: FilePath, space: Space)] = [:]
    var order: [UInt64] = []
    var others: [Retention.Archive] = []
    for (index, job) in configuration.jobs.enumerated() {
      if job.policy.retained != nil {
        doomed += retained(job, now: now).doomed
        continue
      }
      var tally = RemovalTally(job.policy, now: now)
      var archives: [Retention.Archive] = []
      _ = visit([index], alsoGone: true) { _, group, directory in
        guard let place = try? place(group, in: directory, job.policy) else { return }
        var rooms: [DirectoryRole: UInt64] = [:]
        for (role, directory) in place.directories.places {
          guard let space = try? fileSystem.space(of: directory) else { continue }
          rooms[role] = space.volume
          if volumes[space.volume] == nil {
            volumes[space.volume] = (directory.path, space)
            order.append(space.volume)
          }
        }
        for name in group.names {
          guard let found = try? scan.read(name, of: job, in: place) else { continue }
          tally.add(found)
          archives += found.archives
          for archive in found.archives {
            places[archive] = (place.directories.path(of: archive.location), rooms[archive.location.place] ?? 0)
          }
        }
      }
      let removals = tally.removals
      for removal in removals {
        guard let (path, volume) = places[removal.archive] else { continue }
        doomed.append((removal, path))
        if let free = volumes[volume]?.space.free {
          volumes[volume]?.space.free = free.saturatingAdd(removal.archive.bytes)
        }
      }
      let gone = Set(removals.map(\.archive))
      others += archives.filter { !gone.contains($0) }
    }
    if let bound = configuration.daemon.keepFree {
      for (id, volume) in order.compactMap({ id in volumes[id].map { (id, $0) } }) {
        let missing = bound.bytes(of: volume.space.total) - volume.space.free
        let there = others.filter { places[$0]?.volume == id }
        doomed += Retention.making(room: missing, among: there, now: now).map {
          (Retention.Removal($0, .free(bound.description, of: volume.path)), places[$0]?.path ?? $0.location.path)
        }
      }
    }
    let logs = Set(doomed.map(\.removal.archive.log))
    let left = archivesLeft(by: previews.filter { logs.contains($0.path) })
    return doomed.filter { left[$0.removal.archive.log]?.contains($0.removal.archive.file) ?? true }
  }

  /// The archives that these plans do not remove, by log.
  private func archivesLeft(by previews: [Preview]) -> [FilePath: Set<Version.File>] {
    var left: [FilePath: Set<Version.File>] = [:]
    for preview in previews {
      // A compressed or moved archive will be another file, and still an archive.
      let replaced = preview.plan.whenReleased.filter { !$0.isRemoval }.map(\.archive.file)
      left[preview.path] = Set(preview.plan.result.versions.map(\.file) + replaced)
    }
    return left
  }
}
