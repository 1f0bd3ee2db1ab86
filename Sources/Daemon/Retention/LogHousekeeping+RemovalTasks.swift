internal import EventLoop
internal import Rotation
internal import Timekeeping

// What a job wants done with an archive before it is removed: a mail, a script. Each is a child, for which nothing here waits but
// the task of this log. The archive is removed only when all of them have succeeded, in the order of the policy. That they have is
// remembered by this task alone: after a crash, or by the next run of a command, they are done again.

extension LogHousekeeping {
  /// Does one of these with an archive that no process has open for writing, and remembers that it is done. If it fails, it is
  /// repeated with growing pauses.
  func perform(_ task: RemovalTask, _ location: Location, _ archive: Version, _ entry: PendingArchive)
    async throws(Errno)
  {
    guard let hold = entry.hold, !isOver else { return }
    // Another try opens it anew: what a child has read is behind the position of this one.
    defer { entry.hold = nil }
    let directories = try openDirectories()
    let before = try hold.status()
    let path = directories.path(of: location)
    // A script may do what it likes with the archive, and opens it by its name. A mail reads what is open here.
    if case .script = task { hold.release() }
    atWork = hold
    let failure = await run(task, path, archive.suffix, hold)
    atWork = nil
    guard !isOver else { return }
    if case .mail = task, !isUntouched(hold, entry, before) { return breakOff(hold, entry) }
    if let failure {
      _ = postpone(
        entry, "cannot \(Step.perform(task, location).description.printable)", because: failure, isCommand: true)
      return
    }
    // If a rotation has renamed the archive meanwhile, the child may have been told of another one.
    let now = try platform.fileSystem.status(of: location.name, in: try directories.directory(of: location.place))
    guard now?.inode == archive.inode else { return }
    entry.performed.insert(task)
    settled(entry)
    let message = "job \(order.job): \(path.printable), before it is removed: \(Self.word(task))"
    platform.report(Report(.note, .info, message, job: order.job, log: self.path, archive: path))
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
    }
  }

  private static func word(_ task: RemovalTask) -> String {
    switch task {
    case .mail(let mail, _): "mailed to \(mail.address.printable)"
    case .script: "its `preremove` script has run"
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
