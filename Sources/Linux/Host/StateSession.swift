package import Daemon
package import Rotation

/// Why the state cannot be used, in one line.
package struct StateFailure: Error {
  package var message: String
}

/// The state directory, made, opened and locked: only the process with the session rotates by this state.
package struct StateSession {
  package let directory: OpenDirectory
  private let lock: StateLock

  /// Opens the requested directory, or the default. Fails if another process holds it, with its pid.
  package static func open(_ asked: FilePath?, _ fileSystem: LinuxFileSystem) throws(StateFailure) -> StateSession {
    let path = StateDirectory.path(asked)
    let directory: OpenDirectory
    do throws(Errno) {
      try StateDirectory.make(path)
      directory = try fileSystem.openDirectory(path)
    } catch {
      throw StateFailure(message: "cannot use the state directory \(path): \(error)")
    }
    do throws(StateLock.Failure) {
      return StateSession(directory: directory, lock: try StateLock.take(in: directory))
    } catch {
      throw StateFailure(message: describe(error, path))
    }
  }

  /// Reads the state of a daemon, whether that runs or not; nil if none can be read. Changes nothing.
  package static func peek(_ asked: FilePath?, _ fileSystem: LinuxFileSystem) -> StateStore? {
    guard let directory = try? fileSystem.openDirectory(StateDirectory.path(asked)) else { return nil }
    let store = StateStore(fileSystem: fileSystem, directory: directory)
    _ = store.load(keepsDamaged: false)
    return store
  }

  /// Keeps the daemon of this user from starting, as long as the process runs: for whoever rotates by another state. Others of that
  /// kind are not kept out. nil where no daemon has ever had a state.
  package static func excludeDaemon(_ fileSystem: LinuxFileSystem) throws(StateFailure) -> StateSession? {
    let path = StateDirectory.path(nil)
    guard let directory = try? fileSystem.openDirectory(path) else { return nil }
    do throws(StateLock.Failure) {
      return StateSession(directory: directory, lock: try StateLock.take(in: directory, isShared: true))
    } catch .held(let pid) {
      throw StateFailure(message: describe(.held(pid: pid), path))
    } catch {
      // Who may not lock that state cannot start its daemon, either.
      return nil
    }
  }

  private static func describe(_ failure: StateLock.Failure, _ path: FilePath) -> String {
    switch failure {
    case .held(let pid):
      let holder = pid.map { "pid \($0)" } ?? "a process of another PID namespace"
      return "the state in \(path) is in use by \(holder): stop it, or use another directory with --state"
    case .system(let errno): return "cannot lock the state in \(path): \(errno)"
    }
  }

  /// Releases the lock.
  package func close() { lock.release() }
}
