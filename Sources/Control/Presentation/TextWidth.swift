extension Character {
  /// The columns of a terminal that it takes: none, one or two, near enough to wcwidth(3).
  fileprivate var columns: Int { unicodeScalars.lazy.map(Self.columns).max() ?? 0 }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x20..<0x300: return 1
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F1E6...0x1F1FF, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format, .control: return 0
      default: return 1
      }
    }
  }
}

extension String {
  /// The columns of a terminal that it takes.
  package var columns: Int { reduce(0) { $0 + $1.columns } }

  /// The text cut to a width: in the middle, so that both ends of a path stay, or at its end.
  package func cut(to width: Int, inMiddle: Bool = false, ellipsis: String) -> String {
    guard columns > width else { return self }
    let room = max(0, width - ellipsis.columns)
    // The end of a path says more than its start.
    let ahead = inMiddle ? room / 3 : room
    let start = Self.prefix(self, columns: ahead)
    let end = inMiddle ? String(Self.prefix(String(reversed()), columns: room - start.columns).reversed()) : ""
    return Self.prefix(start + ellipsis + end, columns: width)
  }

  private static func prefix(_ text: String, columns: Int) -> String {
    var left = columns
    return String(
      text.prefix { character in
        left -= character.columns
        return left >= 0
      })
  }

  /// The words in lines of at most a width; a longer word has a line of its own.
  func wrapped(to width: Int) -> [String] {
    guard columns > width else { return [self] }
    return split(separator: " ").reduce(into: []) { lines, word in
      if let last = lines.last, last.columns + 1 + String(word).columns <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
  }
}
