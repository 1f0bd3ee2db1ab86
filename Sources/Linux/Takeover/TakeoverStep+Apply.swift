package import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
package import Timekeeping

extension TakeoverStep {
  /// Why a step could not be done, in a sentence.
  package struct Failure: Error {
    package var message: String
  }

  /// Does the step, up to the disk. A reload is what the caller does, who asks the daemon. Returns what is to be said of it.
  package func apply(_ facts: TakeoverFacts, patience: Span, reload: (Bool) throws -> Void) throws -> [String] {
    switch self {
    case .handBack(let state, let config):
      return try StateHandback(state: state, config: config, patience: patience).write()
    case .writeRecord(let record): try Self.write(Array(record.text.utf8), to: Takeover.recordPath, mode: 0o600)
    case .removeRecord: try Self.remove(Takeover.recordPath)
    case .writeFragment(let text, _): try Self.write(text, to: Takeover.fragmentPath, mode: 0o644)
    case .removeFragment: try Self.remove(Takeover.fragmentPath)
    case .stopTimer: try Self.systemctl("stop", "logrotate.timer")
    case .maskTimer: try Self.systemctl("mask", "logrotate.timer")
    case .unmaskTimer: try Self.systemctl("unmask", "logrotate.timer")
    case .startTimer: try Self.systemctl("start", "logrotate.timer")
    case .silenceCron:
      if case .runs(let mode) = facts.cron { try Self.setMode(mode & ~0o111) }
    case .restoreCron(let mode): try Self.setMode(mode)
    case .awaitLogrotate: try Self.awaitLogrotate(facts, patience)
    case .reload(let isRunning): try reload(isRunning)
    }
    return []
  }

  // MARK: Files

  /// New content is whole or not there, also after a power cut.
  private static func write(_ bytes: [UInt8], to path: FilePath, mode: mode_t) throws(Failure) {
    do throws(Errno) {
      try StateDirectory.make(path.split.directory)
      try SmallFile.write(bytes, to: path, mode: mode)
    } catch {
      throw Failure(message: "\(path.printable) cannot be written: \(error)")
    }
  }

  private static func remove(_ path: FilePath) throws(Failure) {
    do throws(Errno) {
      _ = try unsafe callWithPath(path) { unsafe unlink($0) }
    } catch {
      guard error != .noEntry else { return }
      throw Failure(message: "\(path.printable) cannot be removed: \(error)")
    }
  }

  private static func setMode(_ mode: UInt32) throws(Failure) {
    do throws(Errno) {
      _ = try unsafe callWithPath(Takeover.cronPath) { unsafe chmod($0, mode) }
    } catch {
      throw Failure(message: "the mode of \(Takeover.cronPath.printable) cannot be set: \(error)")
    }
  }

  // MARK: Other programs

  private static func systemctl(_ words: ExactText...) throws(Failure) {
    let arguments = [ExactText("systemctl")] + words
    let command = arguments.map(\.printable).joined(separator: " ")
    do throws(Errno) {
      let end = try ProgramOutput.read(arguments, longestLine: 4096, patience: .seconds(90), showsErrors: true) { _ in
        true
      }
      guard end == .exited(0) else { throw Errno(ECHILD) }
    } catch {
      throw Failure(message: error == Errno(ECHILD) ? "`\(command)` has failed" : "`\(command)`: \(error)")
    }
  }

  /// Starts the daemon, which does not run.
  package static func startDaemon() throws(Failure) { try systemctl("start", "rotated.service") }

  /// logrotate locks its state file while it works (flock(2)). That of a timer is a unit, which is in progress before it locks.
  private static func awaitLogrotate(_ facts: TakeoverFacts, _ patience: Span) throws(Failure) {
    let end = SystemClock.monotonic.advanced(by: patience)
    while try isWorking(facts.state) {
      guard SystemClock.monotonic < end else {
        throw Failure(message: "a logrotate has worked for \(TimeSpan.describe(patience)): try again when it has ended")
      }
      usleep(200_000)
    }
  }

  private static func isWorking(_ state: FilePath?) throws(Failure) -> Bool {
    if TakeoverFacts.read().isRotating { return true }
    guard let state else { return false }
    do throws(Errno) {
      let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
      let file = Descriptor(owning: try unsafe callWithPath(state) { unsafe open($0, flags) })
      return flock(file.number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    } catch {
      guard error != .noEntry else { return false }
      throw Failure(message: "\(state.printable) cannot be opened: \(error)")
    }
  }
}
