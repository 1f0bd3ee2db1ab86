import EventLoop
import Rotation
import Timekeeping

extension Supervisor {
  /// Sets the clocks of jobs that begin, and remembers those that were never seen before.
  func setClocks(of runtimes: [JobRuntime]) {
    let now = Now(platform.loop)
    var firstSeen: [StateRecord] = []
    for runtime in runtimes {
      let job = runtime.job
      runtime.nextCheck = job.sizeLimit?.check.map { _ in now.monotonic }
      guard let schedule = job.schedule else { continue }
      let served = state.served(job: job.name)
      runtime.clock = JobClock(schedule, served: served ?? now.wall, now: now, zone: zone)
      if served == nil { firstSeen.append(.served(job: job.name, now.wall)) }
      skipMissed(runtime)
    }
    state.record(firstSeen)
  }

  /// For a job that does not catch up: gives up a due time that was missed, remembers that, and says so.
  func skipMissed(_ runtime: JobRuntime) {
    guard !runtime.job.catchesUp, let due = runtime.clock?.skipMissed(now: Now(platform.loop), zone: zone) else {
      return
    }
    state.record([.served(job: runtime.job.name, due)])
    platform.report(RunReport.skipped(due, job: runtime.job.name, zone: zone))
  }

  /// Reads the local zone anew, and if it has changed, looks up the due times of all jobs by its clocks.
  func adoptZone() {
    guard let newZone = platform.loadZone(), newZone != zone else { return }
    zone = newZone
    let now = Now(platform.loop)
    var records: [StateRecord] = []
    for runtime in registry.runtimes {
      guard var clock = runtime.clock else { continue }
      let served = clock.served
      clock.zoneWasChanged(now: now, zone: zone)
      if clock.served != served { records.append(.served(job: runtime.job.name, clock.served)) }
      if clock.next != runtime.clock?.next { runtime.alarm.ring() }
      runtime.clock = clock
    }
    state.record(records)
    platform.report(
      Report(
        .zoneChanged, .notice, "the local time zone has changed: the local time is \(zone.dateAndTime(at: now.wall))"))
  }
}
