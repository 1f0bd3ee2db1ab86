internal import EventLoop
internal import Rotation
internal import Timekeeping

// One log, from its watch to its rotation and back.
extension SizeWatch {
  /// The job that has the log now, with its limit; nil if no job watches it any more.
  private func owner(of log: Int32) -> (runtime: JobRuntime, limit: SizeLimit)? {
    guard let runtime = jobs[Int(table.logs[Int(log)].job)]?.runtime, !runtime.isRetired,
      let limit = runtime.job.sizeLimit, limit.isWatched
    else { return nil }
    return (runtime, limit)
  }

  /// The size that is compared with the job's limit.
  private func size(_ path: FilePath, _ status: FileStatus, _ runtime: JobRuntime) -> Int64 {
    heads.size(of: path, status, runtime.job.policy.method)
  }

  /// Sets a watch for the next write to the log, and checks its size.
  func arm(_ log: Int32) {
    switch table.logs[Int(log)].state {
    case .due, .gone: return
    default: break
    }
    guard let (runtime, limit) = owner(of: log) else { return forget(log) }
    let path = table.path(log)
    if table.directories[Int(table.logs[Int(log)].directory)].isWatchable { watch(log, path) }
    do throws(Errno) {
      guard let status = try platform.fileSystem.look(at: path) else { return miss(log, path) }
      if size(path, status, runtime) >= limit.bytes || state.isHalfDone(path) { return report(log, path) }
      table.setState(table.logs[Int(log)].watch >= 0 ? .resting : .growing, of: log)
      if table.logs[Int(log)].watch >= 0 {
        growth[log] = nil
        queue.clear(log)
      } else {
        growth[log] = Growth(
          inode: status.inode, size: size(path, status, runtime), at: platform.loop.now().nanoseconds)
        queue.set(log, to: later(Limits.unwatchedLook))
      }
    } catch {
      postpone(log)
    }
  }

  /// Sets the log's watch, and ends the one that it had. A log that cannot be watched is checked at intervals.
  private func watch(_ log: Int32, _ path: FilePath) {
    let before = table.logs[Int(log)].watch
    do throws(Errno) {
      let watch = try platform.fileSystem.watchLog(path)
      if before >= 0, before != watch { endWatch(before) }
      table.setWatch(watch, of: log)
    } catch {
      if before >= 0 { endWatch(before) }
      table.setWatch(-1, of: log)
      guard error != .noEntry, error != .notDirectory else { return }
      warn("\(error.code)", Self.problem(error, path), error)
    }
  }

  private func endWatch(_ watch: Int32) {
    // Another path of the same file may need the watch.
    if table.logs(of: watch).count < 2 { platform.fileSystem.unwatch(watch) }
  }

  static func problem(_ error: Errno, _ path: FilePath) -> String {
    switch error {
    case .noSpace: "the limit of inotify watches is reached (fs.inotify.max_user_watches), first for \(path.printable)"
    case .tooManyFiles: "no inotify instance is left (fs.inotify.max_user_instances), so sizes cannot be watched"
    default: "cannot watch \(path.printable): \(error)"
    }
  }

  /// The log was written to: from now on its size is checked at intervals.
  func wake(_ log: Int32) {
    table.setWatch(-1, of: log)
    guard table.logs[Int(log)].state == .resting else { return }
    guard let (runtime, limit) = owner(of: log) else { return forget(log) }
    let path = table.path(log)
    // The log may have been truncated and have grown again while it had its watch.
    heads.forget(path)
    do throws(Errno) {
      guard let status = try platform.fileSystem.look(at: path) else { return miss(log, path) }
      if size(path, status, runtime) >= limit.bytes { return report(log, path) }
      table.setState(.growing, of: log)
      var growth = Growth(inode: status.inode, size: size(path, status, runtime), at: platform.loop.now().nanoseconds)
      queue.set(log, to: later(growth.first(limit: limit.bytes)))
      self.growth[log] = growth
    } catch {
      postpone(log)
    }
  }

  /// It is time to check the size of the log.
  func look(_ log: Int32) {
    guard table.logs[Int(log)].state == .growing, var growth = growth[log] else { return arm(log) }
    guard let (runtime, limit) = owner(of: log) else { return forget(log) }
    let path = table.path(log)
    do throws(Errno) {
      guard let status = try platform.fileSystem.look(at: path) else { return miss(log, path) }
      if size(path, status, runtime) >= limit.bytes { return report(log, path) }
      let next = growth.look(
        inode: status.inode, size: size(path, status, runtime), at: platform.loop.now().nanoseconds, limit: limit.bytes)
      self.growth[log] = growth
      switch next {
      case .rest: arm(log)
      case .look(let span): queue.set(log, to: later(span))
      }
    } catch {
      postpone(log)
    }
  }

