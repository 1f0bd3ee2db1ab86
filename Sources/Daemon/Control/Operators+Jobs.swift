internal import Config
internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

// Jobs and logs as they are now.

extension Operators {
  /// A log with its archives.
  struct LogView {
    var path: FilePath
    var inventory: Inventory
    var renames: RenameSupport
    /// Newest first.
    var archives: [(path: FilePath, status: FileStatus, version: Version)]

    var archiveBytes: Int64 { archives.reduce(0) { $0.saturatingAdd($1.status.allocated) } }
  }

  /// Sums over the logs of a job.
  struct Census {
    var logs: Int64 = 0
    var archives: Int64 = 0
    var archiveBytes: Int64 = 0
    var held: Int64 = 0
    var largest: (path: FilePath, bytes: Int64)?
    var last: WallTime?
    /// When a log reaches its size, the earliest first.
    var reached: WallTime?
  }

  /// Goes over the logs of a job that are wanted, those that have archives alone among them.
  func visit(
    _ runtime: JobRuntime, _ selection: Selection? = nil, _ body: (LogView) async throws(VarlinkError) -> Void
  ) async throws(VarlinkError) {
    let job = runtime.job
    let reader = reader
    var count = 0
    for group in supervisor.registry.find(job, alsoGone: true).groups {
      guard let directories = supervisor.open(group.directory, for: job) else { continue }
      // Without, each name is asked for.
      let listings = try? reader.listings(of: directories, job.policy.naming, known: group.listing)
      for name in group.names {
        let path = LogFinder.join(group.directory, name)
        guard selection?.isWanted(path, of: job.name) ?? true else { continue }
        count += 1
        if count % Limits.lookSlice == 0 { await platform.loop.yield() }
        if supervisor.isStopping { throw OperatorError.stopping.with() }
        guard let view = try? view(of: name, job, in: directories, listings, reader) else { continue }
        try await body(view)
      }
    }
    // A job without logs is work, too.
    if count == 0 { await platform.loop.yield() }
  }

  var reader: InventoryReader {
    var reader = InventoryReader(fileSystem: platform.fileSystem)
    reader.claimed = supervisor.claimed
    return reader
  }

  func view(
    of name: FileName, _ job: Job, in directories: LogDirectories, _ listings: LogListings?, _ reader: InventoryReader
  ) throws(Errno) -> LogView {
    let path = LogFinder.join(directories.log.path, name)
    var inventory = try reader.read(
      name, in: directories, job.policy.naming, listings: listings, suffix: job.policy.compression?.suffix,
      leftovers: InventoryReader.Leftovers(job.policy))
    inventory.begun = supervisor.state.begun(path, inventory.live)
    let renames: RenameSupport = directories.log.hasFastExchange ? .fastExchange : .full
    var view = LogView(path: path, inventory: inventory, renames: renames, archives: [])
    for version in inventory.versions {
      let location = inventory.location(of: version)
      let directory = try directories.directory(of: location.place)
      guard let status = try platform.fileSystem.status(of: location.name, in: directory), status.kind == .regular,
        status.inode == version.inode, status.inode != inventory.live?.inode
      else { continue }
      view.archives.append((directories.path(of: location), status, version))
    }
    return view
  }

  func census(of runtime: JobRuntime) async throws(VarlinkError) -> Census {
    var census = Census()
    if runtime.job.policy.retained != nil {
      let sums = try await retainedSums(of: runtime)
      (census.archives, census.archiveBytes) = (sums.files, sums.bytes)
      return census
    }
    try await visit(runtime) { view throws(VarlinkError) in
      self.count(view, &census)
      census.reached = [census.reached, self.reached(view, runtime.job)].compactMap(\.self).min()
    }
    return census
  }

  private func count(_ view: LogView, _ census: inout Census) {
    if let live = view.inventory.live {
      census.logs += 1
      if live.size > census.largest?.bytes ?? -1 { census.largest = (view.path, live.size) }
    }
    census.archives += Int64(view.archives.count)
    census.archiveBytes = census.archiveBytes.saturatingAdd(view.archiveBytes)
    let record = supervisor.state.log(view.path)
    census.held += Int64(record?.awaited.count ?? 0)
    census.last = [census.last, record?.rotated].compactMap(\.self).max()
  }

  // MARK: List

