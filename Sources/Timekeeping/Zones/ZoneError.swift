/// Why a time zone could not be read.
package struct ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the zone that was requested.
  package var name: String
  /// What is wrong with it.
  package var problem: Problem

  /// The ways in which a zone file fails.
  package enum Problem: Error, Hashable, Sendable {
    /// The file does not begin with `TZif`.
    case notZoneFile
    /// The file ends before what its header announces.
    case cutShort
    /// A part of the file is inconsistent; the text names it.
    case inconsistent(String)
    /// The file counts leap seconds, as those under `right/` do; the wall clock of Linux does not.
    case leapSeconds
    /// The rule for the years after the last listed change is not a TZ rule; the offset is that of the first
    /// byte that does not fit.
    case badRule(at: Int)
  }

  package init(name: String, problem: Problem) {
    self.name = name
    self.problem = problem
  }

  package var description: String {
    switch problem {
    case .notZoneFile: "time zone \(name): not a time zone file"
    case .cutShort: "time zone \(name): the file is truncated"
    case .inconsistent(let part): "time zone \(name): the file is damaged: \(part)"
    case .leapSeconds: "time zone \(name): the file counts leap seconds, which the system clock does not"
    case .badRule(let offset): "time zone \(name): invalid time zone rule at byte \(offset + 1)"
    }
  }
}
