internal import EventLoop
internal import Rotation
internal import Timekeeping

// A rotation is undone by one exchange of names, so that the log is never absent. A process that had just opened the new
// file by the log's name, and writes to it, must not lose it: the new file keeps the archive's name for a moment, and is
// removed only if it is empty still and a lease proves that nobody has it open for writing. Else the names are exchanged
// back, and nothing has happened. A crash in between leaves an empty file under an archive's name: the state knows its inode, so
// that it is removed at the next start, and does not count for `keep`.

extension LogHousekeeping {
  /// Gives a log back to a writer that does not let go of it, as long as the new one is empty. Returns whether it did, even
  /// where the new one could not be taken away.
  func undo(_ inode: UInt64) async -> Bool {
    let disk = platform.fileSystem
    guard let log = order.fresh[inode]?.log, let directory = try? openDirectories().log,
      let fresh = exchanged(inode, directory)
    else { return false }
    housekeeper.pauses.beginUndo(of: path)
    _ = await Alarm(on: platform.loop).wait(
      until: .monotonic(platform.loop.now().advanced(by: Limits.undoPause)))
    do throws(Errno) {
      // A rotation that came meanwhile may have moved it on.
      let directories = LogDirectories(directory)
      let inventory = try look(directories)
      guard let left = inventory.versions.first(where: { $0.inode == fresh }) else {
        housekeeper.noteEmptying(path, 0)
        return false
      }
      let name = inventory.name(of: left)
      do throws(Errno) {
        try housekeeper.applier.remove(Location(name), .undone, inode: fresh, in: directories)
      } catch {
        // Somebody has begun with the new one: it is the log.
        if inventory.live?.inode == inode, left.key == inventory.versions.first?.key {
          try disk.exchange(order.name, name, in: directory)
          housekeeper.noteEmptying(path, 0)
        }
        return false
      }
    } catch {
      // It has its file again, and nobody is to be told to let go of that; the new one stays, as after a crash.
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

  /// Exchanges the archive of this inode with the live log, if the planner does. Returns the inode of the file that was live;
  /// nil when nothing was exchanged.
  private func exchanged(_ inode: UInt64, _ directory: OpenDirectory) -> UInt64? {
    do throws(Errno) {
      // As it is now: what was seen before may be long ago.
      let directories = LogDirectories(directory)
      let inventory = try look(directories)
      let steps = Planner.plan(inventory, order.policy, .undo(inode)).now
      guard !steps.isEmpty, let fresh = inventory.live?.inode else { return nil }
      housekeeper.noteEmptying(path, fresh)
      do throws(Errno) {
        try apply(steps, directories)
        // Where neither this nor the way back can be had, the log has its file again all the same.
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
