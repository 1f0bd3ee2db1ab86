internal import Config
internal import EventLoop
internal import Rotation

/// Finds the logs of a stanza, and which of them are due.
struct LogrotateLook {
  /// Logs that are looked at between two chances for everything else.
  private static let slice = 256

  private let run: LogrotateRun
  private let job: Job
  private let terms: LogrotateTerms
  private(set) var hasFailed = false

  init(_ stanza: LogrotateStanzaRun) {
    (run, job, terms) = (stanza.run, stanza.runtime.job, stanza.terms)
  }

  /// The logs that are due, by directory.
  mutating func dueLogs() async -> [LogGroup] {
    let found = await run.supervisor.registry.find(job, on: run.supervisor.platform.loop)
    for failure in found.failures where failure.errno != .noEntry {
      fail("stat of \(failure.path.printable) failed: \(failure.reason)")
    }
    for skipped in found.skipped {
      guard case .notRegular(.symbolicLink) = skipped.reason else { continue }
      consider(skipped.path)
      run.noteSeen(skipped.path)
      leave("log \(skipped.path.printable) is symbolic link")
    }
    noteUnmatched(found)
    var due: [LogGroup] = []
    var count = 0
    for group in found.groups {
      var names: [FileName] = []
      for name in group.names {
        if isDue(LogFinder.join(group.directory, name)) { names.append(name) }
        count += 1
        if count % Self.slice == 0 { await run.supervisor.platform.loop.yield() }
      }
      guard !names.isEmpty else { continue }
      due.append(LogGroup(directory: group.directory, names: names, listing: group.listing))
    }
    return due
  }

  /// A pattern that matches nothing stands for a log of its own name, which is missing.
  private mutating func noteUnmatched(_ found: FoundLogs) {
    for pattern in job.logs where pattern.hasWildcard {
      let isMatched =
        found.groups.contains { group in
          group.names.contains { pattern.matches(path: LogFinder.join(group.directory, $0)) }
        } || found.skipped.contains { pattern.matches(path: $0.path) }
      if !isMatched { noteMissing(pattern.text) }
    }
  }

  private mutating func noteMissing(_ path: FilePath) {
    consider(path)
    guard terms.mayBeMissing else { return fail("stat of \(path.printable) failed: No such file or directory") }
    run.detail("  log \(path.printable) does not exist -- skipping")
  }

  private mutating func isDue(_ path: FilePath) -> Bool {
    let found: FileStatus?
    do throws(Errno) { found = try run.supervisor.platform.fileSystem.look(at: path) } catch {
      fail("stat of \(path.printable) failed: \(error)")
      return false
    }
    guard let status = found else {
      noteMissing(path)
      return false
    }
    consider(path)
    run.noteSeen(path)
    let last = run.last(path)
    guard status.kind == .regular else { return leave("log \(path.printable) is \(status.kind)") }
    guard status.links == 1 || terms.takesHardLinks else {
      return leave("log \(path.printable) has multiple (\(status.links)) hard links")
    }
    run.detail("  Now: \(LogrotateDue.text(run.due.local))\n  Last rotated at \(LogrotateDue.text(last))")
    switch run.due.answer(LogrotateDue.Log(size: status.size, modified: status.modified, last: last), terms) {
    case .due: break
    // logrotate shows it as an error, and goes on as if it were none.
    case .fromTheFuture(let isDue):
      run.tell(.said("error: log \(path.printable) last rotated in the future -- rotation forced"))
      if !isDue { return leave("log does not need rotating (log is empty)") }
    case .notDue(let reason): return leave("log does not need rotating (\(reason))")
    }
    run.detail("  log needs rotating")
    return true
  }

  private func consider(_ path: FilePath) {
    _ = run.last(path)
    run.detail("considering log \(path.printable)")
  }

  @discardableResult
  private func leave(_ reason: String) -> Bool {
    run.detail("  \(reason)")
    return false
  }

  private mutating func fail(_ text: String) {
    hasFailed = true
    run.fail(text)
  }
}
