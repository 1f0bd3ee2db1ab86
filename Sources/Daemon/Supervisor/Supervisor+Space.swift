import Config
import EventLoop
import Rotation
import Timekeeping

// The free space of the file systems that archives lie on, `keep-free` and `warn-free`: one task for all of them, and none
// where the config has neither key. What is done when a disk is low, in this order:
//
//   1. archives are removed, the oldest first across all jobs that have some there, until enough is free. One that a
//      writer has open is left alone: its room would not come free, and its last lines would be lost;
//   2. logs that are over their size are looked at at once;
//   3. only then is anything compressed there, the smallest first.

extension Supervisor {
  /// Begins to watch, if the config wants it; after a reload, with its bounds.
  func beginSpaceWatch() {
    space.unseen = registry.names
    for volume in space.volumes.values {
      volume.gauge = SpaceGauge(warnFree: space.settings.warnFree, keepFree: space.settings.keepFree)
    }
    guard space.isWanted, !isStopping else { return space.worker.wake() }
    space.worker.start(self, atEnd: { $0.endSpaceWatch() }) { await $0.watchSpace() }
  }

  private func watchSpace() async -> Worker.Next {
    guard !isStopping, space.isWanted else { return .end }
    await findVolumes()
    var next: MonotonicTime?
    for (id, volume) in space.volumes.sorted(by: { $0.key < $1.key }) {
      if isStopping { return .end }
      guard measure(id, volume) else { continue }
      if !isShort(volume) {
        volume.retry.reset()
        platform.problems.clear(volume.topic)
      } else if platform.loop.now() >= volume.restsUntil {
        let began = platform.loop.now()
        await makeRoom(on: id, volume)
        let took = platform.loop.now() - began
        volume.restsUntil = platform.loop.now().advanced(by: took * Limits.retentionRest)
      }
      guard let look = nextLook(volume) else { continue }
      next = min(next ?? look, look)
    }
    for volume in space.volumes.values { noteStage(volume) }
    // A directory that is not there yet is looked for again.
    let longest = platform.loop.now().advanced(by: Limits.longestSpacePause)
    return .sleep(until: .monotonic(min(next ?? longest, longest)))
  }

  private func endSpaceWatch() {
    for volume in space.volumes.values { forget(volume) }
    (space.volumes, space.known) = ([:], [:])
  }

  /// Shows how low a file system is, or says that it is so no more.
  private func noteStage(_ volume: SpaceWatch.Volume) {
    if volume.gauge.stage > .plenty {
      platform.problems.rename(volume.subject, volume.name)
    } else {
      platform.problems.clear(volume.subject, RunReport.enoughSpace(volume.path, volume.gauge))
    }
  }

  private func forget(_ volume: SpaceWatch.Volume) {
    platform.problems.clear(volume.subject)
    platform.problems.clear(volume.topic)
  }

  /// Learns on which file systems the directories of new jobs are, and of those that have changed something.
  private func findVolumes() async {
    var count = 0
    for name in space.unseen.sorted() {
      space.unseen.remove(name)
      guard let job = registry[name]?.job else { continue }
      for path in registry.directories(of: job) where space.known[path] == nil {
        count += 1
        if count % Limits.retentionSlice == 0 { await platform.loop.yield() }
        guard let directories = open(path, for: job) else { continue }
        for (_, directory) in directories.places {
          guard let room = try? platform.fileSystem.space(of: directory) else { continue }
          space.known[directory.path] = room.volume
          if space.volumes[room.volume] == nil {
            let gauge = SpaceGauge(warnFree: space.settings.warnFree, keepFree: space.settings.keepFree)
            space.volumes[room.volume] = SpaceWatch.Volume(path: directory.path, gauge: gauge)
          }
        }
      }
    }
  }

  /// Measures a file system and says what is new of it; false when it cannot be measured, and then it is forgotten until
  /// one of its directories is looked at again.
  private func measure(_ id: UInt64, _ volume: SpaceWatch.Volume) -> Bool {
    let before = volume.gauge.stage
    let unmeasured = Problems.Subject(.measure, volume.path)
    do throws(Errno) {
      try gauge(id, volume)
    } catch {
      if error != .noEntry { platform.problems.note(unmeasured, RunReport.unmeasured(volume.path, error), key: "none") }
      forget(volume)
      space.volumes[id] = nil
      space.known = space.known.filter { $0.value != id }
      space.unseen.formUnion(registry.names)
      return false
    }
    platform.problems.clear(unmeasured)
    let after = volume.gauge.stage
    if after > before {
      platform.problems.note(volume.subject, RunReport.lowSpace(volume.path, volume.gauge), name: volume.name)
      if after == .acting { lookAtSizes(on: id) }
    }
    noteStage(volume)
    return true
  }

  /// Notes what is free now.
  private func gauge(_ id: UInt64, _ volume: SpaceWatch.Volume) throws(Errno) {
    let room = try platform.fileSystem.space(of: try platform.fileSystem.openDirectory(volume.path))
    guard room.volume == id else { throw .noEntry }
    volume.gauge.note(free: room.free, total: room.total, at: platform.loop.now())
  }

