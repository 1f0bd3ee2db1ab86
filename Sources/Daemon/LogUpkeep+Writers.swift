internal import EventLoop
internal import Rotation

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

  /// Whether no writer has the archive: proven, or, where there are no leases, by the time that a writer is known to need.
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
      if platform.loop.now() >= end { return true }
      entry.nextLook = end
      return false
    }
  }

  /// The next look at an archive that a writer holds. The kernel says when a writer closes it, a little early: so quick
  /// looks by timer follow on each event, and slower ones on those. Meanwhile it is not open here.
  func wait(
    for version: Version, _ name: FileName, _ hold: any ArchiveHold, _ entry: PendingArchive
  ) -> Attempt {
    entry.sign = hold.keepTelling()
    entry.hold = nil
    let now = platform.loop.now()
    if now >= entry.complaintAt, !entry.isLeaseless {
      entry.complaints += 1
      let timeout = order.policy.handling.reopenTimeout
      let delay = timeout * (1 << Int64(min(entry.complaints, 6)))
      entry.complaintAt = now.advanced(by: min(delay, max(.seconds(3600), timeout)))
      let writers = hold.writers()
      if order.policy.handling.undoesWhenStuck { return .work(.undo(writers)) }
      complain(of: writers, version, name, entry)
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
    return .at(entry.isLeaseless ? look : min(look, entry.complaintAt))
  }

  /// The writer holds on for too long: the operator is told, and the writer again, less and less often.
  func complain(of writers: [String], _ version: Version, _ name: FileName, _ entry: PendingArchive) {
    let who = writers.isEmpty ? "a process that is not to be seen" : writers.joined(separator: ", ")
    say(
      entry, .heldOpen(writers),
      "\(name.printable) is still open for writing in \(who), so it is neither compressed nor removed")
    if let log = order.fresh[version.inode] { finisher.tellAgain([log], order.policy) }
  }

  func noteReleased(_ entry: PendingArchive) {
    guard case .heldOpen = entry.trouble else { return }
    settled(entry)
    platform.report(
      Report(.note, .notice, "job \(order.job): \(path.printable): its writer has let go", job: order.job, log: path))
  }
}
