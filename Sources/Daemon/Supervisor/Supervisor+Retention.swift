import Config
import EventLoop
import Rotation
import Timekeeping

// Retention beyond `keep`, which the planner has: the age of archives and the bytes of a job. A job that has such a rule
// has one task for it, which looks at all archives of the job and sleeps until the next of them has its age; where no
// archive has an age to reach, the task ends, and the next rotation begins another. Nothing is remembered of archives.

extension Supervisor {
  /// What one look has come to.
  private struct Look {
    var job: Job
    var pass: RemovalPass
    /// Bytes of live logs and archives, as they are now.
    var total: Int64 = 0
    var left: [Retention.Archive] = []
    var next: WallTime?
  }

  /// Begins with retention at the start and after a reload.
  func beginRetention(_ runtimes: [JobRuntime]) {
    for runtime in runtimes { retain(runtime) }
    beginSpaceWatch()
  }

  /// Says, before a new config is adopted, which jobs will by that remove more archives than before, and how many.
  func announceRemovals(by configuration: Configuration) async {
    let changed = configuration.jobs.enumerated().filter {
      registry[$1.name]?.job.policy.keepsMore(than: $1.policy) ?? false
    }
    guard !changed.isEmpty else { return }
    let names = ClaimedNames(Claims(configuration), state: state)
    let scan = ArchiveScan(fileSystem: platform.fileSystem, claimed: names, state: state)
    let finder = LogFinder(fileSystem: platform.fileSystem, claims: names.claims)
    var count = 0
    for (index, job) in changed {
      guard let former = registry[job.name]?.job else { continue }
      // The same archives, by the rules of before.
      var before = job
      before.policy.rules.keep = former.policy.keep
      before.policy.rules.maxAge = former.policy.maxAge
      before.policy.rules.maxTotal = former.policy.maxTotal
      before.policy.rules.keepMin = former.policy.keepMin
      let now = Now(platform.loop).wall
      var (new, old) = (RemovalTally(job.policy, now: now), RemovalTally(before.policy, now: now))
      var groups = await finder.find(job, index: index, alsoGone: true, on: platform.loop).groups
      groups.reverse()
      while var group = groups.popLast() {
        guard let directories = open(group.directory, for: job) else { continue }
        var place = await scan.place(of: &group, job, in: directories, on: platform.loop)
        for name in group.names {
          count += 1
          if count % Limits.retentionSlice == 0 { await platform.loop.yield() }
          if isStopping { return }
          if let found = try? scan.read(name, of: job, in: place) { new.add(found) }
          if let found = try? scan.read(name, of: before, in: place) { old.add(found) }
        }
        await place.listings?.drop(on: platform.loop)
        await group.drop(on: platform.loop)
      }
      guard new.count().archives > old.count().archives else { continue }
      platform.report(RunReport.willRemove(new.count(), old.count(), of: job, before: former))
    }
  }

  /// Looks at the archives of a job after some of them have changed.
  func archivesChanged(of runtime: JobRuntime) {
    retain(runtime)
    guard space.isWanted else { return }
    space.unseen.insert(runtime.job.name)
    space.worker.wake()
  }

  private func retain(_ runtime: JobRuntime) {
    let rules = runtime.job.policy.rules
    if let retention = runtime.retention {
      retention.isWanted = true
      retention.worker.wake()
    } else if !isStopping, rules.retained == nil, rules.maxAge != nil || rules.maxTotal != nil {
      let retention = JobRetention(on: platform.loop)
      runtime.retention = retention
      retention.worker.start((self, runtime, retention), atEnd: { $0.0.endRetention(of: $0.1) }) {
        await $0.0.keepRetention($0.1, $0.2)
      }
    }
  }

  private func endRetention(of runtime: JobRuntime) {
    runtime.retention = nil
    platform.problems.clear(Problems.Topic(.removal, of: runtime.name))
  }

  private func isOver(_ runtime: JobRuntime) -> Bool { isStopping || runtime.isRetired }

