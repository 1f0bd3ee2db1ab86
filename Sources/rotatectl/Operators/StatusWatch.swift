internal import ArgumentParser
internal import Control
internal import EventLoop
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl status --watch`: the same screen, drawn anew at every span.
struct StatusWatch {
  /// How often, where nobody says.
  static let defaultSpan = "2s"

  let status: Status
  let span: Span

  /// Shows it until q is pressed or a signal ends the program.
  func run() throws {
    guard LiveScreen.hasTerminal else { throw ValidationError("--watch needs a terminal as standard output") }
    let live = try LiveScreen()
    var client: ControlClient?
    var overview: Result<Wire.Overview, ControlFailure>?
    var next = SystemClock.monotonic
    while true {
      if SystemClock.monotonic >= next || overview == nil {
        let fetched = fetch(&client, live)
        if case .failure(.interrupted) = fetched {
        } else {
          overview = fetched
          next = SystemClock.monotonic.advanced(by: span)
        }
      }
      if let overview { draw(overview, on: live) }
      switch live.wait(until: next) {
      case .due: next = SystemClock.monotonic
      case .redraw: break
      case .quit: return live.close()
      case .signal(let signal): live.end(by: signal)
      }
    }
  }

  /// Asks over the connection that there is, or a new one: the daemon may have been started again.
  private func fetch(_ client: inout ControlClient?, _ live: LiveScreen) -> Result<Wire.Overview, ControlFailure> {
    for isNew in [client == nil, true] {
      do {
        let connected = try client ?? status.daemon.connect(interrupt: live.interrupt)
        client = connected
        return .success(try status.fetch(from: connected))
      } catch let failure as ControlFailure {
        client = nil
        guard failure == .ended, !isNew else { return .failure(failure) }
      } catch {
        preconditionFailure("only the connection fails: \(error)")
      }
    }
    return .failure(.ended)
  }

  private func draw(_ overview: Result<Wire.Overview, ControlFailure>, on live: LiveScreen) {
    var screen = status.output.screen
    switch overview {
    case .success(let overview): status.draw(overview, on: &screen)
    case .failure(let failure): screen.note(status.daemon.explanation(of: failure).text)
    }
    live.draw(screen.lines, footer: screen.footer("every \(TimeSpan.show(span)); q quits, any other key asks at once"))
  }
}
