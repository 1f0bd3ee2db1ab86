package import Rotation

/// The jobs of files in logrotate's language as fragments of a TOML config: what `rotatectl import` writes.
///
/// A fragment is written from the jobs that rotated makes of the files, not from their text. So it means the same, with two
/// exceptions: a script that only notifies a daemon is a `notify` of that daemon, and what has no equal in the key table is a
/// job that is commented out, with the reason.
package struct LogrotateImport {
  /// What becomes of one file.
  package struct Fragment {
    /// The file, as messages name it.
    package var source: FilePath
    /// The TOML text.
    package var text: String
    /// The jobs that the text means, in its order.
    package var jobs: [Job] = []
    /// How many stanzas are only there as comments.
    package var disabled = 0
  }

  /// One for each file that has a stanza, in the order in which the files were read.
  package private(set) var fragments: [Fragment] = []
  /// What is wrong with the files, or different.
  package private(set) var diagnostics: [Diagnostic] = []

  /// Reads a file or directory with all that it includes, or several in this order.
  package init(_ paths: [FilePath], system: SystemFacts, files: LogrotateFiles) {
    let findings = Findings(paths.map { ConfigSource(name: $0.printable, bytes: []) })
    var jobs = JobList()
    var read: [(stanza: LogrotateStanza, job: Job?)] = []
    let entries = paths.enumerated().map { index, path in
      LogrotateInclude.Entry(path: path, place: Position(file: Int32(index), line: 1, column: 1))
    }
    LogrotateCompiler(
      findings: findings, files: files, accounts: AccountCache(system.accounts),
      calendars: CalendarCache(zones: system.zones), policies: PolicyCache(), programs: system.programs
    ).read(entries, into: &jobs) { read.append(($0, $1)) }
    diagnostics = findings.sorted
    for (stanza, job) in read { add(stanza, job, findings) }
    for (file, index) in positions { end(index, file, findings) }
  }

  private var positions: [Int32: Int] = [:]
  private var comments: [Int32: StanzaComments] = [:]

  private mutating func add(_ stanza: LogrotateStanza, _ job: Job?, _ findings: Findings) {
    let file = stanza.place.file
    let index = positions[file] ?? fragments.count
    if index == fragments.count {
      positions[file] = index
      comments[file] = StanzaComments(findings.source(of: stanza.place))
      let name = findings.file(of: stanza.place)
      let head =
        "# Written by `rotatectl import` from \(name).\n# A key that a job does not have is that of `[defaults]`.\n"
      fragments.append(Fragment(source: FilePath(name), text: head))
    }
    let first = Int(stanza.place.line)
    let (own, end) = comments[file]?.next(stanzaFrom: first) ?? ([], first)
    let remarks = diagnostics.filter {
      $0.file == findings.file(of: stanza.place) && (first...max(first, end)).contains($0.line)
    }
    .map { "line \($0.line): \($0.message)" }
    var text = "\n" + own.map(Self.comment).joined()
    let table = job.map { ImportedJob($0, of: stanza) }
    let flaws = (table?.flaws ?? []) + Self.lost(stanza)
    text += (remarks + (flaws.isEmpty ? [] : flaws)).map { Self.comment(Array("# logrotate: \($0)".utf8)) }.joined()
    if let table, flaws.isEmpty {
      text += Self.text(of: table)
      fragments[index].jobs.append(table.job)
    } else {
      fragments[index].disabled += 1
      text += "# This job is not used, because it cannot mean the same here.\n"
      text +=
        table.map { Self.text(of: $0) }.map(Self.commentedOut)
        ?? "# \(String(decoding: stanza.text.prefix(200), as: UTF8.self).printable)\n"
    }
    fragments[index].text += text
  }

  private mutating func end(_ index: Int, _ file: Int32, _ findings: Findings) {
    let rest = comments[file]?.rest() ?? []
    if !rest.isEmpty { fragments[index].text += "\n" + rest.map(Self.comment).joined() }
  }

  /// What logrotate would do with the logs of a stanza, and no key says.
  private static func lost(_ stanza: LogrotateStanza) -> [String] {
    let settings = stanza.settings
    var lost: [String] = []
    if settings.places[.mail] != nil { lost.append("`mail` has no equal: archives are not mailed") }
    if settings.scripts[.preremove] != nil { lost.append("`preremove` has no equal") }
    if settings.has(.shred) { lost.append("`shred` has no equal: removed archives are not overwritten") }
    if settings.has(.allowhardlink) {
      lost.append("`allowhardlink` has no equal: a log with another name is not rotated")
    }
    return lost
  }

  private static func text(of table: ImportedJob) -> String {
    "[job.\(TOMLText.basic(table.job.name))]\n" + table.keys.map { "\($0.name) = \($0.value)\n" }.joined()
  }

  private static func commentedOut(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { $0.isEmpty ? "#\n" : "#\($0)\n" }
      .joined()
  }

  /// A line of a comment, in a form that TOML allows.
  private static func comment(_ bytes: [UInt8]) -> String { "\(FilePath(bytes: bytes).printable)\n" }
}
