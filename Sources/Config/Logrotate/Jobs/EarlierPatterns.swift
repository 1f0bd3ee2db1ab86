import Rotation

/// The patterns of the jobs so far. In logrotate's language the first stanza that names a log has it, whatever the others say;
/// for rotated's jobs, a plain path takes precedence over a pattern. So a later stanza excludes what an earlier pattern matches.
struct EarlierPatterns {
  /// A pattern, and where it stands.
  struct Entry {
    var pattern: LogPattern
    var place: Position
    /// Whether a later stanza with the same log is no mistake.
    var isQuiet: Bool
  }

  /// The patterns with a wildcard by what is fixed before it.
  private var byPrefix: [FilePath: [Entry]] = [:]
  private var lengths: Set<Int> = []
  /// All by their texts; of equal ones the first.
  private var byText: [FilePath: Entry] = [:]

  /// Records the patterns of a job.
  mutating func add(_ logs: JobDraft.Logs, isQuiet: Bool = false) {
    for (pattern, place) in zip(logs.patterns, logs.places) where byText[pattern.text] == nil {
      let entry = Entry(pattern: pattern, place: place, isQuiet: isQuiet)
      byText[pattern.text] = entry
      guard pattern.hasWildcard else { continue }
      let prefix = pattern.fixedPrefix
      byPrefix[prefix, default: []].append(entry)
      lengths.insert(prefix.bytes.count)
    }
  }

  /// The earlier pattern that has all logs of this one; nil where there is none.
  func owner(of pattern: LogPattern) -> Entry? {
    if let equal = byText[pattern.text] { return equal }
    return pattern.hasWildcard ? nil : around(pattern).first { $0.pattern.matches(path: pattern.text) }
  }

  /// The earlier patterns that may match a log of this one and have less fixed text before their wildcard, so that this one would
  /// take precedence.
  func around(_ pattern: LogPattern) -> [Entry] {
    let prefix = pattern.fixedPrefix.bytes
    return lengths.filter { $0 <= prefix.count }.sorted().flatMap { byPrefix[FilePath(prefix[..<$0])] ?? [] }
  }
}
