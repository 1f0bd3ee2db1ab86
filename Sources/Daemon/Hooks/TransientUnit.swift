internal import Rotation
internal import Timekeeping

/// A command as a unit of its own, outside of the sandbox of the daemon's unit (systemd-run(1)).
enum TransientUnit {
  /// How long a command may take to end when its time is over and it is asked to.
  static let grace = Span.seconds(5)

  /// What starts the command, waits for its end and has its exit code. The variables are those of the process that is started.
  /// nil where a manager takes neither the arguments nor the variables: they are no text.
  static func arguments(
    of arguments: [ExactText], limit: Span, environment: [String: ExactText], description: String
  ) -> [ExactText]? {
    guard (arguments + environment.values).allSatisfy(isText) else { return nil }
    var all: [ExactText] = [
      "systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--no-ask-password",
      ExactText("--description=rotated: \(description)"),
      ExactText("--property=RuntimeMaxSec=\(limit.nanoseconds / 1000)us"),
      ExactText("--property=TimeoutStopSec=\(grace.nanoseconds / 1_000_000_000)s"),
    ]
    all += environment.keys.sorted().map { ExactText("--setenv=\($0)") }
    return all + ["--"] + arguments.map(unexpanded)
  }

  /// The manager puts variables in for what follows a `$`, and one `$` for two.
  private static func unexpanded(_ argument: ExactText) -> ExactText {
    let dollar = UInt8(ascii: "$")
    return ExactText(bytes: argument.bytes.flatMap { $0 == dollar ? [dollar, dollar] : [$0] })
  }

  /// Whether it is UTF-8, with no control characters but tabs and newlines.
  private static func isText(_ text: ExactText) -> Bool {
    guard let scalars = String(validating: text.bytes, as: UTF8.self)?.unicodeScalars else { return false }
    return scalars.allSatisfy { $0 == "\t" || $0 == "\n" || !(0..<0x20).contains($0.value) && $0.value != 0x7f }
  }
}
