// getopt_long keeps its place in global variables of libc; this program has one thread, and reads them before anything
// else runs: that is what the unsafe imports stand for.
@unsafe @preconcurrency internal import CLinux
@unsafe @preconcurrency internal import Glibc
internal import Config
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

  static let usage = """
    Usage: rotated [--config FILE] [--format NAME] [--state DIR] [--check]

    Rotates logs as FILE says, in the foreground, until it gets SIGTERM or SIGINT.

      -c, --config FILE  the config file, or a directory of *.toml files
                         (default: /etc/rotated/rotated.toml, with its conf.d)
          --format NAME  the language of the config, toml or logrotate
                         (default: as the text is)
      -s, --state DIR    the state directory (default: $STATE_DIRECTORY, else
                         /var/lib/rotated for root, ~/.local/state/rotated for others)
      -t, --check        check the config and exit: 0 when it can be used, 78 when
                         not, 1 when it cannot be read at the moment
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
    ("config", "c", true), ("format", "f", true), ("state", "s", true), ("check", "t", false), ("version", "V", false),
    ("help", "h", false),
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
      let code = unsafe getopt_long(linux_argument_count(), linux_arguments(), ":c:s:tVh", table, nil)
      guard code != -1 else { break }
      let value = unsafe optarg.map { unsafe FilePath(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? ""
      if value.isEmpty, code == Int32(UInt8(ascii: "c")) || code == Int32(UInt8(ascii: "s")) {
        throw Misuse(message: "option '\(Self.argument(position))' needs a value that is not empty")
      }
      switch UInt8(truncatingIfNeeded: code) {
      case UInt8(ascii: "c"): config = value
      case UInt8(ascii: "f"):
        guard let named = ConfigFormat(rawValue: value.printable) else {
          throw Misuse(message: "option '--format' is '\(value.printable)'; expected toml or logrotate")
        }
        format = named
      case UInt8(ascii: "s"): state = value
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

  private static func argument(_ index: Int) -> String {
    index < ProcessArguments.all.count ? ProcessArguments.all[index] : ""
  }
}
