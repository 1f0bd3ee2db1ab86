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
    var directories: LogDirectories
    /// Newest first.
    var archives: [(path: FilePath, status: FileStatus, version: Version)]

    var archiveBytes: Int64 { archives.reduce(0) { $0.saturatingAdd($1.status.allocated) } }
  }

  /// Sums over the logs of a job, or of several.
  struct Census {
    var logs: Int64 = 0
    var archives: Int64 = 0
    var archiveBytes: Int64 = 0
    var held: Int64 = 0
    var holders: [Wire.Holder] = []
    var largest: (path: FilePath, bytes: Int64)?
    var last: WallTime?
    /// When a log reaches its size, the earliest first.
    var reached: WallTime?

    /// Adds the logs and archives of a job.
    mutating func add(_ other: Census) {
      logs += other.logs
      archives += other.archives
      archiveBytes = archiveBytes.saturatingAdd(other.archiveBytes)
    }
  }

  /// Goes over the logs of a job, those that have archives alone among them.
  func visit(
    _ runtime: JobRuntime, _ selection: Selection? = nil, _ body: (LogView) async throws(VarlinkError) -> Void
  ) async throws(VarlinkError) {
    let (job, reader) = (runtime.job, reader)
    var groups = try await find(job)
    // What was visited is freed on the way, as to free much takes long, too.
    for index in groups.indices {
      let directory = groups[index].directory
      var listing = groups[index].listing
      var names = try await piece { Array(groups[index].names.reversed()) }
      groups[index] = LogGroup(directory: directory, names: [])
      let opened: LogDirectories? = try await piece { supervisor.open(directory, for: job) }
      guard let directories = opened else { continue }
      var listings = try await listings(of: directories, job, known: listing)
      listing = nil
      while !names.isEmpty {
        let views = try await piece { self.views(of: &names, job, in: directories, listings, reader, selection) }
        for view in views { try await body(view) }
      }
      while listings?.dropPart() == true { try await piece {} }
    }
  }

  /// nil where each name is asked for: it is cheaper, or the directory cannot be listed.
  private func listings(
    of directories: LogDirectories, _ job: Job, known: DirectoryListing?
  ) async throws(VarlinkError) -> LogListings? {
    guard var walk = reader.walk(directories, job.policy.naming, known: known) else { return nil }
    while true {
      switch try await piece({ Result { () throws(Errno) in try walk.advance() } }) {
      case .success(true): continue
      case .success(false): return walk.listings
      case .failure: return nil
      }
    }
  }

  /// The logs of a job by directory; none when a reload has taken the job away.
  private func find(_ job: Job) async throws(VarlinkError) -> [LogGroup] {
    guard var search = supervisor.registry.search(job, alsoGone: true) else { return [] }
    while try await piece({ search.advance() }) {}
    return search.take().groups
  }

  /// The next logs among these names, the last first, until so many files were looked at that it is somebody else's turn.
  private func views(
    of names: inout [FileName], _ job: Job, in directories: LogDirectories, _ listings: LogListings?,
    _ reader: InventoryReader, _ selection: Selection?
  ) -> [LogView] {
    var (views, looks): ([LogView], Int) = ([], 0)
    while looks < Limits.lookSlice, let name = names.popLast() {
      looks += 1
      let path = LogFinder.join(directories.log.path, name)
      guard selection?.isWanted(path, of: job.name) ?? true,
        let view = try? view(of: name, job, in: directories, listings, reader)
      else { continue }
      looks += view.archives.count
      views.append(view)
    }
    return views
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
    var view = LogView(
      path: path, inventory: inventory, renames: renames, directories: directories, archives: [])
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

  /// Goes over the logs of a job once, for its sums; `body` sees each log on the way.
  func census(
    of runtime: JobRuntime, _ search: (any HolderSearch)? = nil,
    _ body: (LogView) async throws(VarlinkError) -> Void = { _ in }
  ) async throws(VarlinkError) -> Census {
    var census = Census()
    if runtime.job.policy.retained != nil {
      let sums = try await retainedSums(of: runtime)
      (census.archives, census.archiveBytes) = (sums.files, sums.bytes)
      return census
    }
    try await visit(runtime) { view throws(VarlinkError) in
      self.count(view, search, &census)
      census.reached = [census.reached, self.reached(view, runtime.job)].compactMap(\.self).min()
      try await body(view)
    }
    return census
  }

  private func count(_ view: LogView, _ search: (any HolderSearch)?, _ census: inout Census) {
    if let live = view.inventory.live {
      census.logs += 1
      if live.size > census.largest?.bytes ?? -1 { census.largest = (view.path, live.size) }
    }
    census.archives += Int64(view.archives.count)
    census.archiveBytes = census.archiveBytes.saturatingAdd(view.archiveBytes)
    let record = supervisor.state.log(view.path)
    let awaited = Set((record?.awaited ?? []).map(\.inode))
    census.last = [census.last, record?.rotated].compactMap(\.self).max()
    guard !awaited.isEmpty else { return }
    for archive in view.archives where awaited.contains(archive.status.inode) {
      census.held += 1
      guard let search else { continue }
      for holder in holders(of: archive.status, in: view, search) where census.holders.count < Limits.maxShown {
        let isKnown = census.holders.contains { $0.pid == holder.pid && $0.role == holder.role }
        if !isKnown { census.holders.append(holder) }
      }
    }
  }

  // MARK: List

  func list(
    _ selection: Selection, _ parameters: Wire.Parameters, _ replies: Replies
  ) async throws(VarlinkError) {
    let withLogs = parameters.withLogs ?? false
    let search = parameters.withHolders == true ? try await searchHolders(of: awaitedInodes) : nil
    var all = Census()
    for asked in selection.runtimes {
      guard let runtime = try current(asked, of: selection) else { continue }
      let sums = try await census(of: runtime, search) { view throws(VarlinkError) in
        guard withLogs, selection.isWanted(view.path, of: runtime.name) else { return }
        try await replies.add { $0.log = self.log(view, runtime) }
      }
      guard let runtime = try current(runtime, of: selection) else { continue }
      all.add(sums)
      try await replies.add { $0.job = self.job(runtime, sums) }
    }
    if parameters.withDaemon == true { try await add(all, to: replies) }
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
    value.holders = sums.holders
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
    let (size, now) = (job.policy.method.cutsLog ? live.sizeByRoom : live.size, now.wall)
    if size >= limit.bytes {
      return supervisor.runs.pauses.pause(of: view.path, limit, job.policy.method).map { now + $0 } ?? now
    }
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
