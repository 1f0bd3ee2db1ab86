internal import ArgumentParser
internal import Control
internal import Linux

/// `rotatectl metrics`: numbers for a monitoring system.
struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print metrics as OpenMetrics text.",
    discussion: """
      For node_exporter's textfile collector: rotatectl metrics --prometheus >DIR/rotated.prom.tmp && mv DIR/rotated.prom.tmp \
      DIR/rotated.prom
      """)

  @OptionGroup var daemon: DaemonOption

  @Flag(help: "Print the metrics of each log, too: many, where logs are many.")
  var logs = false

  @Flag(help: "Print Prometheus text 0.0.4, without timestamps, in place of OpenMetrics 1.0.")
  var prometheus = false

  @Flag(help: "Print JSON, a sample a line: the values of the interface org.rotated.Manager.")
  var json = false

  func run() throws {
    var parameters = Wire.Parameters()
    if logs { parameters.withLogs = true }
    var samples: [Wire.Sample] = []
    try daemon.ask { client in
      try client.call(.metrics, parameters) { reply in
        samples += reply.samples ?? []
        return true
      }
    }
    guard !json else { return samples.forEach(Output.json) }
    var text = MetricsText(samples, format: prometheus ? .prometheus : .openMetrics)
    while let part = text.next(samples: 1_000) { print(part, terminator: "") }
  }
}
