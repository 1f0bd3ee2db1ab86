package import Rotation
package import Timekeeping

// The state file is a journal of records, one a line: a rotation costs one appended line, however many logs there are.
// Each line has a checksum, so that a torn or damaged line is recognised, skipped and reported, and costs no more than
// itself. The directory is the truth; these records are advice about time.
//
//     rotated state 1
//     60d0af8f J 1795392000000000000 file4                  the job has served its due time
//     9bfac25d I 1835021 1795392000000000000 /tmp/file4     a rotation begins: inode, due time or "-"
//     a1adc04c N 1835021 1795392000000000000 1795392000000000000 /tmp/file4  the same, with its archive's time
//     a02f61c4 X 1835021 1795392000000000000 1835020,1835019 /tmp/file4   as I, and the versions that move up by exchanges
//     d07e57e9 C /tmp/file4                                 the rotation did not happen
//     d6a78a9f W 1835021 /tmp/file4                         its writers are owed a notification, for this inode
//     58a12ce6 K 1835021 1835090 0 8191 4096 collapse 0 - /tmp/file4  its content is being removed: see Truncation
//     56030c91 F 1835021 4095 /tmp/file4                    this many bytes at its head are padding
//     2fd629b0 D 1795392000100000000 1795392000000000000 /tmp/file4  the rotation is done: when, for which due time
//     790ec755 T 1835021 /tmp/file4                         its writers were notified
//     80c3a4fa E 1835090 /tmp/file4                         an undo begins: this empty file gets an archive's name
//     1c69fc13 U 1835021 /tmp/file4                         the rotation was undone
//     abe4980b O 1835021 1795392000100000000 /tmp/file4     its writers may have this archive open, made then
//     fd2d5a80 R 1835021 /tmp/file4                         they have closed it
//     b242bc6f A 1835021 /tmp/file4                         an archive of it, with a name that could be that of a log
//     8dbc3086 V #,-,-,=.gz /tmp/file4                      its archives have such names from now on: see ArchiveNames
//     0f8cbdfe L 1795305602000000000 - 1795392000000000000 /tmp/file4  logrotate rotated it then: see `imported`
//     41cf8084 Z /tmp/file4                                 nothing is left to recover under the names before those

