import Rotation

/// The keys of a job.
enum JobKey: String, CaseIterable {
  case logs, exclude, every, calendar, hourly, daily, weekly, monthly, yearly
  case catchUp = "catch-up"
  case jitter, size, check
  case minInterval = "min-interval"
  case keep
  case ifEmpty = "if-empty"
  case create, method
  case truncateBy = "truncate-by"
  case naming = "names"
  case dateFormat = "date-format"
  case extension_ = "extension"
  case archiveDir = "archive-dir"
  case before, notify
  case reopenTimeout = "reopen-timeout"
  case onStuck = "on-stuck"
  case compress
  case compressLevel = "compress-level"
  case compressAfter = "compress-after"
  case compressFrom = "compress-from"
  case maxAge = "max-age"
  case maxTotal = "max-total"
  case keepMin = "keep-min"
  case actAsOwner = "act-as-owner"

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
    case .method: 16
    case .truncateBy: 17
    case .naming: 18
    case .dateFormat: 19
    case .extension_: 20
    case .archiveDir: 21
    case .before: 22
    case .notify: 23
    case .reopenTimeout: 24
    case .onStuck: 25
    case .compress: 26
    case .compressLevel: 27
    case .compressAfter: 28
    case .compressFrom: 29
    case .maxAge: 30
    case .maxTotal: 31
    case .keepMin: 32
    case .actAsOwner: 33
    case .minInterval: 34
    }
  }

  /// What a job does without the key.
  var absence: Absence {
    switch self {
    case .logs: .required
    case .exclude: .value("[]")
    case .every, .calendar, .jitter, .size, .minInterval, .dateFormat, .compressLevel, .maxAge, .maxTotal: .none
    case .hourly, .daily, .weekly, .monthly, .yearly, .ifEmpty, .extension_, .compress: .value("false")
    case .catchUp, .actAsOwner: .value("true")
    case .method: .value("\"move\"")
    case .truncateBy: .value("\"auto\"")
    case .naming: .value("\"numbered\"")
    case .archiveDir: .value("\".\"")
    case .before, .notify: .value("[]")
    case .reopenTimeout: .value("\"30s\"")
    case .onStuck: .value("\"wait\"")
    case .compressAfter: .value("\"0s\"")
    case .compressFrom, .keepMin: .value("1")
    case .check: .value("\"auto\"")
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
  static let check = SizeCheck.auto
  static let rotatesEmpty = false
  static let creation = Creation.likeOldLog

  /// Every key of a config with what its absence means; the reference config is held against this table.
  package static let keys: [(name: String, absence: Absence)] =
    JobKey.allCases.flatMap { key in
      let parts = key == .create ? CreateKey.allCases.map { ("create.\($0.rawValue)", Absence.none) } : []
      return [(key.rawValue, key.absence)] + parts
    }
    + DaemonKey.allCases.map { ("daemon.\($0.rawValue)", .none) }
}
