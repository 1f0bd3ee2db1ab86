package import Timekeeping

/// Whether a log is due as logrotate sees it: by what the clocks showed at its last rotation and what they show now.
package struct LogrotateDue {
  /// The answer, in logrotate's words where the log is left alone: they follow "log does not need rotating".
  package enum Answer: Hashable, Sendable {
    case due
    case notDue(String)
    /// Its last rotation is more than a day ahead, so that the clock was wrong then or is now: it is rotated, and that is an error.
    case fromTheFuture(isDue: Bool)
  }

  /// What is known of a log.
  package struct Log {
    /// Bytes.
    package var size: Int64
    /// Its last modification.
    package var modified: WallTime
    /// By the state file, or the present hour for a log that is not in it.
    package var last: LocalTime

    package init(size: Int64, modified: WallTime, last: LocalTime) {
      (self.size, self.modified, self.last) = (size, modified, last)
    }
  }

  /// The moment of the run.
  package let now: WallTime
  /// The zone of the clocks.
  package let zone: Zone
  /// Whether every log is due.
  package let isForced: Bool
  /// What the clocks show now.
  package let local: LocalTime

  package init(now: WallTime, zone: Zone, isForced: Bool) {
    (self.now, self.zone, self.isForced) = (now, zone, isForced)
    local = zone.localTime(at: now)
  }

  /// The present hour: what a log gets that is seen for the first time.
  package var hour: LocalTime {
    LocalTime(year: local.year, month: local.month, day: local.day, hour: local.hour)
  }

  /// In the order of logrotate's own tests.
  package func answer(_ log: Log, _ terms: LogrotateTerms) -> Answer {
    let answer = isForced ? .due : unforced(log, terms)
    guard log.size == 0, !terms.rotatesEmpty else { return answer }
    switch answer {
    case .due: return .notDue("log is empty")
    case .fromTheFuture: return .fromTheFuture(isDue: false)
    case .notDue: return answer
    }
  }

  private func unforced(_ log: Log, _ terms: LogrotateTerms) -> Answer {
    if let most = terms.maxSize, most > 0, log.size > most { return .due }
    if case .size(let least) = terms.criterion {
      return log.size >= least ? .due : .notDue("log size is below the 'size' threshold")
    }
    // 25 hours, so that neither a change of the clocks nor a journey counts.
    let moment = zone.moments(of: log.last).first
    if moment - now > .seconds(25 * 3600) { return .fromTheFuture(isDue: true) }
    // As mktime(3) does, a time that the clocks have never shown counts as the one that they have shown instead.
    let last = zone.localTime(at: moment)
    guard isAnother(last, terms.criterion) else { return .notDue("log has been already rotated") }
    if case .notDue(let reason) = due(last, terms.criterion) { return .notDue(reason) }
    if let least = terms.minSize, log.size < least {
      return .notDue("'minsize' directive is used and the log size is smaller than the minsize value")
    }
    if let days = terms.minAge, days > 0, days * 86_400 >= (now.seconds - log.modified.seconds) {
      return .notDue("'minage' directive is used and the age of the log file is smaller than the minage days")
    }
    return .due
  }

  /// Whether the clocks have shown another hour since; for minutes, another minute.
  private func isAnother(_ last: LocalTime, _ criterion: LogrotateTerms.Criterion) -> Bool {
    if last.date != local.date || last.hour != local.hour { return true }
    if case .minutes = criterion { return last.minute != local.minute }
    return false
  }

  private func due(_ last: LocalTime, _ criterion: LogrotateTerms.Criterion) -> Answer {
    let days = local.date.daysSinceEpoch - last.date.daysSinceEpoch
    let isDue: Bool
    switch criterion {
    case .hourly: isDue = true
    case .daily: isDue = days != 0
    case .yearly: isDue = last.year != local.year
    case .weekly(let day):
      // Weekday counts as ISO 8601 does, where Sunday is 7.
      isDue = days >= 7 || days >= 1 && day != 7 && local.weekday.rawValue % 7 == day
    case .monthly(nil): isDue = last.month != local.month || last.year != local.year
    case .monthly(let day?):
      let isLast = local.day == CivilDate.days(inMonth: local.month, of: local.year)
      isDue = days >= 31 || days >= 1 && (local.day == day || isLast && day > local.day)
    case .minutes(let minutes):
      isDue = (local.secondsAsUTC - last.secondsAsUTC) / 60 > minutes
    case .size: isDue = true
    }
    return isDue ? .due : .notDue("log has been rotated at \(Self.text(last)), which is less than the period ago")
  }

  /// `2026-11-27 7:05`, as logrotate shows times.
  package static func text(_ time: LocalTime) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(time.year)-\(two(time.month))-\(two(time.day)) \(two(time.hour)):\(two(time.minute))"
  }
}
