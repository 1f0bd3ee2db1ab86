internal import ArgumentParser
internal import Control
internal import EventLoop
internal import Glibc
internal import Linux
internal import Rotation

/// Lines on the standard streams: data on one, everything that is said besides on the other.
enum Output {
  static func line(_ text: String) { print(text) }

  /// A text with its own newlines.
  static func text(_ text: String) { print(text, terminator: "") }

  static func lines(_ lines: [String]) { lines.forEach(line) }

  /// A value as JSON, on one line.
  static func json(_ value: some WireValue) {
    var writer = JSONWriter()
    value.write(to: &writer)
    line(String(decoding: writer.take(), as: UTF8.self))
  }

  /// Lines for standard output as it is now.
  static func screen(legend: Bool = true) -> Screen {
    Screen(.ofStandardOutput(), zone: LocalZone.load().zone, now: SystemClock.wall, legend: legend)
  }

  /// Prints a value: as JSON, or as what `draw` makes of it.
  static func show(_ value: some WireValue, json: Bool, legend: Bool = true, _ draw: (inout Screen) -> Void) {
    guard !json else { return self.json(value) }
    var screen = screen(legend: legend)
    draw(&screen)
    lines(screen.lines)
  }

  /// What was printed goes out now, and not when there is more of it: for a program that goes on for long.
  static func flush() { _ = fflush(nil) }

  static func error(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Says that a text is not what it should be: the text, a caret under the place (in bytes, from 1), and what is
  /// expected there, or why it is wrong.
  static func misfit(_ what: String, _ text: String, column: Int, expected: String) {
    misfit(what, text, column: column, reason: "expected \(expected)")
  }

  /// The same with a reason in words.
  static func misfit(_ what: String, _ text: String, column: Int, reason: String) {
    let before = String(decoding: text.utf8.prefix(column - 1), as: UTF8.self).printable
    let lead = String(repeating: " ", count: before.unicodeScalars.count)
    error("rotatectl: \(what):\n  \(text.printable)\n  \(lead)^ \(reason)")
  }
}

/// How a command shows what the daemon says.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON, an object a line: the values of the interface org.rotated.Manager.")
  var json = false

  @Flag(help: "Print tables without titles and sums.")
  var noLegend = false

  /// Lines for standard output as it is now.
  var screen: Screen { Output.screen(legend: !noLegend) }

  /// Prints a value: as JSON, or as what `draw` makes of it.
  func show(_ value: some WireValue, _ draw: (inout Screen) -> Void) {
    Output.show(value, json: json, legend: !noLegend, draw)
  }
}
