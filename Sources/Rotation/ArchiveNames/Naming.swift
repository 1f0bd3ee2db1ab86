/// How the archives of a log are named.
package struct Naming: Hashable, Sendable {
  /// What distinguishes one archive from the next.
  package enum Style: Hashable, Sendable {
    /// `app.log.1` is the newest; each rotation renames them all.
    case numbered
    /// `app.log-20261122`, with the due time of the rotation; archives keep their names.
    case dated(DateFormat)
  }

  /// The part that stays at the end of an archive's name.
  package enum Ending: Hashable, Sendable {
    /// Nothing: `app.log.1`.
    case none
    /// The log's own extension, from its last dot: `app.1.log`.
    case extension_
    /// This text, if the log's name ends with it.
    case suffix(ExactText)
  }

  /// Numbers or dates.
  package var style: Style
  /// The part of the log's name that follows.
  package var ending: Ending
  /// The number in the name of the newest archive, where archives are numbered: 0 or more.
  package var first: Int

  package init(style: Style = .numbered, ending: Ending = .none, first: Int = 1) {
    self.style = style
    self.ending = ending
    self.first = first
  }
}
