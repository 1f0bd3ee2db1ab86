internal import EventLoop
internal import Rotation
internal import Timekeeping

// The directories of logs, and the directories in which logs may appear.
extension SizeWatch {
  /// Finds the logs of a job. Returns the cost of the search, in names.
  func register(_ place: Int32) -> Int {
    guard let job = jobs[Int(place)] else { return 1 }
    let runtime = job.runtime
    for (index, pattern) in job.patterns.enumerated() {
      search(
        table.directory(pattern.directory),
        for: WatchedLogs.Interest(job: place, pattern: Int32(index), depth: 0))
    }
    for pattern in runtime.job.logs where !pattern.hasWildcard {
      let (path, name) = LogFinder.split(pattern.text)
      guard registry.isLog(name, in: path, of: runtime.name) else { continue }
      add(name, in: table.directory(path), job: place, isNamed: true)
    }
    return 1 + runtime.job.logs.count
  }

  private func add(_ name: FileName, in directory: Int32, job: Int32, isNamed: Bool) {
    if isNamed, table.directories[Int(directory)].watch < 0 { watch(directory: directory, for: job) }
    let isKnown = table.directories[Int(directory)].logs[name] != nil
    let log = table.add(name, in: directory, job: job, rescan: rescan, isNamed: isNamed)
    // A log that is already watched is left alone, unless all logs are checked again.
    if !isKnown || isRescanning || table.logs[Int(log)].state == .missing { unseen.append(log) }
  }

  /// Searches a piece of a directory for the logs and the subdirectories of a pattern. Returns the cost, in names. The watch is
  /// set first, so the kernel reports a name that appears during the listing.
  func walk(_ directory: Int32, _ interest: WatchedLogs.Interest, _ begun: OpenDirectory?) -> Int {
    guard let job = jobs[Int(interest.job)], !job.runtime.isRetired else { return 1 }
    let components = job.patterns[Int(interest.pattern)].components
    let (path, depth) = (table.directories[Int(directory)].path, Int(interest.depth))
    if !table.directories[Int(directory)].interests.contains(interest) {
      table.directories[Int(directory)].interests.append(interest)
    }
    guard begun != nil || watch(directory: directory, for: interest.job) else {
      vanish(directory, interest)
      return 1
    }
    do throws(Errno) {
      let opened = if let begun { begun } else { try platform.fileSystem.openDirectory(path) }
      let entries = try platform.fileSystem.nextEntries(in: opened)
      for entry in entries where components[depth].matches(entry.name) {
        if depth == components.count - 1 {
          guard entry.kind == nil || entry.kind == .regular else { continue }
          found(entry.name, in: directory, interest)
        } else {
          var kind = entry.kind
          if kind == nil { kind = try platform.fileSystem.status(of: entry.name, in: opened)?.kind }
          if kind == .directory { descend(entry.name, from: directory, interest) }
        }
      }
      if entries.isEmpty { note(nil, at: path, job.runtime) } else { search(directory, for: interest, opened) }
      return 1 + entries.count / 8
    } catch {
      if error == .noEntry {
        vanish(directory, interest)
      } else {
        note(error, at: path, job.runtime)
        queue.set(~directory, to: platform.loop.now().advanced(by: Limits.unwatchedLook))
      }
      return 1
    }
  }

  private func found(_ name: FileName, in directory: Int32, _ interest: WatchedLogs.Interest) {
    guard let runtime = jobs[Int(interest.job)]?.runtime else { return }
    if registry.isLog(name, in: table.directories[Int(directory)].path, of: runtime.name) {
      add(name, in: directory, job: interest.job, isNamed: false)
    }
  }

  private func descend(_ name: FileName, from directory: Int32, _ interest: WatchedLogs.Interest) {
    let below = table.directory(LogFinder.join(table.directories[Int(directory)].path, name))
    var deeper = interest
    deeper.depth += 1
    search(below, for: deeper)
  }

  /// A directory of a pattern does not exist. The first directory of a pattern is awaited; its parent reports the
  /// others.
  private func vanish(_ directory: Int32, _ interest: WatchedLogs.Interest) {
    table.directories[Int(directory)].interests.removeAll { $0 == interest }
    if interest.depth == 0, let runtime = jobs[Int(interest.job)]?.runtime {
      note(.noEntry, at: table.directories[Int(directory)].path, runtime)
      awaitDirectory(directory, for: interest.job)
    }
    releaseIfIdle(directory)
  }

  /// Reports that a directory of a job cannot be listed, or can be listed again (nil).
  private func note(_ errno: Errno?, at path: FilePath, _ runtime: JobRuntime) {
    let subject = Problems.Subject(.directory, of: runtime.name, path)
    guard let errno else {
      platform.problems.clear(subject, RunReport.worksAgain(path, job: runtime.name))
      return
    }
    let failure = LookFailure(path: path, errno: errno, on: platform.fileSystem)
    platform.problems.note(subject, RunReport.unread(failure, job: runtime.name))
  }

