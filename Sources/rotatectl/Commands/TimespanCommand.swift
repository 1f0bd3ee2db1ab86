internal import ArgumentParser
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
    var objects: [JSONText] = []
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
              ("original", .string(text)), ("microseconds", .number(microseconds)), ("human", .string(human)),
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
    if json { Output.line(JSONText.array(objects).description) }
    if hasFailed { throw ExitCode.failure }
  }
}
