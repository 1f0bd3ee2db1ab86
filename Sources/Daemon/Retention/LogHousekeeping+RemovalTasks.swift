internal import EventLoop
internal import Rotation
internal import Timekeeping

// What a job wants done with an archive before it is removed: a mail, a script, overwriting. Each is a child, for which nothing
// here waits but the task of this log. The archive is removed only when all of them have succeeded, in the order of the policy. That
// they have is remembered by this task alone: after a crash, or by the next run of a command, they are done again.

extension LogHousekeeping {
  /// Does one of these with an archive that no process has open for writing, and remembers that it is done. If it fails, it is
  /// repeated with growing pauses.
  func perform(
    _ task: RemovalTask, _ location: Location, _ reason: RemovalReason, _ archive: Version, _ entry: PendingArchive
  ) async throws(Errno) {
    guard let hold = entry.hold, !isOver else { return }
    // Another try opens it anew: what a child has read is behind the position of this one.
    defer { entry.hold = nil }
    let directories = try openDirectories()
    let before = try hold.status()
    let path = directories.path(of: location)
    // A mail reads what is open here. The others may open the archive for writing, and must not wait for its lease.
    if case .mail = task {} else { hold.release() }
    atWork = hold
    let failure = await run(task, path, archive.suffix, hold)
    atWork = nil
    guard !isOver else { return }
    if case .mail = task, !isUntouched(hold, entry, before) { return breakOff(hold, entry) }
    if case .overwrite = task {
      entry.performed.insert(task)
      if let failure { warnOfOverwriting(path, failure) } else { note(path, Self.word(task)) }
      // At once, since it is young again: by its age it may stay in the next plan.
      return try remove(archive, location, reason, bytes: before.allocated, directories)
    }
    if let failure {
      _ = postpone(
        entry, "cannot \(Step.perform(task, location, reason).description.printable)", because: failure, isCommand: true
      )
      return
    }
    // If a rotation has renamed the archive meanwhile, the child may have been told of another one.
    let now = try platform.fileSystem.status(of: location.name, in: try directories.directory(of: location.place))
    guard now?.inode == archive.inode else { return }
    entry.performed.insert(task)
    settled(entry)
    note(path, Self.word(task))
  }

  private func note(_ path: FilePath, _ word: String) {
    let message = "job \(order.job): \(path.printable), before it is removed: \(word)"
    platform.report(Report(.note, .info, message, job: order.job, log: self.path, archive: path))
  }

  /// Overwrites the content of an archive that its copy has replaced, if the job wants that of what it removes. The archive has no
  /// name any more: before its removal a crash would give it back its place, and remove the copy.
  func overwriteReplaced(_ path: FilePath, _ hold: any LeasedFile) async {
    for case .overwrite(let cycles) in order.policy.beforeRemoval {
      hold.release()
      if let failure = await overwrite(hold, cycles, names: 0) { warnOfOverwriting(path, failure) }
    }
  }

  /// Has shred(1) overwrite the open archive, if it has no more than so many names. Returns why it has not.
  private func overwrite(_ hold: any LeasedFile, _ cycles: Int64?, names: UInt32) async -> String? {
    do throws(Errno) {
      let status = try hold.status()
      guard status.links <= names else { return "it has another name" }
      guard try !isSparse(hold) else { return "it is sparse, and would take more space" }
      // By its descriptor, since a rotation may give its name to another archive at any moment.
      let command: [ExactText] =
        ["shred"] + (cycles.map { ["-n", ExactText("\($0)")] } ?? []) + ["--", "/proc/self/fd/0"]
      return await housekeeper.commands.run(
        .program(command), limit: Limits.syncLimit(bytes: status.size), environment: [:], jobs: [order.job],
        input: hold.token)
    } catch {
      return error.description
    }
  }

  private func warnOfOverwriting(_ path: FilePath, _ failure: String) {
    let message =
      "job \(order.job): cannot overwrite \(path.printable): \(failure); it is removed all the same"
    platform.report(Report(.note, .warning, message, job: order.job, log: self.path, archive: path))
  }

  private func run(
    _ task: RemovalTask, _ path: FilePath, _ suffix: String, _ hold: any LeasedFile
  ) async -> String? {
    let subject = ExactText(bytes: path.bytes)
    switch task {
    case .mail(let mail, let limit):
      return await housekeeper.commands.run(
        mail.command(subject: subject, suffix: suffix), limit: limit, environment: [:], jobs: [order.job],
        input: hold.token)
    case .script(let script, let limit):
      return await housekeeper.commands.run(
        script.with(argument: subject), limit: limit, environment: [:], jobs: [order.job])
    case .overwrite(let cycles): return await overwrite(hold, cycles, names: 1)
    }
  }

  private static func word(_ task: RemovalTask) -> String {
    switch task {
    case .mail(let mail, _): "mailed to \(mail.address.printable)"
    case .script: "its `preremove` script has run"
    case .overwrite: "overwritten"
    }
  }
}

extension Command {
  /// The same with one more argument.
  fileprivate func with(argument: ExactText) -> Command {
    switch self {
    case .program(let words): .program(words + [argument])
    case .shell(let line): .program(["/bin/sh", "-c", line, "sh", argument])
    }
  }
}
