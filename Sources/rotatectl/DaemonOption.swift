internal import ArgumentParser
internal import Config
internal import Control
internal import Linux
internal import Rotation
internal import Timekeeping

/// What every command needs that asks the daemon: its control socket.
struct DaemonOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The control socket of the daemon. (default: $XDG_RUNTIME_DIR/rotated/control of a user's daemon if one runs, else /run/rotated/control)",
      valueName: "socket"), completion: .file())
  var control: String?

  /// Connects to the first daemon that runs. Throws ControlFailure.
  func connect(interrupt: Int32? = nil) throws -> ControlClient {
    var failure = ControlFailure.ended
    for path in ControlPlace.candidates(control.map { FilePath($0) }) {
      do throws(ControlFailure) { return try ControlClient(path, interrupt: interrupt) } catch {
        // The last place is the one of the system's daemon: what is said is about that.
        failure = error
        guard case .notRunning = error else { break }
      }
    }
    throw failure
  }

  /// A connection to the daemon for a command that works without one, too; nil where none runs and none was named.
  func connectIfRunning() throws -> ControlClient? {
    do { return try connect() } catch ControlFailure.notRunning where control == nil { return nil } catch {
      return try ask { _ in throw error }
    }
  }

  /// Asks the daemon. When that fails, says why and ends the program: with 3 if no daemon runs.
  @discardableResult
  func ask<Answer>(_ client: ControlClient? = nil, _ body: (ControlClient) throws -> Answer) throws -> Answer {
    do { return try body(try client ?? connect()) } catch let failure as ControlFailure {
      let (text, code) = explanation(of: failure)
      Output.error("rotatectl: \(text)")
      throw ExitCode(code)
    }
  }

  /// Why there is no answer, in a sentence, and how the program ends by it.
  func explanation(of failure: ControlFailure) -> (text: String, code: Int32) {
    switch failure {
    case .notRunning(let path): ("rotated is not running: nobody listens at \(path.printable)", 3)
    case .notPermitted(let path):
      ("may not use \(path.printable): root, the user of the daemon and members of its group may", 77)
    case .system(let path, let errno): ("cannot connect to \(path.printable): \(errno)", 1)
    case .silent(let span): ("rotated has not answered for \(TimeSpan.describe(span))", 1)
    case .ended: ("rotated has closed the connection: it is stopping, or has stopped", 3)
    case .interrupted: ("interrupted", 1)
    case .fault(let reason): ("the answer of rotated cannot be read: \(reason)", 1)
    case .refused(let error): Self.refusal(error, hint: hint)
    }
  }

  /// Why a call was refused, in a sentence, and how the program ends by it.
  static func refusal(_ error: VarlinkError, hint: (String) -> String = { _ in "" }) -> (text: String, code: Int32) {
    let name = String(error.name.split(separator: ".").last ?? "")
    let job = error.texts("job").first?.printable ?? ""
    let path = error.texts("path").first?.printable ?? ""
    switch OperatorError(rawValue: name) {
    case .noSuchJob: return ("no job '\(job)'\(hint(job))", 1)
    case .noSuchLog: return ("no job has \(path); `rotatectl explain \(path)` says why", 1)
    case .invalidConfig:
      let findings = error.texts("findings").map { $0.printable + "\n" }.joined()
      return ("the config has errors, and the one before stays in force:\n\(findings)".trimmed, 78)
    case .noTrial: return ("no config is on trial", 1)
    case .stopping: return ("rotated is stopping, and begins nothing new", 3)
    case nil: break
    }
    switch name {
    case "PermissionDenied": return ("only root and the user of the daemon may do this", 77)
    case "MethodNotFound", "MethodNotImplemented":
      return ("the daemon that runs does not know this command: it is of another version", 1)
    default: return ("rotated refuses: \(error.name.printable) \(error.texts("parameter").first?.printable ?? "")", 1)
    }
  }

  /// The job that was probably meant.
  private func hint(_ job: String) -> String {
    var names: [String] = []
    try? connect().call(.list) { reply in
      if let name = reply.job?.name { names.append(name) }
      return true
    }
    return NearestName.of(job, among: names).map { ", did you mean '\($0)'?" } ?? ""
  }
}

extension VarlinkError {
  /// The texts under a name in what it says beside its name: one, or those of a list.
  fileprivate func texts(_ name: ExactText) -> [ExactText] {
    guard case .object(let members) = parameters else { return [] }
    switch members.first(where: { $0.name == name })?.value {
    case .string(let text): return [text]
    case .array(let values): return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    default: return []
    }
  }
}

extension String {
  /// Without the newline at its end.
  fileprivate var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
