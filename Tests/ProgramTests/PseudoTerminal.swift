import CLinux
import Glibc
import Testing

/// A terminal with a shell in it, so that programs are jobs of the shell: they can be suspended and brought back. The shell is killed
/// when the test lets go of it.
final class PseudoTerminal {
  private let master: Int32
  private let pid: pid_t
  /// All that was written to the terminal.
  private(set) var text = ""

  init(columns: UInt16 = 80, rows: UInt16 = 24, environment: [String: String] = [:]) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2).
    var (lock, number): (Int32, Int32) = (0, 0)
    let isOpen =
      master >= 0 && ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0
    try #require(isOpen, "no terminal: errno \(errno)")
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    let name = "/dev/pts/\(number)"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR | O_NOCTTY, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var variables = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm", "PS1": "ready> ", "TZ": "UTC"]
    variables.merge(environment) { $1 }
    let words: [String] = ["setsid", "--ctty", "bash", "--norc", "--noprofile", "--noediting", "-i"]
    var argv = words.map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var child: pid_t = 0
    let code = posix_spawnp(&child, "setsid", &actions, &attributes, &argv, &envp)
    pid = child
    try #require(code == 0, "cannot start bash: errno \(code)")
    resize(columns: columns, rows: rows)
  }

  deinit {
    // The job of the shell gets SIGHUP as the terminal goes.
    close(master)
    kill(pid, SIGKILL)
    var raw: Int32 = 0
    waitpid(pid, &raw, 0)
  }

  /// The jobs of the shell.
  var children: [pid_t] { processes(startedBy: pid) }

  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Types keys.
  func type(_ keys: String) throws {
    try #require(Glibc.write(master, keys, keys.utf8.count) == keys.utf8.count)
  }

  @discardableResult
  func read() -> String {
    readAvailable(master, to: &text)
    return text
  }

  /// What was written since a mark was last set.
  var news: String { String(decoding: text.utf8.dropFirst(mark), as: UTF8.self) }
  private var mark = 0

  /// Forgets what was written until now.
  func forget() {
    read()
    mark = text.utf8.count
  }

  /// Waits for words among the news.
  func wait(for words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try eventually("'\(words)' on the terminal: \(news.debugDescription)", sourceLocation: sourceLocation) {
      read()
      return news.contains(words)
    }
  }

  /// The lines of the last frame that was drawn whole.
  var frame: [String] {
    let frames = text.components(between: "\u{1B}[H")
    guard let last = frames.last(where: { $0.contains("q quits") }) else { return [] }
    return last.components(between: "\r\n").map { $0.components(between: "\u{1B}[2K").last ?? "" }
  }
}

extension String {
  /// The parts between separators.
  fileprivate func components(between separator: String) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    let (bytes, end) = (Array(utf8), Array(separator.utf8))
    var position = 0
    while position < bytes.count {
      if bytes[position...].starts(with: end) {
        parts.append(String(decoding: part, as: UTF8.self))
        part = []
        position += end.count
      } else {
        part.append(bytes[position])
        position += 1
      }
    }
    return parts + [String(decoding: part, as: UTF8.self)]
  }
}
