import EventLoop
import Rotation

// What a rotation has to know before it acts: where the log and its archives lie, and what is there.

extension Rotator {
  /// The log's directory and that of its archives, which is made where it is missing.
  func directories(
    _ directory: OpenDirectory, _ policy: Policy
  ) throws(Outcome.Failure) -> LogDirectories {
    do throws(Errno) {
      return try LogDirectories(directory, policy, on: fileSystem, makes: true)
    } catch {
      let path = policy.handling.archiveDirectory?.path ?? directory.path
      throw Outcome.Failure(step: "open the directory for archives \(path)", path: directory.path, errno: error)
    }
  }

  /// Forgets which logs have which archives in shared directories: the config is another.
  package func forgetFamilies() { families = [:] }

  /// The log that has taken the archives of this name already, in a directory that logs of several directories share; nil
  /// when this one has them.
  func otherLog(with name: FileName, in directories: LogDirectories, _ path: FilePath) -> FilePath? {
    guard let archives = directories.archives, archives.path != directories.log.path else { return nil }
    let family = LogFinder.join(archives.path, name)
    let owner = families[family] ?? path
    families[family] = owner
    return owner == path ? nil : owner
  }

  func look(
    _ name: FileName, in directories: LogDirectories, _ listings: LogListings?, _ policy: Policy, _ path: FilePath
  ) throws(Outcome.Failure) -> Inventory {
    try look(path) { () throws(Errno) in
      try reader.read(
        name, in: directories, policy.naming, listings: listings, suffix: policy.handling.compression?.suffix)
    }
  }

  func look<Found>(
    _ path: FilePath, _ body: () throws(Errno) -> Found
  ) throws(Outcome.Failure) -> Found {
    do throws(Errno) {
      return try body()
    } catch {
      throw Outcome.Failure(step: "look", path: path, errno: error)
    }
  }

  /// The moment whose date an archive bears: the due time, where there is one.
  func moment(of cause: Cause) -> Moment {
    Moment(cause.due ?? WallTime(nanoseconds: loop.wallClock()), in: zone)
  }

  func support(_ directory: OpenDirectory) -> RenameSupport {
    linkOnly.contains(directory.path) ? .linkOnly : .full
  }
}
