internal import ArgumentParser
internal import Config
internal import Control
internal import Linux
internal import Rotation
internal import Timekeeping

/// Jobs and logs that a command is about.
struct Selection: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Jobs by name and logs by path: whatever has a slash is a path, but for a pattern, which is a job of logrotate's files. (default: all)",
      valueName: "job|log"),
    completion: .custom(Completion.jobsAndLogs))
  var names: [String] = []

  /// The jobs among them.
  var jobs: [String] { names.filter { !$0.isPath } }
  /// The logs among them.
  var logs: [FilePath] { names.filter(\.isPath).map(LogArgument.path) }

  /// Fails for a job that a config does not have.
  func check(_ configuration: Configuration, _ path: String) throws {
    let known = configuration.jobs.map(\.name)
    for job in jobs where !known.contains(job) {
      let hint = NearestName.of(job, among: known).map { ", did you mean '\($0)'?" } ?? ""
      throw ValidationError("no job '\(job)' in \(path)\(hint)")
    }
  }

  /// The same as the daemon takes it.
  var parameters: Wire.Parameters {
    var parameters = Wire.Parameters()
    if !jobs.isEmpty { parameters.jobs = jobs }
    if !logs.isEmpty { parameters.logs = logs }
    return parameters
  }
}

/// The path of a log on the command line.
enum LogArgument {
  /// The absolute path, without `.` and `..` in it. A name may be given as it is printed, with `\xfc` for a byte that is not
  /// UTF-8, unless there is a file of just this name.
  static func path(_ text: String) -> FilePath {
    let literal = WorkingDirectory.absolute(FilePath(text))
    guard !WorkingDirectory.hasFile(literal), let meant = FilePath(escaped: Array(text.utf8)) else { return literal }
    return WorkingDirectory.absolute(meant)
  }
}

extension String {
  /// Whether it names a log, and not a job. A job of logrotate's files has the name of its first pattern.
  fileprivate var isPath: Bool {
    guard utf8.contains(UInt8(ascii: "/")) else { return false }
    return !utf8.contains { "*?[".utf8.contains($0) } || WorkingDirectory.hasFile(LogArgument.path(self))
  }
}

/// Values of options that are read from a text.
enum OptionValue {
  /// A time span of systemd.time(7).
  static func span(_ text: String) throws -> Span {
    do throws(TimeSpanError) { return try TimeSpan.parse(text) } catch {
      throw ValidationError("\(error.reason); write it as 30s, 10min or 2h")
    }
  }
}
