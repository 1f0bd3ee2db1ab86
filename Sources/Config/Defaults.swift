import Rotation

/// The keys of a job.
enum JobKey: String, CaseIterable {
  case logs, exclude, every, calendar, hourly, daily, weekly, monthly, yearly
  case catchUp = "catch-up"
  case jitter, size, check, keep
  case ifEmpty = "if-empty"
  case create

  static let names = allCases.map(\.rawValue)

  /// Those that say when a job is due by time; a job has one of them at most.
  static let schedules: [JobKey] = [.every, .calendar, .hourly, .daily, .weekly, .monthly, .yearly]

  /// A small number of its own.
  var position: Int {
    switch self {
    case .logs: 0
    case .exclude: 1
    case .every: 2
    case .calendar: 3
    case .hourly: 4
    case .daily: 5
    case .weekly: 6
    case .monthly: 7
    case .yearly: 8
    case .catchUp: 9
    case .jitter: 10
    case .size: 11
    case .check: 12
    case .keep: 13
    case .ifEmpty: 14
    case .create: 15
    }
  }

  /// What a job does without the key.
  var absence: Absence {
    switch self {
    case .logs: .required
    case .exclude: .value("[]")
    case .every, .calendar, .jitter, .size: .none
    case .hourly, .daily, .weekly, .monthly, .yearly, .ifEmpty: .value("false")
    case .catchUp: .value("true")
    case .check: .value("\"60s\"")
    case .keep: .value("7")
    case .create: .value("true")
    }
  }
}

/// The keys of `create`.
enum CreateKey: String, CaseIterable {
  case mode, user, group

  static let names = allCases.map(\.rawValue)
}

/// What it means that a key is absent.
package enum Absence: Hashable, Sendable {
  /// It cannot be.
  case required
  /// What the key is about does not happen, or is taken from the old log.
  case none
  /// The key has this value, as it would be written in a config.
  case value(String)
}

/// What a job is where neither itself nor `[defaults]` says otherwise: one place for every default that a user may change.
package enum Defaults {
  static let catchesUp = true
  static let keep = 7
  static let check = Span.seconds(60)
  static let rotatesEmpty = false
  static let creation = Creation.likeOldLog

  /// Every key of a config with what its absence means; the reference config is held against this table.
  package static let keys: [(name: String, absence: Absence)] =
    JobKey.allCases.map { ($0.rawValue, $0.absence) } + CreateKey.allCases.map { ("create.\($0.rawValue)", .none) }
}
