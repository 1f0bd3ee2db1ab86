internal import CLinux
package import Control
internal import EventLoop
internal import Glibc
package import Rotation
package import Timekeeping

extension TerminalStyle {
  /// What fits standard output now.
  package static func ofStandardOutput() -> TerminalStyle {
    let columns = LiveScreen.hasTerminal ? LiveScreen.size.columns : nil
    return .fitting(columns: columns, environment: ProcessEnvironment.text)
  }
}

/// A terminal that shows lines which change: on its alternate screen, so that what was there before comes back, whatever ends the
/// program but SIGKILL.
///
/// Signals are blocked as long as there is one, and taken by `wait`: nothing is drawn by halves.
package final class LiveScreen {
  /// Why `wait` has returned.
  package enum Wake: Hashable {
    /// The time has come, or somebody has pressed a key.
    case due
    /// The lines are to be drawn anew: the size has changed, or the program was suspended.
    case redraw
    /// Somebody has pressed q, or the terminal has gone.
    case quit
    /// The program is to end by a signal.
    case signal(Int32)
  }

  private static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
  private static let held = ending + [SIGWINCH, SIGTSTP]

  private let signals: Descriptor
  private var settings: termios?

  /// Takes the terminal of standard output; another file is shown frame after frame.
  package init() throws(Errno) {
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for number in Self.held { unsafe sigaddset(&mask, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &mask, nil)
    signals = try SignalSource.descriptor(of: Self.held)
    enter()
  }

  /// Can be read when `wait` would return for a signal.
  package var interrupt: Int32 { signals.number }

  /// Whether standard output is a terminal.
  package static var hasTerminal: Bool { isatty(STDOUT_FILENO) != 0 }

  /// Columns and rows of the terminal; 80 and 24 where it does not say.
  package static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Draws lines over those before, without an empty screen in between. What is too much for the terminal is left out, and
  /// `footer` is its last line.
  package func draw(_ lines: [String], footer: String) {
    let rows = Self.size.rows
    var frame = "\u{1B}[H"
    // Erased before it is drawn: behind a line as wide as the terminal, the last column would be erased.
    for line in lines.prefix(rows - 1) { frame += "\u{1B}[2K\(line)\r\n" }
    frame += "\u{1B}[J\u{1B}[\(rows);1H\u{1B}[2K\(footer)"
    put(frame)
  }

  /// Waits until a time, a signal or a key. Suspends the program when that is asked for.
  package func wait(until deadline: MonotonicTime) -> Wake {
    var waited = [pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0)]
    if settings != nil { waited.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
    while true {
      let left = max(0, (deadline - SystemClock.monotonic).nanoseconds / 1_000_000)
      let count = unsafe poll(&waited, nfds_t(waited.count), Int32(clamping: left + (left > 0 ? 1 : 0)))
      if waited[0].revents != 0, let signal = takeSignal() {
        switch signal {
        case SIGWINCH: return .redraw
        case SIGTSTP:
          suspend()
          return .redraw
        default: return .signal(signal)
        }
      }
      if waited.count > 1, waited[1].revents != 0 { return takeKey() }
      if count <= 0, SystemClock.monotonic >= deadline { return .due }
    }
  }

  /// Gives the terminal back as it was.
  package func close() {
    put("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    if var settings { unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
  }

  /// Ends the program by a signal, as the shell expects it, after `close`.
  package func end(by signal: Int32) {
    close()
    Self.take(signal)
  }

  /// Alternate screen, no cursor, no line that goes on in the next; keys are not shown, and come without a newline.
  private func enter() {
    if isatty(STDIN_FILENO) != 0 {
      var now = termios()
      if unsafe tcgetattr(STDIN_FILENO, &now) == 0 {
        settings = now
        now.c_lflag &= ~tcflag_t(ECHO | ICANON)
        unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &now)
      }
    }
    put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
  }

  private func suspend() {
    close()
    Self.take(SIGTSTP)
    // Here the program goes on after SIGCONT.
    enter()
  }

  /// Lets a signal do what it does to any program.
  private static func take(_ number: Int32) {
    _ = signal(number, SIG_DFL)
    var mask = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&mask)
    unsafe sigaddset(&mask, number)
    raise(number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &mask, &before)
    unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  private func takeSignal() -> Int32? {
    var record = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    guard unsafe read(signals.number, &record, size) == size else { return nil }
    return Int32(record.ssi_signo)
  }

  private func takeKey() -> Wake {
    var key: UInt8 = 0
    guard unsafe read(STDIN_FILENO, &key, 1) == 1 else { return .quit }
    return key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") ? .quit : .due
  }

  private func put(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 { sent += count } else if errno != EINTR { return }
    }
  }
}
