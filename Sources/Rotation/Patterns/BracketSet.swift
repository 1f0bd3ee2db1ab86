/// A `[…]` of a pattern: a set of characters (glob(7), "Character classes").
struct BracketSet {
  /// A syntax error in brackets; the offset counts bytes of the pattern.
  struct Flaw: Error, Hashable {
    var offset: Int
    var reason: String
  }

  private static let classes: [(name: String, ranges: [ClosedRange<UInt32>])] = [
    ("alnum", [0x30...0x39, 0x41...0x5A, 0x61...0x7A]), ("alpha", [0x41...0x5A, 0x61...0x7A]),
    ("blank", [0x09...0x09, 0x20...0x20]), ("cntrl", [0x00...0x1F, 0x7F...0x7F]), ("digit", [0x30...0x39]),
    ("graph", [0x21...0x7E]), ("lower", [0x61...0x7A]), ("print", [0x20...0x7E]),
    ("punct", [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]), ("space", [0x09...0x0D, 0x20...0x20]),
    ("upper", [0x41...0x5A]), ("xdigit", [0x30...0x39, 0x41...0x46, 0x61...0x66]),
  ]

  private var isNegated = false
  private var ranges: [ClosedRange<UInt32>] = []
  /// The position in the pattern after the closing bracket.
  private(set) var end: Int

  /// Reads the set that opens at a position; nil if it is not closed or has a flaw.
  init?(_ pattern: [UInt8], at start: Int) {
    guard let set = try? BracketSet(checking: pattern, at: start) else { return nil }
    self = set
  }

  /// Reads the set that opens at a position; throws its flaw.
  init(checking pattern: [UInt8], at start: Int) throws(Flaw) {
    end = start + 1
    if end < pattern.count, pattern[end] == UInt8(ascii: "!") || pattern[end] == UInt8(ascii: "^") {
      isNegated = true
      end += 1
    }
    let first = end
    while true {
      guard end < pattern.count else { throw Flaw(offset: start, reason: "`[` without `]`") }
      if pattern[end] == UInt8(ascii: "]"), end > first { break }
      if pattern[end...].starts(with: "[:".utf8) {
        try readClass(pattern)
      } else {
        try readRange(pattern, opening: start)
      }
    }
    end += 1
  }

  /// Whether a character is in the set; a byte that is not Unicode is in none.
  func contains(_ scalar: UInt32) -> Bool {
    ranges.contains { $0.contains(scalar) } != isNegated
  }

  /// A character in the set, for an example; nil if there is no usual one.
  var example: UInt8? {
    "x0a_A-".utf8.first { contains(UInt32($0)) } ?? (0x21...0x7E).first { contains(UInt32($0)) && $0 != 0x2F }
  }

  private mutating func readClass(_ pattern: [UInt8]) throws(Flaw) {
    let rest = pattern[(end + 2)...]
    let name = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    guard rest[name.endIndex...].starts(with: ":]".utf8),
      let known = Self.classes.first(where: { name.elementsEqual($0.name.utf8) })
    else { throw Flaw(offset: end, reason: "unknown character class") }
    ranges += known.ranges
    end = name.endIndex + 2
  }

  private mutating func readRange(_ pattern: [UInt8], opening start: Int) throws(Flaw) {
    let place = end
    let low = try readCharacter(pattern, opening: start)
    guard end + 1 < pattern.count, pattern[end] == UInt8(ascii: "-"), pattern[end + 1] != UInt8(ascii: "]") else {
      ranges.append(low...low)
      return
    }
    end += 1
    let high = try readCharacter(pattern, opening: start)
    guard low <= high else { throw Flaw(offset: place, reason: "the range is in reverse order") }
    ranges.append(low...high)
  }

  private mutating func readCharacter(_ pattern: [UInt8], opening start: Int) throws(Flaw) -> UInt32 {
    if pattern[end...].starts(with: "[=".utf8) || pattern[end...].starts(with: "[.".utf8) {
      throw Flaw(offset: end, reason: "`[=` and `[.` are not supported")
    }
    if pattern[end] == UInt8(ascii: "\\") {
      end += 1
      guard end < pattern.count else { throw Flaw(offset: start, reason: "`[` without `]`") }
    }
    let (scalar, next) = NamePattern.character(in: pattern.span, at: end)
    end = next
    return scalar
  }
}
