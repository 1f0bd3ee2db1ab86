/// The files of another program that a job only removes: its `retain`. Such a job has no logs, and rotates nothing.
package struct Retained: Hashable, Sendable {
  /// The patterns of the files, in the order of the config. A file belongs to the first that matches it.
  package var patterns: [LogPattern]
  /// How many of the newest files of each group stay; nil for no limit of their number.
  package var keep: Int?
  /// Whether files are removed at all, or only reported.
  package var isConfirmed: Bool

  package init(patterns: [LogPattern], keep: Int? = nil, isConfirmed: Bool = false) {
    self.patterns = patterns
    self.keep = keep
    self.isConfirmed = isConfirmed
  }
}
