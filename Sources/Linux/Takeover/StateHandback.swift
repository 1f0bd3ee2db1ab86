internal import Config
internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// The way back of what rotated knows: the state file of logrotate gets the last rotation of each log that rotated has rotated since.
/// An entry that is later stays, and so do those of all other logs.
struct StateHandback {
  /// The state file.
  let state: FilePath
  /// The config of logrotate, whose logs it is about; nil where there is none, and then about those that the file has.
  let config: FilePath?
  /// How long to wait for a logrotate that works.
  let patience: Span
  /// The directory with the state of rotated; nil for that of the daemon.
  var own: FilePath?

  /// Writes the file, and returns what could not be done. Only a lock that somebody else has holds up what follows: a file that cannot
  /// be used at all must not leave the logs without anybody who rotates them.
  func write() throws(TakeoverStep.Failure) -> [String] {
    let fileSystem = LinuxFileSystem()
    guard let directory = try? fileSystem.openDirectory(StateDirectory.path(own)) else { return [] }
    let store = StateStore(fileSystem: fileSystem, directory: directory)
    var remarks = store.load(keepsDamaged: false).filter { $0.priority == .warning }.map(\.message)
    let rotations = store.rotations.sorted { $0.log < $1.log }
    guard !rotations.isEmpty else { return remarks }
    do {
      let file = try lock()
      if let warning = file.warning { remarks.append(warning) }
      remarks += try take(rotations, into: file)
    } catch let failure as LogrotateStateFile.Failure {
      if failure.isLocked { throw TakeoverStep.Failure(message: failure.message) }
      remarks.append("\(failure.message). \(Self.consequence)")
    } catch {
      remarks.append("\(state.printable) cannot be changed: \(error). \(Self.consequence)")
    }
    return remarks
  }

  private static let consequence = "logrotate may rotate once more what rotated has rotated"

  private func lock() throws(LogrotateStateFile.Failure) -> LogrotateStateFile {
    let end = SystemClock.monotonic.advanced(by: patience)
    while true {
      do throws(LogrotateStateFile.Failure) { return try LogrotateStateFile(state, .now) } catch {
        guard error.isLocked, SystemClock.monotonic < end else { throw error }
        usleep(200_000)
      }
    }
  }

  /// The lock is held as long as there is the file.
  private func take(
    _ rotations: [(log: FilePath, at: WallTime)], into file: LogrotateStateFile
  ) throws(Errno) -> [String] {
    var (known, flaws) = try file.read()
    if let first = flaws.first, first.line == 1 {
      return ["\(state.printable) stays as it is: \(first.reason). \(Self.consequence)"]
    }
    let claims = config.flatMap { LogrotateFileReader.load([$0]).configuration }.map { Claims($0) }
    let (now, zone) = (SystemClock.wall, LocalZone.load().zone)
    var hasChanged = false
    for (log, time) in rotations where known[log] != nil || claims?.owner(of: log) != nil {
      if known.take(log, rotated: time, now: now, zone: zone) { hasChanged = true }
    }
    guard hasChanged else { return [] }
    try file.write(known.bytes)
    return flaws.map { "line \($0.line) of \(state.printable) is left out: \($0.reason)" }
  }
}
