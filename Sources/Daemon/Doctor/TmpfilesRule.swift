package import Rotation

/// A line of tmpfiles.d(5) that removes files, or keeps some from that.
package struct TmpfilesRule: Hashable, Sendable {
  /// What it does.
  package enum Effect: Hashable, Sendable {
    /// What is in the directory goes when it was not used for so long: `10d`.
    case ages(String)
    /// It goes at the start of the system.
    case removes
    /// It stays, whatever other lines say.
    case keeps
  }

  /// Where it is written.
  package var file: FilePath
  package var line: Int
  package var effect: Effect
  /// A path, or a pattern of glob(7).
  package var pattern: LogPattern

  /// The lines of a file that remove or keep something.
  package static func read(_ file: FilePath, _ text: [UInt8]) -> [TmpfilesRule] {
    var rules: [TmpfilesRule] = []
    for (number, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let fields = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
      guard fields.count >= 2, let type = fields[0].first, let effect = Self.effect(type, fields) else { continue }
      var path = Array(fields[1])
      if path.count >= 2, path.first == UInt8(ascii: "\""), path.last == path.first {
        path = Array(path[1..<(path.count - 1)])
      }
      // A slash at the end of a path says nothing.
      while path.count > 1, path.last == UInt8(ascii: "/") { path.removeLast() }
      let pattern = LogPattern(FilePath(bytes: path))
      rules.append(TmpfilesRule(file: file, line: number + 1, effect: effect, pattern: pattern))
    }
    return rules
  }

  /// By the letter of a line, whose sixth field is an age; `~` before it leaves the first level of names alone.
  private static func effect(_ type: UInt8, _ fields: [ArraySlice<UInt8>]) -> Effect? {
    switch type {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): return .keeps
    case UInt8(ascii: "r"), UInt8(ascii: "R"), UInt8(ascii: "D"):
      return type == UInt8(ascii: "D") ? age(fields) ?? .removes : .removes
    case UInt8(ascii: "d"), UInt8(ascii: "e"), UInt8(ascii: "v"), UInt8(ascii: "q"), UInt8(ascii: "Q"),
      UInt8(ascii: "C"):
      return age(fields)
    default: return nil
    }
  }

  private static func age(_ fields: [ArraySlice<UInt8>]) -> Effect? {
    guard fields.count >= 6 else { return nil }
    let age = String(decoding: fields[5], as: UTF8.self)
    return age == "-" || age.isEmpty ? nil : .ages(age)
  }

  /// Whether the line is about a file in a directory: by the path of the file, or of a directory above it.
  package func concerns(_ file: FilePath) -> Bool {
    var path = file
    while true {
      if pattern.matches(path: path) { return true }
      let above = path.split.directory
      guard above != path, above != "." else { return false }
      path = above
    }
  }
}
