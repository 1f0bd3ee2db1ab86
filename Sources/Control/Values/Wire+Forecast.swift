extension Wire {
  /// What a job will occupy: what `rotatectl forecast` prints with `--json`.
  package struct JobForecast: WireStruct {
    package static let about = "What a job will occupy."
    package var name = ""
    package var logs: Int64 = 0
    package var unmeasured: Int64 = 0
    package var growthBytes: Int64 = 0
    package var bytes: Int64 = 0
    package var limitBytes: Int64?
    package var days: [Int64] = []
    package var isRatioMeasured = false

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("name", &name, "The job.")
      each("logs", &logs, "Its logs.")
      each("unmeasured", &unmeasured, "Those of them whose growth cannot be told yet: they are taken not to grow.")
      each("growthBytes", &growthBytes, "Bytes that all of them grow by in a day, before compression.")
      each("bytes", &bytes, "What they and their archives occupy now.")
      each("limitBytes", &limitBytes, "Its `max-total`.")
      each("days", &days, "What they will occupy in 1, 2, 3, … days.")
      each("isRatioMeasured", &isRatioMeasured, "Whether the compression was measured; else a tenth is assumed.")
    }
  }
}
