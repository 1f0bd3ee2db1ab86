internal import ArgumentParser
internal import Control
internal import Daemon
internal import Linux
internal import Rotation
internal import Timekeeping

/// `rotatectl history`: what was rotated and removed, and why.
struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what was rotated and removed, when and why.",
    discussion: """
      Reads the entries of rotated in the journal, with journalctl, the oldest first. Needs no daemon. A daemon whose messages do \
      not go to a journal, as in a container, and `rotatectl rotate` where no daemon runs, keep the files history and history.1 in \
      the state directory, of at most 1 MiB each; what they have is shown as well.

      Exit codes: 0 done, also when there was nothing. 1 there is no history to read. 64 wrong arguments.
      """)

  @Option(
    help: ArgumentHelp(
      "From this time on: 2h (ago), today, yesterday, a date and time, or RFC 3339. (default: all of the history)",
      valueName: "time"), transform: PointInTime.past)
  var since: WallTime?

  @Flag(help: "Show only what has removed archives.")
  var removed = false

  @Option(
    name: .shortAndLong, help: "The state directory. (default: that of the user's daemon)", completion: .directory)
  var state: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var selection: Selection

  func run() throws {
    let file = readFile()
    var kept = (file?.events ?? []).filter { event in since.map { event.at >= $0 } ?? true }[...]
    let filter = Filter(jobs: Set(selection.jobs), logs: Set(selection.logs), isAll: selection.names.isEmpty)
    let screen = output.screen
    var shown = 0
    func show(_ event: Wire.Event) {
      guard filter.wants(event), event.removesArchives || !removed else { return }
      shown += 1
      guard !output.json else { return Output.json(event) }
      var screen = screen
      screen.event(event)
      Output.lines(screen.lines)
    }
    var failure: JournalHistory.Unreadable?
    do throws(JournalHistory.Unreadable) {
      let unread = try JournalHistory.read(HistoryFile.kinds, since: since) { event in
        while let first = kept.first, first.at <= event.at { show(kept.removeFirst()) }
        show(event)
      }
      if unread > 0 { Output.error("\(unread) entr\(unread == 1 ? "y" : "ies") of the journal could not be read") }
    } catch {
      failure = error
    }
    kept.forEach(show)
    Output.flush()
    if let file, file.unread > 0 {
      Output.error("\(file.unread) line\(file.unread == 1 ? "" : "s") of \(file.path.printable) could not be read")
    }
    if let failure, file == nil || !failure.isMissing {
      let other = file == nil ? ", and no history in \(StateDirectory.path(state.map { FilePath($0) }).printable)" : ""
      Output.error("rotatectl: \(failure.message)\(failure.isMissing ? other : "")")
      throw ExitCode.failure
    }
    if shown == 0 { Output.error("The history has nothing of this.") }
  }

  /// What the daemon has kept itself. What cannot be read is said: the journal may have all.
  private func readFile() -> HistoryFile.Content? {
    let directory = state.map { FilePath($0) }
    do throws(Errno) { return try HistoryFile.read(directory) } catch {
      Output.error("cannot read the history in \(StateDirectory.path(directory).printable): \(error)")
      return nil
    }
  }

  /// What was asked for.
  private struct Filter {
    var jobs: Set<String>
    var logs: Set<FilePath>
    var isAll: Bool

    func wants(_ event: Wire.Event) -> Bool {
      isAll || event.job.map { jobs.contains($0) } ?? false || event.path.map { logs.contains($0) } ?? false
    }
  }
}
