internal import EventLoop
internal import Rotation
internal import Timekeeping

// Writers of archives: whether they have let go, when to look again, and what is said of those that hold on.

extension LogUpkeep {
  func noteChange(_ entry: PendingArchive?) {
    if let hold = entry?.hold, !hold.isProven {
      // Whoever opens it for writing waits for us.
      hold.release()
      if hold === compressing { child?.kill() }
    }
    entry?.looks = 0
    entry?.nextLook = nil
    alarm.ring()
  }

  /// Whether no writer has the archive: proven, or, where there are no leases, by the time that a writer is known to need,
  /// and by what can be seen of the processes.
  func isReleased(_ hold: any ArchiveHold, _ entry: PendingArchive) throws(Errno) -> Bool {
    do throws(Errno) {
      let isProven = try hold.prove()
      entry.isLeaseless = false
      return isProven
    } catch  where error.meansNoLeases {
      entry.isLeaseless = true
      let delay = order.policy.handling.reopenTimeout
      finisher.noteLeaseless(order.directory, error, delay: delay)
      let end = entry.since.advanced(by: delay)
      if platform.loop.now() >= end { return hold.writers().isEmpty }
      entry.nextLook = end
      return false
    }
  }

  /// The processes that have an archive open for writing, and the consequence.
  struct Holders {
    var processes: [String]
    /// In words that follow the archive's name.
    var words: String
  }

  /// The next look at an archive that a writer holds. The kernel says when a writer closes it, a little early: so quick
  /// looks by timer follow on each event, and slower ones on those. Meanwhile it is not open here.
  func wait(
    for version: Version, _ goal: Goal, _ inventory: Inventory, _ hold: any ArchiveHold, _ entry: PendingArchive
  ) -> Attempt {
    entry.sign = hold.keepTelling()
    entry.hold = nil
    let now = platform.loop.now()
    if now >= entry.complaintAt {
      entry.complaints += 1
      let timeout = order.policy.handling.reopenTimeout
      let delay = timeout * (1 << Int64(min(entry.complaints, 6)))
      entry.complaintAt = now.advanced(by: min(delay, max(.seconds(3600), timeout)))
      let holders = holders(hold.writers(), goal, version, inventory)
      if order.policy.handling.undoesWhenStuck, !entry.isLeaseless { return .work(.undo(holders)) }
      complain(of: holders, version, entry)
    }
    let look: MonotonicTime
    if let next = entry.nextLook, now < next {
      look = next
    } else {
      let delay = Limits.releaseDelay(looks: entry.looks)
      look = now.advanced(by: entry.sign == nil ? min(delay, Limits.unsignedDelay) : delay)
      entry.looks += 1
      entry.nextLook = look
    }
    return .at(min(look, entry.complaintAt))
  }

  /// The process, where the lines that it writes go, and what the operator can do.
  private func holders(_ processes: [String], _ goal: Goal, _ version: Version, _ inventory: Inventory) -> Holders {
    let who = processes.isEmpty ? "a process that cannot be seen" : processes.joined(separator: ", ")
    let live = inventory.live?.size == 0 ? "\(order.name.printable) stays empty" : "not to \(order.name.printable)"
    let kept = goal == .letGo ? "" : ", so it is neither compressed nor removed"
    let isMoved = if case .move = order.policy.handling.method { true } else { false }
    let remedy =
      if order.policy.handling.notices.isEmpty {
        "make the process open its log again by `notify`, or restart it"
          + (isMoved ? ", or use `method = \"truncate\"`" : "")
      } else if order.fresh[version.inode] != nil {
        "the process is notified again"
      } else {
        "restart the process if it does not let go"
      }
    let name = inventory.name(of: version).printable
    return Holders(
      processes: processes,
      words: "\(name) is still open for writing in \(who)\(kept): new lines go there, and \(live); \(remedy)")
  }

  /// The writer holds on for too long: the operator is told, and the writer again, less and less often.
  func complain(of holders: Holders, _ version: Version, _ entry: PendingArchive) {
    // A process that starts others, which have the file too, is one writer.
    if case .heldOpen(let known) = entry.trouble, !Set(known).isDisjoint(with: holders.processes) {
      entry.trouble = .heldOpen(holders.processes)
    } else {
      say(entry, .heldOpen(holders.processes), holders.words)
    }
    if let fresh = order.fresh[version.inode] { finisher.tellAgain([fresh.log], order.policy) }
  }

  func noteReleased(_ entry: PendingArchive, _ version: Version) {
    if order.fresh[version.inode] != nil, !entry.wasReleased {
      entry.wasReleased = true
      finisher.onReleased(path, version.inode)
    }
    guard case .heldOpen = entry.trouble else { return }
    settled(entry)
    platform.report(
      Report(.note, .notice, "job \(order.job): \(path.printable): its writer has closed it", job: order.job, log: path)
    )
  }
}
