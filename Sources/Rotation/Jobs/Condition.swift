package import Timekeeping

/// A condition that a log must meet at a due time; if not, it is left until the next. A rotation by size or by hand has
/// no condition.
package enum Condition: Hashable, Sendable {
  /// At least this many bytes.
  case minSize(Int64)
  /// At least this time since its last rotation or, if none is known, since its file was made.
  case minAge(Span)

  /// The measures of a log for its conditions.
  package struct Measures: Hashable, Sendable {
    /// Bytes that a rotation would archive.
    package var size: Int64
    /// When it was last rotated, or made; nil if neither is known, and then it is old enough.
    package var begun: WallTime?
    /// The due time.
    package var now: WallTime

    package init(size: Int64, begun: WallTime?, now: WallTime) {
      self.size = size
      self.begun = begun
      self.now = now
    }
  }

  /// Why a log is not rotated at this due time; nil if the condition is met.
  package func unmet(by log: Measures) -> Skip? {
    switch self {
    case .minSize(let least): return log.size < least ? .tooSmall(log.size, least: least) : nil
    case .minAge(let least):
      guard let begun = log.begun, begun <= log.now else { return nil }
      let age = log.now - begun
      return age < Self.leastAge(least) ? .tooYoung(age, least: least) : nil
    }
  }

  /// The age that is enough: a rotation comes shortly after its due time, and a day may have 23 hours. Without this
  /// margin, `daily` with a `min-age` of seven days would rotate each eighth day.
  private static func leastAge(_ age: Span) -> Span {
    Span(nanoseconds: age.nanoseconds - min(age.nanoseconds / 10, Span.seconds(3600).nanoseconds))
  }
}

extension Policy {
  /// The conditions that a log must meet at a due time.
  package var conditions: [Condition] {
    [rules.minSize.map { .minSize($0) }, rules.minAge.map { .minAge($0) }].compactMap(\.self)
  }
}
