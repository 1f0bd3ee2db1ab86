/// What the archives of a log are called.
package struct Naming: Hashable, Sendable {
  /// What tells one archive from the next.
  package enum Style: Hashable, Sendable {
    /// `app.log.1` is the newest; each rotation renames them all.
    case numbered
    /// `app.log-20261122`, by the intended time of the rotation; archives keep their names.
    case dated(DateFormat)
  }

  /// What stays at the end of an archive's name.
  package enum Ending: Hashable, Sendable {
    /// Nothing: `app.log.1`.
    case none
    /// The log's own extension, from its last dot: `app.1.log`.
    case extension_
    /// This, where the log's name ends with it.
    case suffix(ExactText)
  }

  /// Numbers or dates.
  package var style: Style
  /// What of the log's name comes after them.
  package var ending: Ending

  package init(style: Style = .numbered, ending: Ending = .none) {
    self.style = style
    self.ending = ending
  }
}
