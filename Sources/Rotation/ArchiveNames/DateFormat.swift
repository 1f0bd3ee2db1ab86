package import Timekeeping

/// How the time is written in the name of an archive: the letters of strftime(3) that can be read back.
///
/// A date is a number of seconds: those of the local clock, as if it showed UTC, truncated to the resolution of the
/// format. So dates compare as their names do, and each name has one date and each date one name.
package struct DateFormat: Hashable, Sendable {
  /// The format with the text before it: `-%Y%m%d`.
  package let text: String
  let parts: [Part]

  /// A piece of a format.
  enum Part: Hashable, Sendable {
    case literal([UInt8])
    case field(DateField)
  }

  /// A format that is known to be valid.
  package init(text: String) {
    do throws(DateFormatError) {
      self = try Self.parse(text)
    } catch {
      preconditionFailure("\(text) is no date format: \(error.reason)")
    }
  }

  init(text: String, parts: [Part]) {
    self.text = text
    self.parts = parts
  }

  /// The fields of the format.
  var fields: [DateField] {
    parts.compactMap { if case .field(let field) = $0 { field } else { nil } }
  }

  /// The finest resolution of the fields.
  package var resolution: DateResolution { DateResolution.of(Set(fields)) ?? .year }

  /// The number of bytes of every date in this format.
  var width: Int {
    parts.reduce(0) { sum, part in
      switch part {
      case .literal(let bytes): sum + bytes.count
      case .field(let field): sum + field.width
      }
    }
  }
}

// MARK: - Writing and reading dates

extension DateFormat {
  /// The date of a moment.
  package func date(of time: WallTime, in zone: Zone) -> Int64 {
    if fields.contains(.epoch) {
      let epoch = min(max(0, time.seconds), DateField.epoch.bound - 1)
      guard showsMoreThanEpoch else { return epoch }
      let offset = zone.localTime(at: WallTime(seconds: epoch)).secondsAsUTC - epoch
      // An offset that is no quarter of an hour is of a time before 1972.
      return stamp(epoch, like: moment(epoch, offset: offset)) ?? epoch * Self.stampFactor
    }
    var local = zone.localTime(at: time)
    if fields.contains(.yearOfCentury) {
      // Two digits are the nearest year in their range: 1969 to 2068.
      let last = LocalTime(year: 2068, month: 12, day: 31, hour: 23, minute: 59, second: 59)
      local = max(LocalTime(year: 1969, month: 1, day: 1), min(local, last))
    }
    return DateReading(local, cutTo: resolution).seconds
  }

  /// A date as in a name.
  package func string(of date: Int64) -> String {
    var bytes: [UInt8] = []
    write(date, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends a date as in a name.
  func write(_ date: Int64, to bytes: inout [UInt8]) {
    guard showsMoreThanEpoch else { return write(epoch: date, local: date, to: &bytes) }
    let offset = Int(date % Self.stampFactor)
    let epoch = date / Self.stampFactor
    write(epoch: epoch, local: epoch + (offset < Self.offsets.count ? Self.offsets[offset] : 0), to: &bytes)
  }

  private func write(epoch: Int64, local: Int64, to bytes: inout [UInt8]) {
    let reading = DateReading(LocalTime(secondsAsUTC: local), cutTo: .second)
    for part in parts {
      switch part {
      case .literal(let text): bytes += text
      case .field(let field):
        let value = field == .epoch ? epoch : reading.value(of: field)
        let digits = String(value).utf8
        for _ in 0..<max(0, field.width - digits.count) { bytes.append(UInt8(ascii: "0")) }
        bytes += digits
      }
    }
  }

  /// The date at the end of some bytes; nil if they do not end with a date in exactly this form.
  func dateAtEnd(of bytes: ArraySlice<UInt8>) -> Int64? {
    let width = width
    guard bytes.count >= width else { return nil }
    let text = bytes.suffix(width)
    var values: [DateField: Int64] = [:]
    var rest = text
    for part in parts {
      switch part {
      case .literal(let literal):
        guard rest.starts(with: literal) else { return nil }
        rest = rest.dropFirst(literal.count)
      case .field(let field):
        var value: Int64 = 0
        for byte in rest.prefix(field.width) {
          guard byte.isASCIIDigit else { return nil }
          value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        rest = rest.dropFirst(field.width)
        values[field] = value
      }
    }
    if showsMoreThanEpoch, let epoch = values[.epoch] { return stamp(epoch, like: text) }
    guard let date = DateReading.seconds(of: values, resolution) else { return nil }
    var again: [UInt8] = []
    write(date, to: &again)
    return again[...] == text ? date : nil
  }
}

// MARK: - The epoch beside others

/// With `%s` and others, as in `-%Y%m%d-%s`, a date is the epoch and the place of an offset of the local clock in a list: the first
/// with which the other letters show what they do. So a name has one date, and dates are in the order of time.
extension DateFormat {
  /// Seconds to local time, in quarters of an hour: all that clocks have had since 1972.
  private static let offsets: [Int64] = {
    let later: [Int64] = (1...56).map { 900 * Int64($0) }
    return [0] + later.flatMap { [$0, -$0] }
  }()
  /// More than the offsets are.
  private static let stampFactor: Int64 = 128

  private var showsMoreThanEpoch: Bool { fields.contains(.epoch) && fields.contains { $0 != .epoch } }

  private func moment(_ epoch: Int64, offset: Int64) -> ArraySlice<UInt8> {
    var bytes: [UInt8] = []
    write(epoch: epoch, local: epoch + offset, to: &bytes)
    return bytes[...]
  }

  /// The date of an epoch that looks like this; nil where no offset gives it.
  private func stamp(_ epoch: Int64, like text: ArraySlice<UInt8>) -> Int64? {
    Self.offsets.firstIndex { moment(epoch, offset: $0) == text }.map { epoch * Self.stampFactor + Int64($0) }
  }
}

// MARK: - Standard formats

extension DateFormat {
  /// The format that is fine enough for a job: `-%Y%m%d`, with a time after it if the job may be due more than once a
  /// day. A job with a size limit may be due at any second.
  package static func standard(for schedule: Schedule?, sizeLimit: SizeLimit?) -> DateFormat {
    if sizeLimit != nil { return DateFormat(text: "-%Y%m%d-%H%M%S") }
    return switch DateResolution.needed(for: schedule) {
    case .second: DateFormat(text: "-%Y%m%d-%H%M%S")
    case .minute: DateFormat(text: "-%Y%m%d-%H%M")
    case .hour: DateFormat(text: "-%Y%m%d%H")
    case .day, .week, .month, .year: DateFormat(text: "-%Y%m%d")
    }
  }

  /// Whether two consecutive due times of a schedule can have the same date.
  package func isCoarser(than schedule: Schedule?) -> Bool {
    schedule != nil && resolution < DateResolution.needed(for: schedule)
  }
}

extension UInt8 {
  /// Whether this is one of `0` to `9`.
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