  func list(_ selection: Selection, withLogs: Bool, _ replies: Replies) async throws(VarlinkError) {
    for runtime in selection.runtimes {
      let sums = try await census(of: runtime)
      try await replies.add { $0.job = self.job(runtime, sums) }
      guard withLogs else { continue }
      try await visit(runtime, selection) { view throws(VarlinkError) in
        try await replies.add { $0.log = self.log(view, runtime) }
      }
    }
  }

  private func job(_ runtime: JobRuntime, _ sums: Census) -> Wire.Job {
    let job = runtime.job
    var value = Wire.Job()
    value.name = job.name
    value.problems = Int64(platform.problems.count(of: job.name))
    value.state =
      runtime.pause != nil
      ? .paused : runtime.isRunning ? .running : platform.problems.isFailing(job.name) ? .failing : .waiting
    value.pausedUntil = runtime.pause?.end.map { now.wall + ($0 - now.monotonic) }
    let patterns = job.policy.retained?.patterns ?? job.logs
    value.patterns = patterns.prefix(Limits.maxShown).map { $0.text.printable }
    value.isUnconfirmed = job.policy.retained?.isConfirmed == false
    value.schedule = job.schedule?.description
    value.last = supervisor.activity[job.name]?.last?.rotated ?? sums.last.map(Self.rotated)
    value.next = next(runtime, reached: sums.reached)
    value.logs = sums.logs
    (value.largest, value.largestBytes) = (sums.largest?.path, sums.largest?.bytes)
    value.limitBytes = job.sizeLimit?.bytes
    (value.archives, value.archiveBytes, value.heldArchives) = (sums.archives, sums.archiveBytes, sums.held)
    value.budgetBytes = job.policy.maxTotal
    value.hooksOwed = Int64(Set(job.policy.hooks).count { platform.problems.has(Problems.Topic(.hook, of: "\($0)")) })
    return value
  }

  func log(_ view: LogView, _ runtime: JobRuntime) -> Wire.Log {
    var value = Wire.Log()
    (value.path, value.job) = (view.path, runtime.name)
    (value.bytes, value.limitBytes) = (view.inventory.live?.size, runtime.job.sizeLimit?.bytes)
    if let last = supervisor.activity[runtime.name]?.last, last.log == view.path {
      value.last = last.rotated
    } else {
      value.last = supervisor.state.log(view.path)?.rotated.map(Self.rotated)
    }
    value.next = next(runtime, reached: reached(view, runtime.job))
    value.refusal = platform.problems[Problems.Subject(.rotation, of: runtime.name, view.path)]?.what
    (value.archives, value.archiveBytes) = (Int64(view.archives.count), view.archiveBytes)
    return value
  }

  /// The state knows when, and no more.
  private static func rotated(_ time: WallTime) -> Wire.Rotated {
    var value = Wire.Rotated()
    value.at = time
    return value
  }

  /// When a log reaches its size, if it goes on growing as it has since its last rotation; nil where that cannot be said.
  func reached(_ view: LogView, _ job: Job) -> WallTime? {
    guard let limit = job.sizeLimit, let live = view.inventory.live else { return nil }
    let (size, now) = (job.policy.method == .move ? live.size : live.sizeByRoom, now.wall)
    if size >= limit.bytes { return now }
    guard size > 0, let begun = view.inventory.begun, begun < now else { return nil }
    let left = Double((now - begun).nanoseconds) / Double(size) * Double(limit.bytes - size)
    guard left < Double(Limits.longestSpan.nanoseconds) else { return nil }
    return now + Span(nanoseconds: Int64(left))
  }

  /// When a job or a log of it is due next, and by which rule; nil where nothing makes it due. `reached`: when its size is
  /// reached, as far as that can be predicted.
  func next(_ runtime: JobRuntime, reached: WallTime?) -> Wire.Due? {
    let now = now
    var due = Wire.Due()
    if let retry = runtime.retry?.backoff.next {
      (due.at, due.reason) = (now.wall + (retry - now.monotonic), "tried again")
      return due
    }
    let scheduled = runtime.clock?.next.wall(now: now)
    if let limit = runtime.job.sizeLimit, runtime.clock == nil || reached.map({ $0 < scheduled ?? $0 }) == true {
      (due.at, due.isPredicted) = (reached, reached != nil)
      due.reason = "size >= \(ByteSize.describe(limit.bytes))"
    } else if let clock = runtime.clock {
      (due.at, due.reason) = (scheduled, clock.schedule.description)
    } else {
      return nil
    }
    return due
  }
}
