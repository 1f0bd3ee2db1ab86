import EventLoop
import Glibc
import Simulation
import Testing
import Timekeeping

/// What happened, in order; filled on one loop's thread only, and read when the loop has stopped.
final class Trace<Entry: Sendable>: @unchecked Sendable {
  private(set) var entries: [Entry] = []

  func add(_ entry: Entry) { entries.append(entry) }
}

/// Both drivers, for tests of what they must have in common.
enum DriverKind: CaseIterable, CustomTestStringConvertible {
  case simulated, epoll

  var testDescription: String { self == .simulated ? "simulated" : "epoll" }

  func makeLoop() throws -> LoopExecutor {
    switch self {
    case .simulated: LoopExecutor(driver: SimulatedDriver(seed: 1))
    case .epoll: LoopExecutor(driver: try EpollDriver())
    }
  }
}

extension LoopExecutor {
  /// Runs until the body has ended. A loop belongs to its thread, so tests that use this are synchronous.
  func run(until body: @escaping @Sendable () async -> Void) {
    Task(executorPreference: self) {
      await body()
      self.stop()
    }
    run()
  }

  /// The moment this many milliseconds from now.
  func after(milliseconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: now().nanoseconds + milliseconds * 1_000_000)
  }
}

/// The calling thread, as a value that may be kept.
func currentThread() -> UInt { UInt(pthread_self()) }
