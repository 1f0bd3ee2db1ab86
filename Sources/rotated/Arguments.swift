// getopt_long keeps its place in global variables of libc; this program has one thread, and reads them before anything
// else runs: that is what the unsafe imports stand for.
@unsafe @preconcurrency internal import CLinux
@unsafe @preconcurrency internal import Glibc
internal import Config
internal import Daemon
internal import Linux
internal import Rotation

/// What the command line asks for (getopt_long(3)).
struct Arguments {
  /// What the process is to do.
  enum Mode {
    case run, check, version, help
  }

  var mode = Mode.run
  var config: FilePath = "/etc/rotated/rotated.toml"
  /// nil: as the text of the config is.
  var format: ConfigFormat?
  /// nil: `$STATE_DIRECTORY`, or the default of the user.
  var state: FilePath?
  /// nil: what fits standard error.
  var logStyle: ReportStyle?
  /// nil: what fits the style.
  var logLevel: Report.Priority?

  /// nil: `control` in `$RUNTIME_DIRECTORY`, or in the default of the user; empty for none.
  var control: FilePath?

  static let usage = """
    Usage: rotated [OPTION...]

    Rotates logs as FILE says, in the foreground, until it gets SIGTERM or SIGINT.

      -c, --config FILE  the config file, or a directory of *.toml files
                         (default: /etc/rotated/rotated.toml, with its conf.d)
          --format NAME  the language of the config, toml or logrotate
                         (default: as the text is)
      -s, --state DIR    the state directory (default: $STATE_DIRECTORY, else
                         /var/lib/rotated for root, ~/.local/state/rotated for others)
          --control SOCKET
                         where operators' tools connect; none if it is empty
                         (default: $RUNTIME_DIRECTORY/control, else
                         /run/rotated/control for root,
                         $XDG_RUNTIME_DIR/rotated/control for others)
      -t, --check        check the config and exit: 0 when it can be used, 78 when
                         not, 1 when it cannot be read at the moment
      -f, --log-format plain|json|systemd
                         how messages are written to standard error: with a time
                         and a priority, as JSON objects, or with <N> before them,
                         as in sd-daemon(3)
                         (default: entries of the journal where standard error is
                         the journal, time and colours on a terminal, else plain)
      -l, --log-level LEVEL
                         the least urgent messages that are written: error,
                         warning, notice, info, debug
                         (default: debug in the journal, else info)
      -V, --version      print the version and exit
      -h, --help         print this text and exit

    Signals: HUP reloads the config, USR1 checks every job now, TERM and INT stop the
    daemon, USR2 is ignored.
    See also: rotatectl --help
    """

  /// Why the command line cannot be understood, in one line.
  struct Misuse: Error {
    var message: String
  }

  private static let options: [(name: StaticString, value: Character, argument: Bool)] = [
    ("config", "c", true), ("format", "F", true), ("state", "s", true), ("control", "C", true), ("check", "t", false),
    ("log-format", "f", true), ("log-level", "l", true), ("version", "V", false), ("help", "h", false),
  ]

  /// Reads the arguments of this process.
  init() throws(Misuse) {
    var table = unsafe Self.options.map { item in
      unsafe option(
        name: UnsafeRawPointer(item.name.utf8Start).assumingMemoryBound(to: CChar.self),
        has_arg: item.argument ? required_argument : no_argument, flag: nil,
        val: Int32(item.value.asciiValue ?? 0))
    }
    unsafe table.append(option())
    while true {
      let position = Int(optind)
      let code = unsafe getopt_long(linux_argument_count(), linux_arguments(), ":c:s:f:l:tVh", table, nil)
      guard code != -1 else { break }
      let value = unsafe optarg.map { unsafe FilePath(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? ""
      if value.isEmpty, code == Int32(UInt8(ascii: "c")) || code == Int32(UInt8(ascii: "s")) {
        throw Misuse(message: "option '\(Self.argument(position))' needs a value that is not empty")
      }
      switch UInt8(truncatingIfNeeded: code) {
      case UInt8(ascii: "c"): config = value
      case UInt8(ascii: "F"):
        format = try Self.choice(value, of: [("toml", .toml), ("logrotate", .logrotate)], option: "format")
      case UInt8(ascii: "s"): state = value
      case UInt8(ascii: "f"): logStyle = try Self.choice(value, of: Self.styles, option: "log-format")
      case UInt8(ascii: "l"): logLevel = try Self.choice(value, of: Self.levels, option: "log-level")
      case UInt8(ascii: "C"): control = value
      case UInt8(ascii: "t"): mode = .check
      case UInt8(ascii: "V"): mode = .version
      case UInt8(ascii: "h"): mode = .help
      case UInt8(ascii: ":"): throw Misuse(message: "option '\(Self.argument(position))' needs a value")
      default: throw Misuse(message: "unknown option '\(Self.argument(position))'")
      }
    }
    let rest = Int(optind)
    guard rest >= ProcessArguments.all.count else {
      throw Misuse(message: "unexpected argument '\(Self.argument(rest))'")
    }
  }

  private static let styles: [(word: String, ReportStyle)] = [
    ("plain", .plain), ("json", .json), ("systemd", .prefixed),
  ]
  private static let levels: [(word: String, Report.Priority)] = [
    ("error", .error), ("warning", .warning), ("notice", .notice), ("info", .info), ("debug", .debug),
  ]

  /// The value that a word stands for.
  private static func choice<Value>(
    _ word: FilePath, of choices: [(word: String, value: Value)], option: String
  ) throws(Misuse) -> Value {
    if let chosen = choices.first(where: { FilePath($0.word) == word }) { return chosen.value }
    let allowed = choices.map(\.word).joined(separator: ", ")
    throw Misuse(message: "option '--\(option)' cannot be '\(word.printable)'; it is one of: \(allowed)")
  }

  private static func argument(_ index: Int) -> String {
    index < ProcessArguments.all.count ? ProcessArguments.all[index] : ""
  }
}
