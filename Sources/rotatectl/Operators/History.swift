internal import ArgumentParser
internal import Control
internal import Daemon
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl history`: what was rotated and removed, and why.
struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what was rotated and removed, when and why, from the journal.",
    discussion: """
      Reads the entries of rotated in the journal, with journalctl, the oldest first. Needs no daemon. rotated keeps no other \
      history: without a journal, it reports the same on its standard error.

      Exit codes: 0 done, also when there was nothing. 1 the journal cannot be read. 64 wrong arguments.
      """)

  @Option(
    help: ArgumentHelp(
      "From this time on: 2h (ago), today, yesterday, a date and time, or RFC 3339. (default: all of the journal)",
      valueName: "time"), transform: PointInTime.past)
  var since: WallTime?

  @Flag(help: "Show only what has removed archives.")
  var removed = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func run() throws {
    let (jobs, logs) = (Set(selection.jobs), Set(selection.logs))
    let screen = output.screen
    var shown = 0
    let unread: Int
    do throws(JournalHistory.Unreadable) {
      unread = try JournalHistory.read([.rotated, .recovered, .removed, .madeRoom], since: since) { event, removes in
        let isWanted =
          selection.names.isEmpty || event.job.map { jobs.contains($0) } ?? false
          || event.path.map { logs.contains($0) } ?? false
        guard isWanted, removes || !removed else { return }
        shown += 1
        guard !output.json else { return Output.json(event) }
        var screen = screen
        screen.event(event)
        Output.lines(screen.lines)
      }
    } catch {
      Output.flush()
      Output.error("rotatectl: \(error.message)")
      throw ExitCode.failure
    }
    Output.flush()
    if unread > 0 { Output.error("\(unread) entr\(unread == 1 ? "y" : "ies") of the journal could not be read") }
    if shown == 0 { Output.error("The journal has nothing of this.") }
  }
}