  /// Lets the jobs there that go by size look at once.
  private func lookAtSizes(on id: UInt64) {
    for runtime in registry.runtimes where runtime.job.sizeLimit != nil {
      guard registry.directories(of: runtime.job).contains(where: { space.known[$0] == id }) else { continue }
      runtime.looksNow = true
      runtime.alarm.ring()
    }
    sizes.lookAgain()
  }

  private func promised(_ volume: SpaceWatch.Volume) -> Int64 {
    if platform.loop.now() >= volume.promiseEnds { volume.promised = 0 }
    return volume.promised
  }

  /// Whether archives have to go.
  private func isShort(_ volume: SpaceWatch.Volume) -> Bool {
    volume.gauge.free.saturatingAdd(promised(volume)) < volume.gauge.keepBytes
  }

  private func nextLook(_ volume: SpaceWatch.Volume) -> MonotonicTime? {
    (volume.retry.next ?? volume.gauge.nextLook).map { max($0, volume.restsUntil) }
  }

  // MARK: Making room

  /// Removes the oldest archives of all jobs on a file system until enough is free, or none is left that may go.
  private func makeRoom(on id: UInt64, _ volume: SpaceWatch.Volume) async {
    volume.isPruning = true
    defer { volume.isPruning = false }
    let registry = registry
    let archives = await archives(on: id, registry)
    var pass = RemovalPass(registry)
    for (count, archive) in Retention.order(archives, now: Now(platform.loop).wall).enumerated() {
      // Under another config other archives may have to stay: it rings, and all is looked at anew.
      if isStopping || self.registry.revision != registry.revision { return }
      // Others, as a compression, may have made room since the archives were looked for. What cannot be measured is reported
      // by the next look.
      guard (try? gauge(id, volume)) != nil else { return }
      if !isShort(volume) {
        volume.retry.reset()
        platform.problems.clear(volume.exhaustion)
        return
      }
      removeToMakeRoom(archive, volume, &pass)
      if count % Limits.removalSlice == Limits.removalSlice - 1 { await platform.loop.yield() }
    }
    guard isShort(volume) else { return }
    volume.retry.postpone(Limits.retryDelays, from: platform.loop.now())
    platform.problems.note(
      volume.exhaustion, RunReport.noRoomToMake(volume.path, volume.gauge), key: "none", nextTry: volume.retry.next)
  }

  /// Every archive on a file system that may ever be removed.
  private func archives(on id: UInt64, _ registry: JobRegistry) async -> [Retention.Archive] {
    let scan = ArchiveScan(fileSystem: platform.fileSystem, claimed: claimed, state: state)
    var archives: [Retention.Archive] = []
    var count = 0
    for runtime in registry.runtimes {
      let job = runtime.job
      var groups = await registry.find(job, alsoGone: true, on: platform.loop).groups
      groups.reverse()
      while var group = groups.popLast() {
        guard let directories = open(group.directory, for: job) else { continue }
        let places = directories.places.filter { (try? platform.fileSystem.space(of: $0.directory))?.volume == id }
        guard !places.isEmpty else { continue }
        var place = await scan.place(of: &group, job, in: directories, on: platform.loop)
        for name in group.names {
          count += 1
          if count % Limits.retentionSlice == 0 { await platform.loop.yield() }
          if isStopping { return [] }
          guard let found = try? scan.read(name, of: job, in: place) else { continue }
          archives += found.archives.filter { archive in places.contains { $0.place == archive.location.place } }
        }
        await place.listings?.drop(on: platform.loop)
        await group.drop(on: platform.loop)
      }
    }
    return archives
  }

  /// Removes one archive, and measures what that gave.
  private func removeToMakeRoom(
    _ archive: Retention.Archive, _ volume: SpaceWatch.Volume, _ pass: inout RemovalPass
  ) {
    guard let job = registry[archive.job]?.job,
      let directories = open(LogFinder.split(archive.log).directory, for: job)
    else { return }
    let removal = Retention.Removal(archive, .free(volume.gauge.bound, of: volume.path))
    guard remove(removal, in: directories, &pass) else {
      let path = directories.path(of: archive.location)
      if let report = pass.problems[path] { platform.problems.note(.init(volume.topic, path), report) }
      return
    }
    let before = volume.gauge.free
    guard let directory = try? directories.directory(of: archive.location.place),
      let room = try? platform.fileSystem.space(of: directory)
    else { return }
    volume.gauge.note(free: room.free, total: room.total, at: platform.loop.now())
    let outstanding = archive.bytes - max(0, room.free - before)
    guard outstanding > archive.bytes / 2 else { return }
    volume.promised = volume.promised.saturatingAdd(outstanding)
    volume.promiseEnds = platform.loop.now().advanced(by: Limits.freeingTime)
  }
}
