internal import EventLoop

/// What became of a request.
package enum Reply {
  case done
  /// What came of the run that was asked for.
  case ran(RunResult)
  /// So many hooks are sent again at once.
  case retried(Int)
  /// No job of the config in force has this name, or this log; or no config is on trial.
  case unknown
  /// The job is paused: its logs are left alone.
  case paused
  /// The config has errors: the one before stays in force.
  case refused
  /// The daemon stops, and the request was not carried out, or not to its end.
  case stopping
}

/// Requests to the daemon, wherever they come from: one task takes them, one at a time, so that none is carried out while
/// another is under way.
///
/// Requests that wait and are equal are carried out once, and each gets the reply. A stop goes before all others. What takes its
/// time, a run, is handed to the job, which replies when it is over; the queue goes on meanwhile. It is
/// used on the loop's thread alone, so it needs no lock to be named in a task's closure.
final class ControlQueue {
  struct Entry {
    var request: Request
    fileprivate(set) var replies: [(Reply) -> Void]

    func answer(_ reply: Reply) {
      for closure in replies { closure(reply) }
    }

    /// Takes over who waits for an equal request.
    mutating func join(_ other: Entry) { replies += other.replies }
  }

  private var waiting: [Entry] = []
  private let alarm: Alarm
  private var isClosed = false
  /// A stop was asked for: whatever is under way ends at its next yield, and the stop is the next to be taken.
  private(set) var wantsStop = false

  init(on loop: LoopExecutor) {
    alarm = Alarm(on: loop)
  }

  /// Adds a request; `reply` is called once, on the loop's thread.
  func add(_ request: Request, reply: ((Reply) -> Void)? = nil) {
    let replies = reply.map { [$0] } ?? []
    guard !isClosed else { return Entry(request: request, replies: replies).answer(.stopping) }
    if request == .stop { wantsStop = true }
    if let place = waiting.firstIndex(where: { $0.request == request }) {
      waiting[place].replies += replies
    } else {
      waiting.insert(Entry(request: request, replies: replies), at: request == .stop ? 0 : waiting.count)
    }
    alarm.ring()
  }

  /// The next request, when there is one; only one task may take them.
  func next() async -> Entry {
    while waiting.isEmpty { _ = await alarm.wait(until: .never) }
    return waiting.removeFirst()
  }

  /// Nothing is carried out any more: whatever waits, or comes later, is answered so.
  func close() {
    isClosed = true
    for entry in waiting { entry.answer(.stopping) }
    waiting = []
  }
}
