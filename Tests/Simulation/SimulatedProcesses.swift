package import Daemon
package import Rotation

/// Processes that a test plays.
package final class SimulatedProcesses: ProcessSpawner {
  package init() {}

  package func start(
    _ request: ChildRequest, onLine: @escaping (String) -> Void, onEnd: @escaping (ChildEnd) -> Void
  ) throws(Errno) -> any ChildProcess {
    throw .notImplemented
  }

  package func signal(pidFile: String, _ signal: Int32) throws(Errno) {
    throw .notImplemented
  }
}
