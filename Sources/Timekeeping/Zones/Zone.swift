/// A time zone: what the clocks of a place show at each moment, and at which moments they show something.
///
/// The zone is one table of periods, each with the moment it begins and what the clocks show from then on. A rule for
/// all later years is expanded up to the end of `WallTime` when the zone is read. So both directions are a search in
/// the table, and neither the TZ of the process nor the C library is used. A zone is a value: there can be any number
/// of them.
package struct Zone: Hashable, Sendable {
  /// As in `Europe/Berlin`, or the rule itself.
  package let name: String
  /// When each period but the first begins: seconds since the epoch, ascending.
  private var starts: [Int64] = []
  /// Index in `types` for each of `starts`.
  private var typeOfStart: [UInt16] = []
  /// The type before the first of `starts`.
  private var initialType = 0
  private var types: [ZoneType]

  /// Coordinated Universal Time.
  package static let utc = Zone(
    name: "UTC", rule: ZoneRule(standard: ZoneType(offset: 0, isDaylight: false, abbreviation: "UTC")))

  /// The zone that the content of a file under /usr/share/zoneinfo describes (tzfile(5), RFC 8536).
  ///
  /// - Throws: `ZoneError` if the bytes are no such file, or a damaged one.
  package init(name: String, tzif: [UInt8]) throws(ZoneError) {
    do {
      let file = try ZoneFile(tzif)
      self.init(name: name, file: file)
    } catch {
      throw ZoneError(name: name, problem: error)
    }
  }

  /// The zone that a rule in the form of the environment variable TZ describes, as in `CET-1CEST,M3.5.0,M10.5.0/3`
  /// (tzset(3), the first of its forms).
  ///
  /// - Throws: `ZoneError` if the text is no such rule.
  package init(posix: String) throws(ZoneError) {
    var parser = ZoneRuleParser(Array(posix.utf8)[...])
    do {
      self.init(name: posix, rule: try parser.parse())
    } catch {
      throw ZoneError(name: posix, problem: error)
    }
  }

  private init(name: String, rule: ZoneRule) {
    self.name = name
    self.types = [rule.standard]
    append(rule, standardType: 0)
  }

  private init(name: String, file: ZoneFile) {
    self.name = name
    self.types = file.types
    for (moment, type) in zip(file.moments, file.typeOfMoment) {
      append(UInt16(type), from: moment)
    }
    guard let rule = file.rule else { return }
    let standard = types.count
    types.append(rule.standard)
    if file.moments.isEmpty {
      initialType = standard
    }
    append(rule, standardType: UInt16(standard))
  }

  /// Expands the changes of a rule, from the last known change on.
  private mutating func append(_ rule: ZoneRule, standardType: UInt16) {
    guard let daylight = rule.daylight else { return }
    let daylightType = UInt16(types.count)
    types.append(daylight.type)
    let known = starts.last
    let knownYear = known.map { LocalTime(secondsAsUTC: $0).year }
    // A rule's change can be up to a week outside of its year.
    var year = max(Self.years.lowerBound, (knownYear ?? 0) - 1)
    while year <= Self.years.upperBound {
      for change in rule.changes(in: year) where known.map({ $0 < change.moment }) ?? true {
        append(change.toDaylight ? daylightType : standardType, from: change.moment)
      }
      year += 1
    }
  }

  private mutating func append(_ type: UInt16, from moment: Int64) {
    // Two changes at one moment are how a rule says "daylight saving time all year": only the later one shows.
    while let last = starts.last, last >= moment {
      starts.removeLast()
      typeOfStart.removeLast()
    }
    starts.append(moment)
    typeOfStart.append(type)
  }

  /// The years of `WallTime`, and one more on each side.
  private static let years = 1676...2263

  /// Hashes the name alone, which is different for zones except after a change of tzdata; the table has hundreds of
  /// rows.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
  }
}

extension Zone {
  /// How far the clocks are ahead of UTC: seconds east.
  package func offset(at time: WallTime) -> Int { type(ofPeriod: period(at: time.seconds)).offset }

  /// The abbreviation of the time that the clocks show, as in `CEST`.
  package func abbreviation(at time: WallTime) -> String { type(ofPeriod: period(at: time.seconds)).abbreviation }

  /// What the clocks show, without a fraction of a second.
  package func localTime(at time: WallTime) -> LocalTime {
    LocalTime(secondsAsUTC: time.seconds + Int64(offset(at: time)))
  }

  /// The moments at which the clocks show a local time.
  package func moments(of local: LocalTime) -> Moments { moments(ofReading: local.secondsAsUTC) }

  /// When the clocks show what a clock on UTC shows this many seconds after the epoch.
  func moments(ofReading wanted: Int64) -> Moments {
    // Only periods that touch this window can show the wanted reading, or leave it out.
    var index = period(at: wanted - Int64(ZoneType.offsets.upperBound))
    let end = wanted - Int64(ZoneType.offsets.lowerBound)
    var matches: [Int64] = []
    var gapEnd: Int64?
    while true {
      let moment = wanted - Int64(type(ofPeriod: index).offset)
      let isBeforeEnd = index >= starts.count || moment < starts[index]
      let isAfterStart = index == 0 || moment >= starts[index - 1]
      if isBeforeEnd && isAfterStart {
        matches.append(moment)
      } else if isBeforeEnd && gapEnd == nil && index > 0 {
        // The clocks jumped over the reading when this period began.
        gapEnd = starts[index - 1]
      }
      guard index < starts.count, starts[index] <= end else { break }
      index += 1
    }
    guard let first = matches.first, let last = matches.last else {
      // The offset of each period lies within the window, so the clocks were behind the reading and then ahead.
      return .none(gapEnd: WallTime(seconds: gapEnd ?? wanted))
    }
    return matches.count == 1
      ? .one(WallTime(seconds: first))
      : .two(WallTime(seconds: first), WallTime(seconds: last))
  }

  /// The moments at which the clocks of a zone show one reading.
  package enum Moments: Hashable, Sendable {
    /// The clocks were put forward over it, at the moment given.
    case none(gapEnd: WallTime)
    case one(WallTime)
    /// The clocks were put back: the first and the last of the moments.
    case two(WallTime, WallTime)

    /// The first moment, or the end of the gap that has taken its place.
    package var first: WallTime {
      switch self {
      case .none(let moment), .one(let moment), .two(let moment, _): moment
      }
    }
  }

  /// A time in which the clocks are not changed.
  struct Period {
    /// Seconds since the epoch; the least of all numbers if nothing came before.
    var start: Int64
    /// When the next period begins; the greatest of all numbers if none does.
    var end: Int64
    /// Seconds east of UTC.
    var offset: Int64
  }

  /// The period that holds a moment, given in seconds since the epoch.
  func period(holding seconds: Int64) -> Period {
    let index = period(at: seconds)
    return Period(
      start: index == 0 ? .min : starts[index - 1], end: index < starts.count ? starts[index] : .max,
      offset: Int64(type(ofPeriod: index).offset))
  }

  /// The period in effect: 0 before the first of `starts`, else one more than the index of its start.
  private func period(at seconds: Int64) -> Int {
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= seconds {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  private func type(ofPeriod index: Int) -> ZoneType {
    types[index == 0 ? initialType : Int(typeOfStart[index - 1])]
  }
}
