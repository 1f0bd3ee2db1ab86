package import Rotation

extension Wire {
  /// A log that another config gives to another job.
  package struct LogChange: WireStruct {
    package static let about = "A log that another config gives to another job."
    package var path: FilePath = ""
    package var from: String?
    package var to: String?

    package init() {}
    package init(_ path: FilePath, from: String?, to: String?) { (self.path, self.from, self.to) = (path, from, to) }
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "The log.")
      each("from", &from, "The job that has it; none where no job has.")
      each("to", &to, "The job that would have it; none where no job would.")
    }
  }

  /// An archive that would be removed.
  package struct Doomed: WireStruct {
    package static let about = "An archive that would be removed."
    package var path: FilePath = ""
    package var job = ""
    package var bytes: Int64 = 0
    package var reason = ""

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "The archive.")
      each("job", &job, "The job whose rule removes it.")
      each("bytes", &bytes, "Its room on disk.")
      each("reason", &reason, "The rule.")
    }
  }

  /// What a config would change in a daemon: what `rotatectl plan --against` prints with `--json`.
  package struct Comparison: WireStruct {
    package static let about = "What a config would change in a daemon."
    package var running: FilePath = ""
    package var isPartial = false
    package var added: [String] = []
    package var changed: [String] = []
    package var removed: [String] = []
    package var logs: [LogChange] = []
    package var removals: [Doomed] = []

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("running", &running, "The config of the daemon.")
      each("isPartial", &isPartial, "Its file has changed since the daemon read it, so `changed` is not known.")
      each("added", &added, "Jobs that are new.")
      each("changed", &changed, "Jobs that say something else.")
      each("removed", &removed, "Jobs that are gone.")
      each("logs", &logs, "Logs that change their job.")
      each("removals", &removals, "Archives that would be removed at once, and are not by the config in force.")
    }
  }
}
