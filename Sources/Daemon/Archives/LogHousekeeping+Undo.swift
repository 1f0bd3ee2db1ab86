internal import EventLoop
internal import Rotation
internal import Timekeeping

// A rotation is undone by one exchange of names, so that the log is never absent. A process that has just opened the
// new file by the log's name, and writes to it, must not lose that file: it keeps the archive's name for a moment, and
// is removed only if it is still empty and a lease proves that no process has it open for writing. If not, the names
// are exchanged back, and nothing has changed. A crash in between leaves an empty file under an archive's name. The
// state has its inode, so the next start removes it, and it does not count for `keep`.

extension LogHousekeeping {
  /// Gives a log its old file back if a writer does not close it, as long as the new file is empty. Returns whether the
  /// log has its old file, even if the new one could not be removed.
  func undo(_ inode: UInt64) async -> Bool {
    let disk = platform.fileSystem
    guard let log = order.fresh[inode]?.log, let directory = try? openDirectories().log,
      let fresh = exchanged(inode, directory)
    else { return false }
    housekeeper.pauses.beginUndo(of: path)
    _ = await Alarm(on: platform.loop).wait(
      until: .monotonic(platform.loop.now().advanced(by: Limits.undoPause)))
    do throws(Errno) {
      // A rotation may have renamed it meanwhile.
      let directories = LogDirectories(directory)
      let inventory = try look(directories)
      if let left = inventory.versions.first(where: { $0.inode == fresh }) {
        let name = inventory.name(of: left)
        do throws(Errno) {
          try housekeeper.applier.remove(Location(name), .undone, inode: fresh, in: directories)
        } catch {
          // A process has begun to write to the new file: it stays the log.
          if inventory.live?.inode == inode, left.key == inventory.versions.first?.key {
            try disk.exchange(order.name, name, in: directory)
            housekeeper.noteEmptying(path, 0)
          }
          return false
        }
      } else if inventory.live?.inode != inode {
        housekeeper.noteEmptying(path, 0)
        return false
      }
    } catch {
      // The log has its file again, so no writer needs a notification; the new file stays, as after a crash.
      failUndo(inode, error)
      return true
    }
    order.fresh[inode] = nil
    if let entry = pending.removeValue(forKey: Version.File(inode: inode, isOnLogsFileSystem: true)) { settled(entry) }
    housekeeper.pauses.endUndo(of: path)
    housekeeper.events.send(.undone(log))
    platform.report(
      Report(
        .undone, .warning,
        "job \(order.job): \(path.printable): its writer did not reopen it, so the rotation is undone",
        job: order.job, log: path))
    return true
  }

  /// Exchanges the archive of this inode with the live log, if the planner plans that. Returns the inode of the file
  /// that was live; nil if nothing was exchanged.
  private func exchanged(_ inode: UInt64, _ directory: OpenDirectory) -> UInt64? {
    do throws(Errno) {
      // Reads the directory again: an earlier inventory may be long out of date.
      let directories = LogDirectories(directory)
      let inventory = try look(directories)
      let steps = Planner.plan(inventory, order.policy, .undo(inode)).now
      guard !steps.isEmpty, let fresh = inventory.live?.inode else { return nil }
      housekeeper.noteEmptying(path, fresh)
      do throws(Errno) {
        try apply(steps, directories)
        // If both the sync and the way back fail, the log has its old file again all the same.
        if let errno = syncFailure(directory), (try? apply(steps, directories)) != nil { throw errno }
      } catch {
        housekeeper.noteEmptying(path, 0)
        throw error
      }
      return fresh
    } catch {
      failUndo(inode, error)
      return nil
    }
  }

  private func apply(_ steps: [Step], _ directories: LogDirectories) throws(Errno) {
    do throws(StepFailure) {
      _ = try housekeeper.applier.apply(steps, live: order.name, in: directories)
    } catch {
      throw error.errno
    }
  }

  private func syncFailure(_ directory: OpenDirectory) -> Errno? {
    do throws(Errno) {
      try platform.fileSystem.sync(directory)
      return nil
    } catch {
      return error
    }
  }

  private func failUndo(_ inode: UInt64, _ errno: Errno) {
    guard let entry = pending[Version.File(inode: inode, isOnLogsFileSystem: true)] else { return }
    say(entry, .failed(errno.description), "cannot undo its rotation: \(errno)", errno: errno)
  }
}
