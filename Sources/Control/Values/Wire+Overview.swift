internal import Timekeeping

extension Wire {
  /// What `rotatectl status` shows: the answers to Describe and List, in one value.
  package struct Overview: WireStruct {
    package static let about = "The daemon, what does not work, jobs, and logs that were asked for."
    package var daemon = Daemon()
    package var problems: [Problem] = []
    package var jobs: [Job] = []
    package var logs: [Log] = []

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("daemon", &daemon, "The daemon.")
      each("problems", &problems, "What does not work, the worst first.")
      each("jobs", &jobs, "Jobs.")
      each("logs", &logs, "Logs.")
    }
  }

  /// In which order jobs and logs are shown.
  package enum Order: String, CaseIterable, Sendable {
    /// Those whose archives take most room come first.
    case bytes
    case name
    /// Those that are due first come first; those whose time is not known, last.
    case next
  }
}

extension Wire.Overview {
  /// Keeps what is about these jobs and logs; all where there are none.
  package mutating func keep(jobs: [String], logs: [Wire.Log]) {
    guard !jobs.isEmpty else { return }
    let paths = Set(logs.map(\.path))
    problems.removeAll { problem in
      let isNamed = problem.job.map { jobs.contains($0) } ?? true
      // A problem of a log is shown with its job, or with the log itself.
      return !isNamed || !paths.isEmpty && problem.path.map { !paths.contains($0) } ?? false
    }
  }

  /// Keeps only what is wrong.
  package mutating func keepProblems() {
    jobs.removeAll { $0.state != .failing && $0.problems == 0 }
    logs.removeAll { $0.refusal == nil }
  }

  /// Whether everything works that is shown here.
  package var isSound: Bool {
    problems.isEmpty && daemon.configProblem == nil && !jobs.contains { $0.state == .failing || $0.problems > 0 }
  }

  /// Brings jobs and logs into an order.
  package mutating func sort(by order: Wire.Order) {
    switch order {
    case .bytes:
      jobs.sort { ($1.archiveBytes, $0.name) < ($0.archiveBytes, $1.name) }
      logs.sort { ($1.archiveBytes, $0.path) < ($0.archiveBytes, $1.path) }
    case .name:
      jobs.sort { $0.name < $1.name }
      logs.sort { $0.path < $1.path }
    case .next:
      jobs.sort { ($0.next.nanoseconds, $0.name) < ($1.next.nanoseconds, $1.name) }
      logs.sort { ($0.next.nanoseconds, $0.path) < ($1.next.nanoseconds, $1.path) }
    }
  }
}

extension Wire.Due? {
  /// When, in nanoseconds since the epoch; the end of time where that is not known.
  var nanoseconds: Int64 { self?.at?.nanoseconds ?? .max }
}