  /// One look of a job's retention, when its rest is over; it ends when there is nothing to wait for.
  private func keepRetention(_ runtime: JobRuntime, _ retention: JobRetention) async -> Worker.Next {
    let began = platform.loop.now()
    guard began >= retention.restsUntil else { return .sleep(until: .monotonic(retention.restsUntil)) }
    retention.isWanted = false
    let look = await look(at: runtime)
    if isOver(runtime) { return .end }
    let now = platform.loop.now()
    retention.restsUntil = now.advanced(by: (now - began) * Limits.retentionRest)
    if look.pass.isStale || !look.pass.problems.isEmpty {
      retention.retry.postpone(Limits.retryDelays, from: now)
    } else {
      retention.retry.reset()
    }
    tell(look.pass, of: look.job.name, nextTry: retention.retry.next)
    if retention.isWanted { return .again }
    guard retention.retry.next != nil || look.next != nil else { return .end }
    return .sleep(until: .init(monotonic: retention.retry.next, wall: look.next))
  }

  /// Removes what has reached its age, log by log, then what is too much for the job. What cannot be looked into is
  /// reported by the job's runs.
  private func look(at runtime: JobRuntime) async -> Look {
    var look = Look(job: runtime.job, pass: RemovalPass(registry))
    let rules = look.job.policy.rules
    let scan = ArchiveScan(fileSystem: platform.fileSystem, claimed: claimed, state: state)
    var count = 0
    var groups = await look.pass.registry.find(look.job, alsoGone: true, on: platform.loop).groups
    groups.reverse()
    while var group = groups.popLast() {
      guard let directories = open(group.directory, for: look.job) else { continue }
      var place = await scan.place(of: &group, look.job, in: directories, on: platform.loop)
      for name in group.names {
        count += 1
        if count % Limits.retentionSlice == 0 { await platform.loop.yield() }
        if isOver(runtime) { return look }
        guard let found = try? scan.read(name, of: look.job, in: place) else { continue }
        look.total = look.total.saturatingAdd(found.bytes)
        var left = found.archives
        if let age = rules.maxAge {
          let now = Now(platform.loop).wall
          let aged = Retention.aged(left, age, now: now)
          let gone = aged.filter { remove(Retention.Removal($0, .age(age)), in: directories, &look.pass) }
          left.removeAll { gone.contains($0) }
          look.total = gone.reduce(look.total) { $0.saturatingSubtract($1.bytes) }
          look.next = [look.next, Retention.nextAged(left, age, now: now)].compactMap(\.self).min()
        }
        if rules.maxTotal != nil { look.left += left }
      }
      await place.listings?.drop(on: platform.loop)
      await group.drop(on: platform.loop)
    }
    if let most = rules.maxTotal { await reduce(&look, to: most, runtime) }
    return look
  }

  private func reduce(_ look: inout Look, to most: Int64, _ runtime: JobRuntime) async {
    guard look.total > most else { return }
    var opened: LogDirectories?
    for (count, archive) in Retention.order(look.left, now: Now(platform.loop).wall).enumerated() {
      if count % Limits.removalSlice == Limits.removalSlice - 1 { await platform.loop.yield() }
      // What has changed meanwhile may have made room.
      if isOver(runtime) || runtime.retention?.isWanted == true || look.total <= most { return }
      let path = LogFinder.split(archive.log).directory
      if opened?.log.path != path { opened = open(path, for: look.job) }
      guard let opened else { continue }
      if remove(Retention.Removal(archive, .total(most)), in: opened, &look.pass) { look.total -= archive.bytes }
    }
  }

  func open(_ path: FilePath, for job: Job) -> LogDirectories? {
    guard let directory = try? platform.fileSystem.openDirectory(path) else { return nil }
    directory.actsAsOwner = job.policy.actsAsOwner
    return try? LogDirectories(directory, job.policy, on: platform.fileSystem, makes: false)
  }

  /// Says what is new of the files that could not be removed, and when nothing stands against it any more.
  func tell(_ pass: RemovalPass, of job: String, nextTry: MonotonicTime?) {
    let topic = Problems.Topic(.removal, of: job)
    for (path, report) in pass.problems.sorted(by: { $0.key < $1.key }) {
      platform.problems.note(.init(topic, path), report, nextTry: nextTry)
    }
    if pass.problems.isEmpty, platform.problems.has(topic) {
      platform.report(RunReport.removesAgain(job: job))
    }
    platform.problems.clear(topic, except: Set(pass.problems.keys))
  }
}
