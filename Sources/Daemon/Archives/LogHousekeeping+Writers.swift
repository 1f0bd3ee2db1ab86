internal import EventLoop
internal import Rotation
internal import Timekeeping

// Writers of archives: whether they have closed them, when to check again, and what is reported of those that have not.

extension LogHousekeeping {
  func noteChange(_ entry: PendingArchive?) {
    if let hold = entry?.hold, !hold.isLeased {
      // A process that opens the archive for writing waits until the lease is released.
      hold.release()
      if hold === atWork { child?.kill() }
    }
    entry?.looks.reset()
    worker.wake()
  }

  /// Whether no writer has the archive. A lease proves it; where there are no leases, `reopen-timeout` has passed and
  /// no visible process has it open for writing.
  func isReleased(_ hold: any LeasedFile, _ entry: PendingArchive) throws(Errno) -> Bool {
    do throws(Errno) {
      let isLeased = try hold.takeLease()
      entry.isLeaseless = false
      return isLeased
    } catch  where error.meansNoLeases {
      entry.isLeaseless = true
      let delay = order.policy.reopenTimeout
      housekeeper.noteLeaseless(order.directory, error, delay: delay)
      let end = entry.since.advanced(by: delay)
      if platform.loop.now() >= end { return hold.writers().isEmpty }
      entry.looks.hold(until: end)
      return false
    }
  }

  /// The processes that have an archive open for writing, and what follows from it.
  struct Holders {
    var processes: [String]
    /// Words that follow the archive's name.
    var words: String
  }

  /// Plans the next check of an archive that a writer has open. The kernel reports a close slightly too early, so after
  /// each event checks by timer follow, quickly at first, then slowly. Meanwhile the archive is not open here.
  func wait(
    for errand: Errand, _ inventory: Inventory, _ hold: any LeasedFile, _ entry: PendingArchive
  ) -> Attempt {
    entry.sign = hold.watchCloses()
    entry.hold = nil
    let now = platform.loop.now()
    if entry.warnings.wait(at: now) == nil {
      entry.warnings.postpone(Limits.warningDelays(timeout: order.policy.reopenTimeout), from: now)
      let holders = holders(hold.writers(), errand, inventory)
      if order.policy.undoesWhenStuck, !entry.isLeaseless { return .work(.undo(holders)) }
      warn(of: holders, errand.archive, entry)
    }
    let delays = entry.sign == nil ? Limits.unwatchedReleaseDelays : Limits.releaseDelays
    let look = entry.looks.wait(at: now) ?? entry.looks.postpone(delays, from: now)
    return .at(min(look, entry.warnings.next ?? look))
  }

  /// The process, the file that gets its lines, and what the operator can do.
  private func holders(_ processes: [String], _ errand: Errand, _ inventory: Inventory) -> Holders {
    let who = processes.isEmpty ? "a process that cannot be seen" : processes.joined(separator: ", ")
    let live = inventory.live?.size == 0 ? "\(order.name.printable) stays empty" : "not to \(order.name.printable)"
    let version = errand.archive
    let kept = errand.step == nil ? "" : ", so it is neither compressed nor removed"
    let isMoved = if case .move = order.policy.method { true } else { false }
    let remedy =
      if order.policy.hooks.isEmpty {
        "make the process reopen its log with `notify`, or restart it"
          + (isMoved ? ", or use `method = \"truncate\"`" : "")
      } else if order.fresh[version.inode] != nil {
        "the process is notified again"
      } else {
        "restart the process if it does not close it"
      }
    let name = inventory.name(of: version).printable
    return Holders(
      processes: processes,
      words: "\(name) is still open for writing in \(who)\(kept): new lines go there, and \(live); \(remedy)")
  }

  /// The writer has the archive open for too long: warns the operator and notifies the writer again, with growing
  /// pauses.
  func warn(of holders: Holders, _ version: Version, _ entry: PendingArchive) {
    // A process and its children that have the same file open count as one writer.
    if case .heldOpen(let known) = entry.problem, !Set(known).isDisjoint(with: holders.processes) {
      entry.problem = .heldOpen(holders.processes)
    } else {
      say(entry, .heldOpen(holders.processes), holders.words, nextTry: entry.looks.next)
    }
    if let fresh = order.fresh[version.inode] {
      housekeeper.notifier.notifyAgain([fresh.log], hooks: order.policy.hooks)
    }
  }

  func noteReleased(_ entry: PendingArchive, _ version: Version) {
    if order.fresh[version.inode] != nil, !entry.wasReleased {
      entry.wasReleased = true
      housekeeper.noteReleased(path, version.inode)
    }
    guard case .heldOpen = entry.problem else { return }
    settled(entry)
    platform.report(
      Report(
        .resolved, .notice, "job \(order.job): \(path.printable): its writer has closed it", job: order.job, log: path))
  }
}
