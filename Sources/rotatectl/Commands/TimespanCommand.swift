internal import ArgumentParser
internal import Control
internal import Daemon
internal import Rotation
internal import Timekeeping

/// `rotatectl timespan`: how long time spans are, as systemd-analyze(1) shows it.
struct TimespanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timespan", abstract: "Show how long time spans are.",
    discussion: "Spans are those of systemd.time(7), with a unit at each number: \"1h 30min\", \"2 weeks\".")

  @Argument(help: "Time spans, each in quotes.")
  var spans: [String]

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    var objects: [JSON] = []
    var isFirst = true
    var hasFailed = false
    for text in spans {
      do throws(TimeSpanError) {
        let span = try TimeSpan.parse(text)
        let human = TimeSpan.describe(span, accuracy: Span(nanoseconds: 1000))
        let microseconds = span.nanoseconds / 1000
        if json {
          objects.append(
            .object([
              .init("original", .string(ExactText(text))), .init("microseconds", .integer(microseconds)),
              .init("human", .string(ExactText(human))),
            ]))
        } else {
          if !isFirst { Output.line("") }
          let rows = [("Original", text.printable), ("μs", "\(microseconds)"), ("Human", human)]
          TimeText.aligned(rows).forEach(Output.line)
        }
        isFirst = false
      } catch {
        hasFailed = true
        Output.misfit("not a time span", text, column: error.offset + 1, reason: error.reason)
      }
    }
    if json { Output.json(JSON.array(objects)) }
    if hasFailed { throw ExitCode.failure }
  }
}
