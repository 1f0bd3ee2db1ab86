internal import Config
package import Rotation
package import Timekeeping

extension DryRun {
  /// An archive that retention would remove now, and its absolute path.
  package typealias Doomed = (removal: Retention.Removal, path: FilePath)

  /// What age, total and free space would remove now, if no writer has any of it open: in this order, as a daemon does at
  /// its start. What the rotations of `previews` remove is theirs. What cannot be looked at is told by `previews`. Nothing is
  /// changed.
  package func retention(now: WallTime, after previews: [Preview] = []) -> [Doomed] {
    let scan = ArchiveScan(fileSystem: fileSystem, claimed: claimed)
    var doomed: [Doomed] = []
    var places: [Retention.Archive: (path: FilePath, volume: UInt64)] = [:]
    var volumes: [UInt64: (path: FilePath, space: Space)] = [:]
    var order: [UInt64] = []
    var left: [Retention.Archive] = []
    for job in configuration.jobs {
      var tally = RemovalTally(job.policy, now: now)
      var archives: [Retention.Archive] = []
      _ = visit([job.name], alsoGone: true) { _, group, directory in
        guard let directories = try? LogDirectories(directory, job.policy, on: fileSystem, makes: false) else { return }
        var rooms: [DirectoryRole: UInt64] = [:]
        for (place, directory) in directories.places {
          guard let space = try? fileSystem.space(of: directory) else { continue }
          rooms[place] = space.volume
          if volumes[space.volume] == nil {
            volumes[space.volume] = (directory.path, space)
            order.append(space.volume)
          }
        }
        for name in group.names {
          guard let found = try? scan.read(name, of: job, in: directories, listing: group.listing) else { continue }
          tally.add(found)
          archives += found.archives
          for archive in found.archives {
            places[archive] = (directories.path(of: archive.location), rooms[archive.location.place] ?? 0)
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
      left += archives.filter { !gone.contains($0) }
    }
    if let bound = configuration.daemon.keepFree {
      for (id, volume) in order.compactMap({ id in volumes[id].map { (id, $0) } }) {
        let missing = bound.bytes(of: volume.space.total) - volume.space.free
        let there = left.filter { places[$0]?.volume == id }
        doomed += Retention.making(room: missing, among: there, now: now).map {
          (Retention.Removal($0, .free(bound.description, of: volume.path)), places[$0]?.path ?? $0.location.path)
        }
      }
    }
    return doomed.filter { !isShown($0.removal, in: previews) }
  }

  /// Whether a plan has this removal, or the rotation of the log pushes the archive out.
  private func isShown(_ removal: Retention.Removal, in previews: [Preview]) -> Bool {
    guard let plan = previews.first(where: { $0.path == removal.archive.log })?.plan else { return false }
    return !plan.result.versions.contains { $0.file == removal.archive.file }
      && !plan.whenReleased.contains { $0.archive.file == removal.archive.file && !$0.isRemoval }
  }
}