  // MARK: Watches

  /// Watches a directory for the names that matter in it; false if it does not exist. A directory that cannot be
  /// watched is listed at intervals.
  @discardableResult
  func watch(directory number: Int32, for job: Int32) -> Bool {
    let directory = table.directories[Int(number)]
    do throws(Errno) {
      let watch = try platform.fileSystem.watchDirectory(directory.path, names: directory.wantsNames)
      if directory.watch >= 0, directory.watch != watch { platform.fileSystem.unwatch(directory.watch) }
      table.setWatch(watch, ofDirectory: number)
      table.directories[Int(number)].isWatchable = true
    } catch {
      table.setWatch(-1, ofDirectory: number)
      if error == .noEntry || error == .notDirectory {
        if directory.missing > 0 { awaitDirectory(number, for: job) }
        // Opening a path that is no directory fails later, and is reported then.
        return error == .notDirectory
      }
      let isRemote = error == .notSupported
      table.directories[Int(number)].isWatchable = !isRemote
      warn(
        isRemote ? directory.path.printable : "\(error.code)",
        isRemote
          ? "\(directory.path.printable): its file system reports no changes"
          : Self.problem(error, directory.path), error)
      queue.set(~number, to: platform.loop.now().advanced(by: Limits.unwatchedLook))
    }
    return true
  }

  /// Waits for a directory that does not exist, by a watch on its nearest existing ancestor.
  private func awaitDirectory(_ number: Int32, for job: Int32) {
    var child = table.directories[Int(number)].path
    while child != "/" {
      let (parent, name) = LogFinder.split(child)
      let above = table.directory(parent)
      table.directories[Int(above)].awaited[name, default: []].insert(job)
      do throws(Errno) {
        let watch = try platform.fileSystem.watchDirectory(parent, names: true)
        table.setWatch(watch, ofDirectory: above)
        if try platform.fileSystem.look(at: child) != nil { see(name, in: above, isDirectory: true) }
        return
      } catch {
        table.directories[Int(above)].awaited[name] = nil
        releaseIfIdle(above)
        guard error == .noEntry || error == .notDirectory else { break }
      }
      child = parent
    }
    queue.set(~number, to: platform.loop.now().advanced(by: Limits.unwatchedLook))
  }

  /// A name has appeared in a directory.
  func see(_ name: FileName, in directory: Int32, isDirectory: Bool) {
    if let log = table.directories[Int(directory)].logs[name], table.logs[Int(log)].state == .missing {
      unseen.append(log)
    }
    for interest in table.directories[Int(directory)].interests {
      guard let job = jobs[Int(interest.job)] else { continue }
      let components = job.patterns[Int(interest.pattern)].components
      guard components[Int(interest.depth)].matches(name) else { continue }
      if Int(interest.depth) < components.count - 1 {
        if isDirectory { descend(name, from: directory, interest) }
      } else if !isDirectory, table.directories[Int(directory)].logs[name] == nil {
        let path = LogFinder.join(table.directories[Int(directory)].path, name)
        if (try? platform.fileSystem.look(at: path))?.kind == .regular { found(name, in: directory, interest) }
      }
    }
    for job in table.directories[Int(directory)].awaited.removeValue(forKey: name) ?? [] { searches.append(.job(job)) }
    releaseIfIdle(directory)
  }

  /// A watched directory was moved or removed, together with its content.
  func lose(_ number: Int32) {
    let directory = table.directories[Int(number)]
    if directory.watch >= 0 { platform.fileSystem.unwatch(directory.watch) }
    table.setWatch(-1, ofDirectory: number)
    unseen += directory.logs.values
    for interest in directory.interests { search(number, for: interest) }
    for job in directory.awaited.values.joined() { searches.append(.job(job)) }
    table.directories[Int(number)].awaited = [:]
  }

  /// It is time to list a directory that cannot be watched.
  func retry(directory number: Int32) {
    let directory = table.directories[Int(number)]
    guard !directory.isIdle else { return }
    for interest in directory.interests { search(number, for: interest) }
    for log in directory.logs.values where table.logs[Int(log)].state == .missing { unseen.append(log) }
    if directory.interests.isEmpty, let log = directory.logs.values.first(where: { _ in true }) {
      watch(directory: number, for: table.logs[Int(log)].job)
    }
  }

  /// Ends the watch on a directory that no job needs any more.
  func releaseIfIdle(_ number: Int32) {
    let directory = table.directories[Int(number)]
    guard directory.isIdle, !directory.path.isEmpty else { return }
    if directory.watch >= 0, table.directories(of: directory.watch).count < 2 {
      platform.fileSystem.unwatch(directory.watch)
    }
    queue.clear(~number)
    table.remove(directory: number)
  }
}
