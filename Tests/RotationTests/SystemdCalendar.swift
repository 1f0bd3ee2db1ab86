import Glibc
import Rotation
import Timekeeping

/// What `systemd-analyze calendar` says about expressions (systemd-analyze(1)).
enum SystemdCalendar {
  static let isInstalled = unsafe access("/usr/bin/systemd-analyze", X_OK) == 0

  enum Answer: Hashable {
    /// It is no calendar expression.
    case refused
    /// systemd does not find one of the moments of the expression: "Infinite loop in calendar calculation". This
    /// happens around gaps of the clocks, and, in zones that change them, if a step leads over the end of the year.
    case gaveUp
    /// The normal form, and the next moments in seconds since the epoch: fewer than requested if none follow.
    case elapses(normalForm: String, [Int64])
  }

  /// One answer for each expression.
  static func answers(for expressions: [String], zone: String, base: WallTime, iterations: Int) -> [Answer] {
    let arguments = expressions.map { "'\($0)'" }.joined(separator: " ")
    let command =
      "TZ=\(zone) systemd-analyze calendar --iterations=\(iterations) --base-time=@\(base.seconds) -- \(arguments)"
    // Standard error is printed at the end: it says which answer is missing, and why.
    let text = ZoneSamples.text(of: "{ E=$(\(command) 2>&1 >&3); } 3>&1; printf '\\n\\n%s' \"$E\"")
    // An empty line separates the answers; an expression without an answer leaves nothing between two.
    let blocks = text.split(separator: "\n", omittingEmptySubsequences: false)
      .split(separator: "", omittingEmptySubsequences: false)
    let problems = blocks.last.map { Set($0) } ?? []
    return zip(expressions, blocks).map { expression, block in
      if let answer = answer(block) { return answer }
      let isRefused = problems.contains { $0.contains("Failed to parse") && $0.contains("'\(expression)'") }
      return isRefused ? .refused : .gaveUp
    }
  }

  private static func answer(_ lines: ArraySlice<Substring>) -> Answer? {
    var normalForm: String?
    var elapses: [Int64] = []
    for line in lines {
      guard let colon = line.firstRange(of: ": ") else { continue }
      let label = line[..<colon.lowerBound].drop { $0 == " " }
      let value = line[colon.upperBound...]
      if label == "Normalized form" {
        normalForm = String(value)
      } else if label == "(in UTC)"
        || value.hasSuffix(" UTC") && (label == "Next elapse" || label.hasPrefix("Iter. #"))
      {
        // `Sun 2026-03-29 01:00:00 UTC`
        elapses.append(utc(String(value.dropFirst(4))).seconds)
      }
    }
    return normalForm.map { .elapses(normalForm: $0, elapses) }
  }
}

extension SystemdCalendar {
  /// Whether systemd 252 refuses an expression for no reason in its manual, given the normal form: in a list of days
  /// before the end of the month, it requires each one to be three days nearer to it than the one before.
  static func refusesWrongly(_ normalForm: String) -> Bool {
    guard let tilde = normalForm.firstIndex(of: "~") else { return false }
    let list = normalForm[tilde...].dropFirst().prefix { $0 != " " }.split(separator: ",")
    return list.enumerated().contains { index, element in
      element.split(separator: "/")[0].split { $0 == "." }.contains { Int($0).map { $0 > 28 - 3 * index } ?? false }
    }
  }

  /// Why systemd 252 may return another moment than the next, for no reason in its manual.
  enum Fault: Hashable, CaseIterable {
    /// It does not always leave a gap of the clocks, and then leaves out the rest of the day.
    case gap
    /// A step without an end that leads out of its unit leaves something in the units below, as for `*-01/25` after the
    /// 26th of December: the 51st is the 20th of January, and the 1st is left out.
    case openStep
    /// If it counts days from the end of a month in which clocks change, it may be an hour off: it returns a day that
    /// does not match, or takes one of two doubled hours for the other.
    case monthEnd
  }

  /// The fault that explains why systemd returns `elapse` after `time` (nil: never) and not `next`.
  static func fault(
    of expression: CalendarExpression, after time: WallTime, next: WallTime?, elapse: Int64?, in zone: Zone
  ) -> Fault? {
    if let elapse, elapse <= next.map({ $0.seconds + 3600 }) ?? .max, expression.description.contains("~"),
      hasChange(near: elapse, in: zone)
    {
      return .monthEnd
    }
    guard let next, next.seconds < elapse ?? .max else { return nil }
    if hasGap(near: next, in: zone) { return .gap }
    let elements = expression.description.split { " ,-~:".contains($0) }
    return elements.contains { $0.contains("/") && !$0.contains("..") && !$0.contains(/[A-Z]/) } ? .openStep : nil
  }

  /// Whether clocks go forward on the day of a moment or the day before.
  private static func hasGap(near time: WallTime, in zone: Zone) -> Bool {
    let midnight = LocalTime(secondsAsUTC: zone.localTime(at: time).secondsAsUTC / 86_400 * 86_400).secondsAsUTC
    return stride(from: midnight - 86_400, to: midnight + 86_400, by: 900).contains { seconds in
      if case .none = zone.moments(of: LocalTime(secondsAsUTC: seconds)) { true } else { false }
    }
  }

  /// Whether clocks change in the month before or after a moment, given in seconds since the epoch.
  private static func hasChange(near seconds: Int64, in zone: Zone) -> Bool {
    let month: Int64 = 31 * 86_400
    return zone.offset(at: WallTime(seconds: seconds - month)) != zone.offset(at: WallTime(seconds: seconds + month))
  }
}
