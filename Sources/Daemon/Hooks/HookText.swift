package import Rotation

// Hooks and commands as text for reports and the status.

extension Hook: CustomStringConvertible {
  /// `nginx.service (reload)`, `/run/app.pid (HUP)`, or the command.
  package var description: String {
    switch self {
    case .reload(let unit): "\(unit.printable) (reload)"
    case .signal(let unit, let signal): "\(unit.printable) (\(SignalName.name(of: signal)))"
    case .pidFile(let path, let signal): "\(path.printable) (\(SignalName.name(of: signal)))"
    case .run(let command, _), .script(let command, _): command.description
    }
  }
}

extension SignalFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .system(let errno): "\(errno)"
    case .noNumber: "it contains no process id"
    case .refused(let reason): reason
    }
  }
}

extension Command: CustomStringConvertible {
  private static let longest = 60

  /// The command on one line, truncated if it is long.
  package var description: String {
    let line =
      switch self {
      case .program(let words): words.map(\.printable).joined(separator: " ")
      case .shell(let line): line.printable
      }
    return line.count <= Self.longest ? "'\(line)'" : "'\(line.prefix(Self.longest))…'"
  }

  /// The program to start, with its arguments.
  var arguments: [ExactText] {
    switch self {
    case .program(let words): words
    case .shell(let line): ["/bin/sh", "-c", line]
    }
  }
}
