package import Rotation

extension Wire {
  /// Something that will go wrong: what `rotatectl doctor` prints with `--json`.
  package struct Finding: WireStruct {
    package static let about = "Something that will go wrong."
    package var severity = Severity.warning
    package var check = ""
    package var job: String?
    package var path: FilePath?
    package var message = ""
    package var advice = ""

    package init() {}

    /// With all that it says.
    package init(
      _ severity: Severity, _ check: String, job: String? = nil, path: FilePath? = nil, _ message: String,
      advice: String
    ) {
      (self.severity, self.check, self.job, self.path) = (severity, check, job, path)
      (self.message, self.advice) = (message, advice)
    }

    package mutating func fields(_ each: inout some FieldVisitor) {
      each("severity", &severity, "How bad it is: `error`, `warning`, or `notice` for what need not be changed.")
      each("check", &check, "The check that has found it.")
      each("job", &job, "The job that it concerns.")
      each("path", &path, "The log or directory that it concerns.")
      each("message", &message, "What will go wrong, and why.")
      each("advice", &advice, "What to do.")
    }
  }
}