  private func later(_ span: Span) -> MonotonicTime { together(platform.loop.now().advanced(by: span)) }

  /// Rounds long waits up to a common time, so that many logs cause few wake-ups.
  private func together(_ time: MonotonicTime) -> MonotonicTime {
    guard time - platform.loop.now() >= .milliseconds(500) else { return time }
    let grain: Int64 = 1 << 26
    return MonotonicTime(nanoseconds: time.nanoseconds.saturatingAdd(grain - 1) / grain * grain)
  }

  // MARK: Missing

  /// The log does not exist. A log that a pattern has found is forgotten; one that the config names is awaited.
  private func miss(_ log: Int32, _ path: FilePath) {
    dropWatch(log)
    growth[log] = nil
    retries[log] = nil
    queue.clear(log)
    guard table.logs[Int(log)].isNamed else { return forget(log) }
    let directory = table.logs[Int(log)].directory
    let wasMissed = table.logs[Int(log)].state == .missing
    table.setState(.missing, of: log)
    guard !wasMissed || table.directories[Int(directory)].watch < 0 else { return }
    watch(directory: directory, for: table.logs[Int(log)].job)
    // A log that was made between the stat and the watch causes no event: check again.
    if (try? platform.fileSystem.look(at: path)) != nil { unseen.append(log) }
  }

  private func dropWatch(_ log: Int32) {
    guard case let watch = table.logs[Int(log)].watch, watch >= 0 else { return }
    endWatch(watch)
    table.setWatch(-1, of: log)
  }

  /// The file is no log any more, or its job is not watched any more.
  func forget(_ log: Int32) {
    dropWatch(log)
    growth[log] = nil
    retries[log] = nil
    queue.clear(log)
    heads.forget(table.path(log))
    let directory = table.logs[Int(log)].directory
    table.remove(log)
    releaseIfIdle(directory)
  }

  // MARK: Due

  /// Hands the log to its job, unless a pause forbids a rotation now.
  private func report(_ log: Int32, _ path: FilePath) {
    guard let (runtime, limit) = owner(of: log) else { return forget(log) }
    growth[log] = nil
    if let span = pauses.pause(of: path, limit, runtime.job.policy.method) {
      table.setState(.postponed, of: log)
      queue.set(log, to: later(span))
      return
    }
    queue.clear(log)
    table.setState(.due, of: log)
    runtime.dueLogs.append(log)
    // More logs with the same hooks may be found due before the watch sleeps.
    notifier.gather(runtime.job.policy.hooks)
    runtime.alarm.ring()
  }

  /// Takes the logs that were handed to a job. `settle` is called for each after the job's run.
  func takeDue(of runtime: JobRuntime) -> [(number: Int32, path: FilePath)] {
    let due = runtime.dueLogs.filter {
      table.logs[Int($0)].state == .due && jobs[Int(table.logs[Int($0)].job)]?.runtime === runtime
    }
    runtime.dueLogs = []
    return due.map { ($0, table.path($0)) }
  }

  /// After the run. A log that is still due, because its rotation failed or was skipped, is tried again with growing
  /// pauses.
  func settle(_ log: Int32, wasRotated: Bool) {
    guard table.logs[Int(log)].state == .due else { return }
    // The task of the watch may sleep for longer than this log may wait.
    defer { wakeUp() }
    guard let (runtime, limit) = owner(of: log), table.logs[Int(log)].rescan == rescan || isRescanning else {
      return forget(log)
    }
    table.setState(.new, of: log)
    let path = table.path(log)
    if !wasRotated, isStillDue(path, runtime, limit) { return postpone(log) }
    retries[log] = nil
    arm(log)
  }

  private func isStillDue(_ path: FilePath, _ runtime: JobRuntime, _ limit: SizeLimit) -> Bool {
    if state.isHalfDone(path) { return true }
    do throws(Errno) {
      guard let status = try platform.fileSystem.look(at: path) else { return false }
      return size(path, status, runtime) >= limit.bytes
    } catch {
      return true
    }
  }

  private func postpone(_ log: Int32) {
    growth[log] = nil
    table.setState(.postponed, of: log)
    queue.set(
      log, to: together(retries[log, default: Backoff()].postpone(Limits.retryDelays, from: platform.loop.now())))
  }
}
