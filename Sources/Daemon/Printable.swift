package import Rotation

extension String {
  /// The text with control characters escaped as `\n`, `\t`, `\x1b`: a file name must not write lines of its own into
  /// a journal, nor move the cursor of a terminal.
  package var printable: String {
    guard unicodeScalars.contains(where: Self.isControl) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case let control where Self.isControl(control):
        let digits = String(control.value, radix: 16)
        text += control.value < 0x100 ? "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// C0, DEL, C1, and the scalars that turn the direction of writing.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension Zone {
  /// `HH:MM:SS` of the local clock.
  package func clockTime(at time: WallTime) -> String {
    let local = localTime(at: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
  }

  /// `YYYY-MM-DD HH:MM:SS` of the local clock.
  package func dateAndTime(at time: WallTime) -> String {
    let local = localTime(at: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(local.year)-\(two(local.month))-\(two(local.day)) \(clockTime(at: time))"
  }
}
