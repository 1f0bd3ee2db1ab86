/// The command line of logrotate(8), in the grammar of popt(3): options and files in any order, `-fv`, `-s FILE`, `-sFILE`, `-s=FILE`,
/// `--state FILE`, `--state=FILE`, and `--` before files that begin with a dash.
struct LogrotateArguments: Equatable {
  /// What is asked for instead of a run.
  enum Question: Equatable {
    case help, usage, version
  }

  /// Why the command line cannot be used. The exit code is 2 for an option, else 1.
  struct Misuse: Error, Equatable {
    var message: String
    var code: Int32
  }

  static let usage = """
    Usage: logrotate [-dfv?] [-d|--debug] [-f|--force] [-m|--mail=command]
            [-s|--state=statefile] [--skip-state-lock] [--wait-for-state-lock]
            [-v|--verbose] [-l|--log=logfile] [--version] [-?|--help] [--usage]
            [OPTION...] <configfile>
    """

  static let help = """
    Usage: logrotate [OPTION...] <configfile>
      -d, --debug                   Don't do anything, just test and print debug
                                    messages
      -f, --force                   Force file rotation
      -m, --mail=command            Command to send mail (instead of
                                    `/usr/bin/mail')
      -s, --state=statefile         Path of state file
          --skip-state-lock         Do not lock the state file
          --wait-for-state-lock     Wait for lock on the state file
      -v, --verbose                 Display messages during rotation
      -l, --log=logfile             Log file or 'syslog' to log to syslog
          --version                 Display version information

    Help options:
      -?, --help                    Show this help message
          --usage                   Display brief usage message
    """

  var isDry = false
  var isForced = false
  var isVerbose = false
  var skipsLock = false
  var waitsForLock = false
  var stateFile = "/var/lib/logrotate/status"
  var logFile: String?
  var mailCommand = "/usr/bin/mail"
  var question: Question?
  var files: [String] = []

  init(_ arguments: some Sequence<String>) throws(Misuse) {
    var rest = Array(arguments)[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        files += rest
        break
      }
      if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        try take(argument, name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : nil, &rest)
      } else if argument.hasPrefix("-"), argument != "-" {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
          guard let name = Self.letters[letter] else { throw Self.unknown("-\(letter)") }
          guard Self.takesValue(name) else {
            try take("-\(letter)", name: name, value: nil, &rest)
            continue
          }
          let value = letters.first == "=" ? letters.dropFirst() : letters
          try take("-\(letter)", name: name, value: value.isEmpty ? nil : String(value), &rest)
          letters = ""
        }
      } else {
        files.append(argument)
      }
    }
    guard !skipsLock || !waitsForLock else {
      throw Misuse(
        message: "logrotate: options --skip-state-lock and --wait-for-state-lock are mutually exclusive", code: 1)
    }
  }

  private static let letters: [Character: String] = [
    "d": "debug", "f": "force", "v": "verbose", "s": "state", "l": "log", "m": "mail", "?": "help",
  ]

  private static func takesValue(_ name: String) -> Bool { ["state", "log", "mail"].contains(name) }

  private static func unknown(_ option: String) -> Misuse {
    Misuse(message: "logrotate: bad argument \(option): unknown option", code: 2)
  }

  private mutating func take(
    _ argument: String, name: String, value: String?, _ rest: inout ArraySlice<String>
  ) throws(Misuse) {
    if Self.takesValue(name) {
      guard let value = value ?? rest.popFirst() else {
        throw Misuse(message: "logrotate: bad argument \(argument): missing argument", code: 2)
      }
      switch name {
      case "state": stateFile = value
      case "log": logFile = value
      default: mailCommand = value
      }
      return
    }
    guard value == nil else {
      throw Misuse(message: "logrotate: bad argument \(argument): option does not take an argument", code: 2)
    }
    switch name {
    case "debug": isDry = true
    case "force": isForced = true
    case "verbose": isVerbose = true
    case "skip-state-lock": skipsLock = true
    case "wait-for-state-lock": waitsForLock = true
    case "version": question = question ?? .version
    case "help": question = question ?? .help
    case "usage": question = question ?? .usage
    default: throw Self.unknown(argument)
    }
  }
}
