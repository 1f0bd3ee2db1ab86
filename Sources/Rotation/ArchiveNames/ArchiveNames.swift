/// The names under which a log's archives are found: their form, their directory, and the compressor's suffix. The
/// state records it, so that the archives are found after a change of the config; pure.
package struct ArchiveNames: Hashable, Sendable {
  /// Numbers or dates, and what follows them.
  package let naming: Naming
  /// The directory for archives, as in the config; nil for the log's own.
  package let directory: FilePath?
  /// The suffix of the job's own compressor; nil if there is none.
  package let suffix: String?

  package init(_ rules: Policy.Rules) {
    naming = rules.naming
    directory = rules.archiveDirectory?.path
    suffix = rules.compression?.suffix
  }

  /// A policy with these names and otherwise the rules of another. It is for finding archives, not for making new ones.
  package func replacing(namesOf policy: Policy) -> Policy {
    var former = policy
    former.rules.naming = naming
    former.rules.archiveDirectory = directory.map { ArchiveDirectory(path: $0) }
    former.rules.compression = suffix.map { Compression(command: [], suffix: $0) }
    return former
  }
}

// MARK: - As a word of the state

extension ArchiveNames {
  private static let comma = UInt8(ascii: ",")
  private static let percent = UInt8(ascii: "%")

  /// The value as one word without a space: `#,-,-,=.gz`, `@-%25Y%25m,*,=old,-`.
  package var word: ExactText {
    var parts: [[UInt8]] = []
    switch naming.style {
    case .numbered: parts.append(Array((naming.first == 1 ? "#" : "#\(naming.first)").utf8))
    case .dated(let format): parts.append(Array("@".utf8) + Self.escape(format.text.utf8))
    }
    switch naming.ending {
    case .none: parts.append(Array("-".utf8))
    case .extension_: parts.append(Array("*".utf8))
    case .suffix(let text): parts.append(Array("=".utf8) + Self.escape(text.bytes))
    }
    for text in [directory?.bytes, suffix.map { Array($0.utf8) }] {
      parts.append(text.map { Array("=".utf8) + Self.escape($0) } ?? Array("-".utf8))
    }
    return ExactText(bytes: Array(parts.joined(separator: [Self.comma])))
  }

  /// Reads such a word; nil if it is invalid.
  package init?(word: some Collection<UInt8>) {
    let parts = word.split(separator: Self.comma, omittingEmptySubsequences: false)
    guard parts.count == 4, let (style, first) = Self.style(Array(parts[0])), let ending = Self.ending(Array(parts[1])),
      let directory = Self.text(Array(parts[2])), let suffix = Self.text(Array(parts[3]))
    else { return nil }
    naming = Naming(style: style, ending: ending, first: first)
    self.directory = directory.map { FilePath(bytes: $0) }
    if let suffix {
      guard let text = String(validating: suffix, as: UTF8.self) else { return nil }
      self.suffix = text
    } else {
      self.suffix = nil
    }
  }

  private static func style(_ part: [UInt8]) -> (style: Naming.Style, first: Int)? {
    if part.first == UInt8(ascii: "#") {
      let digits = String(decoding: part.dropFirst(), as: UTF8.self)
      if digits.isEmpty { return (.numbered, 1) }
      guard let first = Int(digits), (0...Limits.maxFirstNumber).contains(first), first != 1, String(first) == digits
      else {
        return nil
      }
      return (.numbered, first)
    }
    guard part.first == UInt8(ascii: "@"), let bytes = unescape(part.dropFirst()),
      let text = String(validating: bytes, as: UTF8.self), let format = try? DateFormat.parse(text)
    else { return nil }
    return (.dated(format), 1)
  }

  private static func ending(_ part: [UInt8]) -> Naming.Ending? {
    if part == Array("*".utf8) { return .extension_ }
    guard let text = text(part) else { return nil }
    return text.map { .suffix(ExactText(bytes: $0)) } ?? Naming.Ending.none
  }

  /// nil if the part is invalid; an inner nil for "nothing".
  private static func text(_ part: [UInt8]) -> [UInt8]?? {
    if part == Array("-".utf8) { return .some(nil) }
    guard part.first == UInt8(ascii: "="), let bytes = unescape(part.dropFirst()) else { return nil }
    return bytes
  }

  /// A byte that is not printable ASCII, a comma or a percent sign becomes `%` and two digits.
  private static func escape(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var escaped: [UInt8] = []
    for byte in bytes {
      if byte > 0x20, byte < 0x7F, byte != comma, byte != percent {
        escaped.append(byte)
      } else {
        escaped += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      }
    }
    return escaped
  }

  private static func unescape(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var plain: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == percent else {
        plain.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      plain.append(value)
      rest = rest.dropFirst(2)
    }
    return plain
  }
}

/// The names that the archives of one log have had, the newest last, in an object that logs share. All but the last are
/// from former configs; files that a crash has left may still have such names.
package final class NameHistory: Hashable, Sendable {
  /// All names, without duplicates.
  package let all: [ArchiveNames]

  package init(_ all: [ArchiveNames]) {
    self.all = all
  }

  /// The names that the log's archives get now.
  package var last: ArchiveNames? { all.last }

  package static func == (one: NameHistory, other: NameHistory) -> Bool { one === other || one.all == other.all }

  /// By value, as `==` is.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(all)
  }
}
