internal import EventLoop
internal import Rotation
internal import Timekeeping

/// A child process that makes a copy of an archive, from start to end: its progress and its result.
final class CompressorRun {
  private let platform: Platform
  private let hold: any LeasedFile
  private let output: any StagedFile
  private let ended: Alarm
  private(set) var child: (any ChildProcess)?
  private(set) var end: ChildEnd?
  private var startError: Errno?
  private var lastLine: String?
  private let program: String

  /// The sum of bytes read and written at the last progress, and the time of that progress.
  private var progress: Int64 = -1
  private var lastProgress: MonotonicTime
  /// Whether it was killed because it read and wrote nothing for too long.
  private var isStuck = false

  init(_ command: [ExactText], _ hold: any LeasedFile, _ output: any StagedFile, on platform: Platform) {
    self.platform = platform
    self.hold = hold
    self.output = output
    self.ended = Alarm(on: platform.loop)
    self.program = command[0].printable
    self.lastProgress = platform.loop.now()
  }

  /// Starts the child, which reads the archive and writes the output. Its messages are reported after `about`. A child
  /// that cannot be started has ended with that error.
  func start(_ command: [ExactText], limit: Span?, about: String, job: String, log: FilePath) {
    let request = ChildRequest(
      arguments: command, input: hold.token, output: .file(output.token), limit: limit, isBackground: true)
    do throws(Errno) {
      child = try platform.processes.start(request) { [platform, weak self] line in
        self?.lastLine = line
        platform.report(Report(.output, .info, about + line.printable, job: job, log: log))
      } onEnd: { [ended, weak self] end in
        self?.end = end
        ended.ring()
      }
    } catch {
      startError = error
    }
  }

  /// Whether the child has exited with 0.
  var succeeded: Bool { end == .exited(0) }
  var isOver: Bool { end != nil || startError != nil }

  /// Waits for the end of the child, at most until the deadline.
  func wait(until deadline: Alarm.Deadline) async {
    if !isOver { _ = await ended.wait(until: deadline) }
    // The child's closures refer to this run: drop the child to break the cycle.
    if isOver { child = nil }
  }

  /// Reads the progress of the child, and kills it when it has read and written nothing for `Limits.stillLimit`.
  /// Returns the time since the last progress.
  func checkProgress() -> Span {
    let now = platform.loop.now()
    let bytes = hold.position.saturatingAdd((try? output.size()) ?? 0)
    if bytes != progress {
      progress = bytes
      lastProgress = now
    }
    let still = now - lastProgress
    if still >= Limits.stillLimit, !isStuck {
      isStuck = true
      child?.kill()
    }
    return still
  }

  /// The reason of the failure, in words.
  var failure: String {
    let words = lastLine.map { ": \($0.printable)" } ?? ""
    if let error = startError { return "cannot start \(program): \(error)" }
    if isStuck {
      return "\(program) read and wrote nothing for \(TimeSpan.describe(Limits.stillLimit)) and was killed\(words)"
    }
    return switch end {
    case .exited(0): "\(program) wrote nothing"
    case .exited(let code): "\(program) ended with exit code \(code)\(words)"
    case .killed(let signal): "\(program) was killed by signal \(SignalName.name(of: signal))\(words)"
    case .timedOut, nil: "\(program) took too long\(words)"
    }
  }
}
