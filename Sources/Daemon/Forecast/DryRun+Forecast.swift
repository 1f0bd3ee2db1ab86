internal import Config
internal import Control
internal import EventLoop
package import Rotation
package import Timekeeping

extension DryRun {
  /// What the jobs of these names, or the jobs of these logs, will occupy after each of so many days; all where no name is given. What
  /// could not be looked at is returned besides. Nothing is changed.
  package func forecast(
    days: Int, jobs: [String], logs: [FilePath], now: WallTime, zone: Zone
  ) -> (forecast: Forecast, failures: [Outcome.Failure]) {
    var forecast = Forecast(days: days, now: now)
    var failures: [Outcome.Failure] = []
    let wanted = Set(logs)
    for (index, job) in configuration.jobs.enumerated() {
      let all = jobs.isEmpty && logs.isEmpty || jobs.contains(job.name)
      if job.policy.retained != nil {
        if all { addRetained(job, to: &forecast, now: now) }
        continue
      }
      var subjects: [Forecast.Subject] = []
      var measured = Wire.JobForecast()
      (measured.name, measured.limitBytes, measured.isRatioMeasured) = (job.name, job.policy.maxTotal, true)
      var growth = 0.0
      let unread = visit([index], alsoGone: true) { _, group, directory in
        var place: LogPlace?
        for name in group.names {
          let path = LogFinder.join(group.directory, name)
          guard all || wanted.contains(path) else { continue }
          do throws(Errno) {
            let found = if let place { place } else { try self.place(group, in: directory, job.policy) }
            place = found
            let directories = found.directories
            let home = directories.archives ?? directories.log
            let space = try fileSystem.space(of: home)
            forecast.add(space.volume, home.path, space)
            let (inventory, files, sizes) = try look(name, of: job, in: found)
            // The archives of a log that is copied say nothing of its growth.
            let rate =
              job.policy.method == .copy
              ? GrowthRate(bytesPerSecond: 0)
              : GrowthRate(
                GrowthRate.samples(live: inventory.live?.size, begun: inventory.begun, archives: sizes, now: now))
            if rate == nil { measured.unmeasured += 1 }
            growth += (rate?.bytesPerSecond ?? 0) * 86_400
            if job.policy.compression != nil, rate?.isRatioMeasured != true { measured.isRatioMeasured = false }
            let log = SimulatedLog(
              path, of: job, inventory, files: files, growth: rate ?? GrowthRate(bytesPerSecond: 0),
              served: state?.served(job: job.name), now: now, zone: zone)
            subjects.append(Forecast.Subject(log: log, volume: space.volume))
          } catch {
            failures.append(Outcome.Failure(step: "stat", path: path, errno: error))
          }
        }
      }
      guard all || !subjects.isEmpty else { continue }
      failures += unread
      measured.logs = Int64(subjects.count)
      measured.growthBytes = Int64(min(growth, 9e18))
      forecast.play(job, subjects, measured)
    }
    forecast.compare(with: configuration.daemon)
    return (forecast, failures)
  }

  /// Adds a job that only removes.
  private func addRetained(_ job: Job, to forecast: inout Forecast, now: WallTime) {
    let look = retained(job, now: now)
    var volumes: [FilePath: UInt64] = [:]
    for path in Set(look.groups.map(\.path.split.directory)) {
      guard let directory = try? fileSystem.openDirectory(path), let space = try? fileSystem.space(of: directory)
      else { continue }
      forecast.add(space.volume, path, space)
      volumes[path] = space.volume
    }
    forecast.add(job, look, volume: { volumes[$0] }, now: now)
  }

  /// The inventory of a log, the room of its archives by inode, and their bytes, the newest first.
  private func look(
    _ name: FileName, of job: Job, in place: LogPlace
  ) throws(Errno) -> (Inventory, [UInt64: SimulatedLog.File], [GrowthRate.Archive]) {
    var inventory = try reader.read(
      name, in: place.directories, job.policy.naming, listings: place.listings, suffix: job.policy.compression?.suffix)
    inventory.begun =
      state?.begun(LogFinder.join(place.directories.log.path, name), inventory.live) ?? inventory.live?.born
    var files: [UInt64: SimulatedLog.File] = [:]
    var sizes: [GrowthRate.Archive] = []
    for version in inventory.versions {
      let location = inventory.location(of: version)
      guard let status = try fileSystem.status(of: location.name, in: place.directories.directory(of: location.place))
      else {
        continue
      }
      files[version.inode] = SimulatedLog.File(
        bytes: status.allocated, modified: status.modified, rotated: status.modified)
      sizes.append((status.size, status.modified, !version.suffix.isEmpty))
    }
    return (inventory, files, sizes)
  }
}
