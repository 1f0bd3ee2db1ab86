package import Rotation
package import Timekeeping

extension Wire {
  /// What the methods take; each has some of it (`OperatorMethod.takes`).
  package struct Parameters: WireStruct {
    package var jobs: [String]?
    package var logs: [FilePath]?
    package var withLogs: Bool?
    package var withHolders: Bool?
    package var withDaemon: Bool?
    package var force: Bool?
    package var wait: Bool?
    package var forUSec: Span?
    package var trialUSec: Span?
    package var confirm: Bool?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("jobs", &jobs, "Jobs by name. Without jobs and logs it is about all.")
      each("logs", &logs, "Logs by absolute path.")
      each("withLogs", &withLogs, "Single logs, too.")
      each("withHolders", &withHolders, "Also find the processes that have archives open. This searches all processes.")
      each("withDaemon", &withDaemon, "The daemon and what does not work, too, in the last reply.")
      each("force", &force, "Logs that are not due are rotated, too.")
      each("wait", &wait, "The last reply comes when all is done, else when the order is taken.")
      each("forUSec", &forUSec, "How long; else until `Resume`.")
      each("trialUSec", &trialUSec, "After this time the config goes back to the one before, unless it is confirmed.")
      each("confirm", &confirm, "Nothing is read: the config that is on trial stays.")
    }
  }

  /// What the methods reply; each has some of it (`OperatorMethod.gives`).
  package struct Reply: WireStruct {
    package var daemon: Daemon?
    package var problems: [Problem]?
    package var job: Job?
    package var log: Log?
    package var explanation: Explanation?
    package var plan: LogPlan?
    package var event: Event?
    package var rotated: Int64?
    package var skipped: Int64?
    package var failed: Int64?
    package var until: WallTime?
    package var configSHA256: String?
    package var added: [String]?
    package var changed: [String]?
    package var removed: [String]?
    package var hooks: Int64?
    package var samples: [Sample]?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("daemon", &daemon, "The daemon.")
      each(
        "problems", &problems, "What does not work, the worst first, at most 1,000; `daemon.problems` counts them all.")
      each("job", &job, "A job.")
      each("log", &log, "A log; `log.job` has it.")
      each("explanation", &explanation, "Everything about one path.")
      each("plan", &plan, "What would be done with one log.")
      each("event", &event, "What happened, or what came of one log.")
      each("rotated", &rotated, "Logs that were rotated.")
      each("skipped", &skipped, "Logs that were not due, or have nothing to rotate.")
      each("failed", &failed, "Logs that could not be rotated.")
      each("until", &until, "When the pause ends or the config goes back, by itself.")
      each("configSHA256", &configSHA256, "The SHA-256 of the config that is in force now.")
      each("added", &added, "Jobs that are new, at most 1,000.")
      each("changed", &changed, "Jobs that have changed, at most 1,000.")
      each("removed", &removed, "Jobs that are no more, at most 1,000.")
      each("hooks", &hooks, "Hooks that are run again at once.")
      each("samples", &samples, "The program, a job or a log.")
    }
  }

  /// What the errors of the interface say; each has some of it.
  package struct ErrorDetail: WireStruct {
    package var job = ""
    package var path: FilePath = ""
    package var findings: [String] = []

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("job", &job, "The name that was given.")
      each("path", &path, "The path that was given.")
      each("findings", &findings, "`file:line:column: error: ...`, at most 1,000.")
    }
  }

  /// A value of a metric.
  package struct Sample: WireStruct {
    package static let about = "A value of a metric."
    package var metric = ""
    package var labels: [Label] = []
    package var value: Int64 = 0

    package init() {}
    /// A sample of one job, or of the program.
    package init(_ metric: Metric, _ value: Int64, job: String? = nil, labels: KeyValuePairs<String, String> = [:]) {
      self.metric = metric.name
      self.labels = job.map { [Label("job", $0)] } ?? []
      self.labels += labels.map { Label($0.key, $0.value) }
      self.value = value
    }
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("metric", &metric, "Its name in Prometheus.")
      each("labels", &labels, "What it is about.")
      each(
        "value", &value,
        "A number or bytes; microseconds where the name has `_seconds`, thousandths where it has `_ratio`.")
    }
  }

  /// A label of a metric.
  package struct Label: WireStruct {
    package static let about = "What a value of a metric is about."
    package var name = ""
    package var value = ""

    package init() {}
    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("name", &name, "`job`, `reason`.")
      each("value", &value, "Which one.")
    }
  }
}
