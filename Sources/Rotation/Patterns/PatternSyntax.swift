/// What is wrong with the text of a pattern.
package struct PatternFlaw: Error, Hashable, Sendable {
  /// The offset in the text, in bytes.
  package var offset: Int
  /// The problem there: "`[` without `]`".
  package var reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }
}

extension LogPattern {
  /// The first flaw of the wildcards in the text; nil for a path and for a valid pattern.
  package var flaw: PatternFlaw? {
    guard hasWildcard else { return nil }
    var offset = 0
    for component in text.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if let flaw = Self.flaw(in: Array(component)) {
        return PatternFlaw(offset: offset + flaw.offset, reason: flaw.reason)
      }
      offset += component.count + 1
    }
    return nil
  }

  /// A path that the pattern matches, made from its text: each `*` as short as possible.
  package var example: FilePath {
    guard hasWildcard else { return text }
    return text.bytes.split(separator: UInt8(ascii: "/")).reduce("") { "\($0)/\(Self.example(of: Array($1)))" }
  }

  private static func flaw(in component: [UInt8]) -> BracketSet.Flaw? {
    var read = 0
    while read < component.count {
      switch component[read] {
      case UInt8(ascii: "\\"):
        guard read + 1 < component.count else {
          return BracketSet.Flaw(offset: read, reason: "nothing follows the `\\`")
        }
        read += 2
      case UInt8(ascii: "["):
        do throws(BracketSet.Flaw) {
          read = try BracketSet(checking: component, at: read).end
        } catch {
          return error
        }
      default:
        read += 1
      }
    }
    return nil
  }

  private static func example(of component: [UInt8]) -> FileName {
    var name: [UInt8] = []
    var read = 0
    while read < component.count {
      switch component[read] {
      case UInt8(ascii: "*"):
        // A name is not empty, and a star does not match a leading dot.
        if name.isEmpty { name.append(UInt8(ascii: "x")) }
      case UInt8(ascii: "?"):
        name.append(UInt8(ascii: "x"))
      case UInt8(ascii: "["):
        guard let set = BracketSet(component, at: read) else { fallthrough }
        name.append(set.example ?? UInt8(ascii: "x"))
        read = set.end - 1
      case UInt8(ascii: "\\") where read + 1 < component.count:
        read += 1
        fallthrough
      default:
        name.append(component[read])
      }
      read += 1
    }
    return FileName(bytes: name)
  }
}

extension NamePattern {
  /// Whether a matching name must have some character of the pattern's own, beside those that its wildcards match.
  package var hasLiteral: Bool {
    var read = 0
    while read < bytes.count {
      switch bytes[read] {
      case UInt8(ascii: "*"), UInt8(ascii: "?"): read += 1
      case UInt8(ascii: "["):
        guard let set = BracketSet(bytes, at: read) else { return true }
        read = set.end
      default: return true
      }
    }
    return false
  }
}