/// One line of the state file.
package enum StateRecord: Hashable, Sendable {
  /// The job has served every due time up to this one.
  case served(job: String, WallTime)
  /// A rotation of the log begins.
  case begun(log: FilePath, Intent)
  /// The log's rotation is done: at what time, and for which due time.
  case done(log: FilePath, at: WallTime, due: WallTime?)
  /// At the time `seen`, the log was taken over from logrotate, which has rotated it last at the time `rotated`, nil where that is
  /// not known. `served`: the due time that needs no rotation any more.
  case imported(log: FilePath, rotated: WallTime?, served: WallTime?, seen: WallTime)
  /// The content of the log is about to be an archive and then to be removed from the log; or only the end of the
  /// removal is left.
  case cutting(log: FilePath, Truncation)
  /// The log begins with padding.
  case filled(log: FilePath, Padding)
  /// The intent of the log is dropped: the rotation did not happen.
  case dropped(log: FilePath)
  /// The log's writers are to be notified that the file with this inode was rotated. Only for jobs with hooks.
  case owed(log: FilePath, inode: UInt64)
  /// They were notified.
  case notified(log: FilePath, inode: UInt64)
  /// A rotation is about to be undone: the new live log with this inode, which is empty, gets the archive's name until
  /// it is removed. With 0, no file has such a name any more.
  case undoing(log: FilePath, inode: UInt64)
  /// The rotation of the file with this inode was undone: the log has that file again. Its due time stays served.
  case undone(log: FilePath, inode: UInt64)
  /// The archive with this inode, made at this time, may still be open in the processes that wrote to the log. A
  /// rotation that is done implies that (`begun`, `done`); this record replaces both when the file is rewritten.
  case awaited(log: FilePath, inode: UInt64, since: WallTime)
  /// It is not open for writing any more, or it is gone.
  case released(log: FilePath, inode: UInt64)
  /// The file with this inode is an archive of the log. Only if its name could be that of a log.
  case made(log: FilePath, inode: UInt64)
  /// The archives of the log have such names from now on. Written before the first of them is made.
  case named(log: FilePath, ArchiveNames)
  /// Only the last names of the log's archives are in use; nothing has to be recovered under the names before.
  case settled(log: FilePath)

  /// The first line of every state file.
  static let header = "rotated state 1\n"

  /// Appends the record as a line.
  func write(to bytes: inout [UInt8]) {
    let payload: ExactText =
      switch self {
      case .served(let job, let due): "J \(due.nanoseconds) \(Self.escape(FilePath(job)))"
      case .begun(let log, let intent) where intent.time != nil:
        "N \(intent.inode) \(Self.text(intent.due)) \(Self.text(intent.time)) \(Self.escape(log))"
      case .begun(let log, let intent) where !intent.archives.isEmpty:
        "X \(intent.inode) \(Self.text(intent.due)) \(Self.text(intent.archives)) \(Self.escape(log))"
      case .begun(let log, let intent): "I \(intent.inode) \(Self.text(intent.due)) \(Self.escape(log))"
      case .done(let log, let time, let due): "D \(time.nanoseconds) \(Self.text(due)) \(Self.escape(log))"
      case .imported(let log, let rotated, let served, let seen):
        "L \(Self.text(rotated)) \(Self.text(served)) \(seen.nanoseconds) \(Self.escape(log))"
      case .cutting(let log, let cut):
        "K \(cut.live) \(cut.archive) \(cut.start) \(cut.end) \(cut.removed) \(cut.way.rawValue) \(cut.isPunched ? 1 : 0) \(Self.text(cut.due)) \(Self.escape(log))"
      case .filled(let log, let padding): "F \(padding.inode) \(padding.length) \(Self.escape(log))"
      case .dropped(let log): "C \(Self.escape(log))"
      case .owed(let log, let inode): "W \(inode) \(Self.escape(log))"
      case .notified(let log, let inode): "T \(inode) \(Self.escape(log))"
      case .undoing(let log, let inode): "E \(inode) \(Self.escape(log))"
      case .undone(let log, let inode): "U \(inode) \(Self.escape(log))"
      case .made(let log, let inode): "A \(inode) \(Self.escape(log))"
      case .awaited(let log, let inode, let since): "O \(inode) \(since.nanoseconds) \(Self.escape(log))"
      case .released(let log, let inode): "R \(inode) \(Self.escape(log))"
      case .named(let log, let names): "V \(names.word) \(Self.escape(log))"
      case .settled(let log): "Z \(Self.escape(log))"
      }
    Self.write(payload, to: &bytes)
  }

  /// A line with its checksum and its newline.
  package static func line(_ payload: ExactText) -> [UInt8] {
    var bytes: [UInt8] = []
    write(payload, to: &bytes)
    return bytes
  }

  private static func write(_ payload: ExactText, to bytes: inout [UInt8]) {
    let sum = Checksum.crc32(payload.bytes)
    for shift in stride(from: 28, through: 0, by: -4) { bytes.append(hexDigits[Int(sum >> UInt32(shift) & 15)]) }
    bytes.append(UInt8(ascii: " "))
    bytes += payload.bytes
    bytes.append(UInt8(ascii: "\n"))
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// What stands behind a checksum that is right; nil where the line is damaged.
  private static func payload(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.count > 10, let sum = UInt32(String(decoding: line.prefix(8), as: UTF8.self), radix: 16),
      line.dropFirst(8).first == UInt8(ascii: " ")
    else { return nil }
    let payload = line.dropFirst(9)
    return Checksum.crc32(payload) == sum ? payload : nil
  }

  /// Whether a line that cannot be read is sound, and of a kind that a later version has: it is left out.
  static func isOfLaterVersion(_ line: ArraySlice<UInt8>) -> Bool {
    guard let payload = payload(of: line), let kind = payload.first else { return false }
    return payload.dropFirst().first == UInt8(ascii: " ") && !kinds.contains(kind)
  }

  /// Every letter that `write` puts first.
  private static let kinds = Set("JINXDKFCWTEUAORVZL".utf8)

  /// Reads a line without its newline; nil when it is damaged.
  init?(line: ArraySlice<UInt8>) {
    guard let payload = Self.payload(of: line) else { return nil }
    var fields = payload.split(separator: UInt8(ascii: " "), maxSplits: 1)[...]
    guard let kind = fields.popFirst()?.first, let rest = fields.popFirst() else { return nil }
    let numbers = Self.numbers(of: kind)
    let parts = rest.split(separator: UInt8(ascii: " "), maxSplits: numbers, omittingEmptySubsequences: false)
    guard parts.count == numbers + 1, let name = parts.last.flatMap(Self.unescape) else { return nil }
    let first = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    let times = parts.dropFirst().dropLast().map { part in
      Int64(String(decoding: part, as: UTF8.self)).map(WallTime.init(nanoseconds:))
    }
    let due = times.first ?? nil
    switch kind {
    case UInt8(ascii: "J"):
      guard let time = Int64(first), let job = String(validating: name.bytes, as: UTF8.self) else { return nil }
      self = .served(job: job, WallTime(nanoseconds: time))
    case UInt8(ascii: "I"):
      guard let inode = UInt64(first) else { return nil }
      self = .begun(log: name, Intent(inode: inode, due: due))
    case UInt8(ascii: "X"):
      guard let inode = UInt64(first), let archives = Self.inodes(parts[2 + parts.startIndex]) else { return nil }
      self = .begun(log: name, Intent(inode: inode, due: due, archives: archives))
    case UInt8(ascii: "N"):
      guard let inode = UInt64(first), let time = times.last ?? nil else { return nil }
      self = .begun(log: name, Intent(inode: inode, due: due, time: time))
    case UInt8(ascii: "D"):
      guard let time = Int64(first) else { return nil }
      self = .done(log: name, at: WallTime(nanoseconds: time), due: due)
    case UInt8(ascii: "L"):
      guard let seen = times.last ?? nil else { return nil }
      let rotated = Int64(first).map(WallTime.init(nanoseconds:))
      self = .imported(log: name, rotated: rotated, served: due, seen: seen)
    case UInt8(ascii: "C"): self = .dropped(log: name)
    case UInt8(ascii: "V"):
      guard let names = ArchiveNames(word: parts[parts.startIndex]) else { return nil }
      self = .named(log: name, names)
    case UInt8(ascii: "Z"): self = .settled(log: name)
    case UInt8(ascii: "O"):
      guard let inode = UInt64(first), let due else { return nil }
      self = .awaited(log: name, inode: inode, since: due)
    case UInt8(ascii: "W"), UInt8(ascii: "T"), UInt8(ascii: "U"), UInt8(ascii: "A"), UInt8(ascii: "E"),
      UInt8(ascii: "R"):
      guard let inode = UInt64(first) else { return nil }
      self.init(kind, name, inode)
    case UInt8(ascii: "F"):
      guard let inode = UInt64(first), let length = Int64(String(decoding: parts[1 + parts.startIndex], as: UTF8.self)),
        (0...Limits.maxPadding).contains(length)
      else { return nil }
      self = .filled(log: name, Padding(inode: inode, length: length))
    case UInt8(ascii: "K"):
      guard let cut = Self.cut(parts.map { String(decoding: $0, as: UTF8.self) }) else { return nil }
      self = .cutting(log: name, cut)
    default: return nil
    }
  }

  /// What is about a file of a log and says no more.
  private init(_ kind: UInt8, _ log: FilePath, _ inode: UInt64) {
    self =
      switch kind {
      case UInt8(ascii: "R"): .released(log: log, inode: inode)
      case UInt8(ascii: "W"): .owed(log: log, inode: inode)
      case UInt8(ascii: "T"): .notified(log: log, inode: inode)
      case UInt8(ascii: "A"): .made(log: log, inode: inode)
      case UInt8(ascii: "E"): .undoing(log: log, inode: inode)
      default: .undone(log: log, inode: inode)
      }
  }

  /// The number of fields between the kind and the name.
  private static func numbers(of kind: UInt8) -> Int {
    switch kind {
    case UInt8(ascii: "C"), UInt8(ascii: "Z"): 0
    case UInt8(ascii: "I"), UInt8(ascii: "D"), UInt8(ascii: "F"), UInt8(ascii: "O"): 2
    case UInt8(ascii: "N"), UInt8(ascii: "X"), UInt8(ascii: "L"): 3
    case UInt8(ascii: "K"): 8
    default: 1
    }
  }

  /// The fields of a truncation; nil if they are impossible.
  private static func cut(_ fields: [String]) -> Truncation? {
    guard let live = UInt64(fields[0]), let archive = UInt64(fields[1]), let way = TruncationMethod(rawValue: fields[5])
    else {
      return nil
    }
    let offsets = fields[2...4].compactMap { Int64($0) }
    guard offsets.count == 3, offsets.allSatisfy({ $0 >= 0 }), offsets[0] <= offsets[1], offsets[2] <= offsets[1],
      offsets[1] - offsets[2] <= Limits.maxPadding
    else { return nil }
    return Truncation(
      live: live, archive: archive, start: offsets[0], end: offsets[1], removed: offsets[2], way: way,
      isPunched: fields[6] == "1", due: Int64(fields[7]).map(WallTime.init(nanoseconds:)))
  }

  private static func text(_ due: WallTime?) -> String { due.map { "\($0.nanoseconds)" } ?? "-" }

  private static func text(_ inodes: [UInt64]) -> String { inodes.map { "\($0)" }.joined(separator: ",") }

  private static func inodes(_ field: ArraySlice<UInt8>) -> [UInt64]? {
    let fields = field.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    let inodes = fields.prefix(Limits.maxExchanges).compactMap { UInt64(String(decoding: $0, as: UTF8.self)) }
    return inodes.count == fields.count ? inodes : nil
  }

  /// A name on one line: backslash and newline are escaped.
  private static func escape(_ name: FilePath) -> ExactText {
    guard name.bytes.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") }) else {
      return ExactText(name)
    }
    var escaped: [UInt8] = []
    for byte in name.bytes {
      switch byte {
      case UInt8(ascii: "\\"): escaped += "\\\\".utf8
      case UInt8(ascii: "\n"): escaped += "\\n".utf8
      default: escaped.append(byte)
      }
    }
    return ExactText(bytes: escaped)
  }

  private static func unescape(_ bytes: ArraySlice<UInt8>) -> FilePath? {
    guard bytes.contains(UInt8(ascii: "\\")) else { return FilePath(bytes) }
    var plain: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        plain.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "\\"): plain.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "n"): plain.append(UInt8(ascii: "\n"))
      default: return nil
      }
    }
    return FilePath(bytes: plain)
  }
}

/// CRC-32 as in IEEE 802.3 (reflected, polynomial 0xEDB88320), by a table of 16 entries.
enum Checksum {
  private static let table: [UInt32] = (0..<16).map { index in
    (0..<4).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
  }

  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      sum = (sum >> 4) ^ table[Int(sum & 15)]
      sum = (sum >> 4) ^ table[Int(sum & 15)]
    }
    return ~sum
  }
}
