/// The content of a time zone file, TZif version 1 to 4 (RFC 8536, tzfile(5)).
///
/// The file holds a block with 32-bit times and, since version 2, a second one with 64-bit times followed by a line
/// with the rule for all later years. Only the last block is used. Nothing in the file is trusted: each count is
/// checked against the length of the file, and each index against its table.
struct ZoneFile {
  /// Seconds since the epoch, ascending.
  var moments: [Int64] = []
  /// Index in `types` of the period that begins at the time with the same index.
  var typeOfMoment: [UInt8] = []
  /// At least one; the first is in effect before the first moment.
  var types: [ZoneType] = []
  /// The rule for the years after the last change.
  var rule: ZoneRule?

  /// - Throws: what is wrong with the bytes.
  init(_ bytes: [UInt8]) throws(ZoneError.Problem) {
    var reader = ZoneFileReader(bytes)
    var header = try Header(&reader)
    var timeSize = 4
    if header.version >= UInt8(ascii: "2") {
      _ = try reader.take(header.blockSize(timeSize: timeSize))
      header = try Header(&reader)
      timeSize = 8
    }
    // This is checked first, so that a wrong count cannot allocate more memory than the size of the file.
    guard header.blockSize(timeSize: timeSize) <= reader.remaining else { throw .cutShort }
    try readBlock(header, timeSize: timeSize, from: &reader)
    if timeSize == 8 {
      rule = try Self.footer(of: &reader)
    }
  }

  private struct Header {
    var version: UInt8
    var utcIndicators: Int
    var standardIndicators: Int
    var leapSeconds: Int
    var moments: Int
    var types: Int
    var characters: Int

    init(_ reader: inout ZoneFileReader) throws(ZoneError.Problem) {
      guard let magic = try? reader.take(4), magic.elementsEqual("TZif".utf8) else { throw .notZoneFile }
      version = try reader.byte()
      _ = try reader.take(15)
      utcIndicators = Int(try reader.unsigned32())
      standardIndicators = Int(try reader.unsigned32())
      leapSeconds = Int(try reader.unsigned32())
      moments = Int(try reader.unsigned32())
      types = Int(try reader.unsigned32())
      characters = Int(try reader.unsigned32())
    }

    func blockSize(timeSize: Int) -> Int {
      moments * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4) + standardIndicators
        + utcIndicators
    }
  }

  private mutating func readBlock(
    _ header: Header, timeSize: Int, from reader: inout ZoneFileReader
  ) throws(ZoneError.Problem) {
    guard header.leapSeconds == 0 else { throw .leapSeconds }
    guard (1...256).contains(header.types) else { throw .inconsistent("number of local time types") }

    moments.reserveCapacity(header.moments)
    for _ in 0..<header.moments {
      let moment = timeSize == 8 ? try reader.signed64() : Int64(try reader.signed32())
      guard Self.momentRange.contains(moment), moments.last.map({ $0 < moment }) ?? true else {
        throw .inconsistent("times of the changes")
      }
      moments.append(moment)
    }
    typeOfMoment = Array(try reader.take(header.moments))
    guard typeOfMoment.allSatisfy({ $0 < header.types }) else { throw .inconsistent("type of a change") }

    let records = try reader.take(header.types * 6)
    let characters = try reader.take(header.characters)
    _ = try reader.take(header.standardIndicators + header.utcIndicators)
    var record = ZoneFileReader(Array(records))
    for _ in 0..<header.types {
      types.append(try Self.type(from: &record, names: characters))
    }
  }

  private static func type(
    from reader: inout ZoneFileReader, names: ArraySlice<UInt8>
  ) throws(ZoneError.Problem) -> ZoneType {
    let offset = Int(try reader.signed32())
    let daylight = try reader.byte()
    let start = names.startIndex + Int(try reader.byte())
    guard ZoneType.offsets.contains(offset) else { throw .inconsistent("offset from UTC") }
    guard daylight <= 1 else { throw .inconsistent("daylight saving flag") }
    guard start < names.endIndex, let end = names[start...].firstIndex(of: 0) else {
      throw .inconsistent("abbreviation")
    }
    return ZoneType(
      offset: offset, isDaylight: daylight == 1, abbreviation: String(decoding: names[start..<end], as: UTF8.self))
  }

  private static func footer(of reader: inout ZoneFileReader) throws(ZoneError.Problem) -> ZoneRule? {
    let newline = UInt8(ascii: "\n")
    guard try reader.byte() == newline else { throw .inconsistent("last line") }
    let rest = try reader.take(reader.remaining)
    guard let end = rest.firstIndex(of: newline) else { throw .cutShort }
    let line = rest[..<end]
    guard !line.isEmpty else { return nil }
    var parser = ZoneRuleParser(line)
    return try parser.parse()
  }

  /// No zone changed before the universe began (RFC 8536 3.2); with this bound no sum overflows.
  private static let momentRange: ClosedRange<Int64> = -(1 << 59)...(1 << 59)
}

/// Reads big-endian values from the front of bytes, and throws at their end.
struct ZoneFileReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var remaining: Int { bytes.count - position }

  mutating func take(_ count: Int) throws(ZoneError.Problem) -> ArraySlice<UInt8> {
    guard count <= remaining else { throw .cutShort }
    defer { position += count }
    return bytes[position..<(position + count)]
  }

  mutating func byte() throws(ZoneError.Problem) -> UInt8 {
    guard remaining > 0 else { throw .cutShort }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func unsigned32() throws(ZoneError.Problem) -> UInt32 {
    try take(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func signed32() throws(ZoneError.Problem) -> Int32 { Int32(bitPattern: try unsigned32()) }

  mutating func signed64() throws(ZoneError.Problem) -> Int64 {
    Int64(bitPattern: try take(8).reduce(0) { $0 << 8 | UInt64($1) })
  }
}
