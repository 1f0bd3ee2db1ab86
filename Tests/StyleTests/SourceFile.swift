/// A Swift source as `swift format` leaves it. Therefore the rules may go by lines: the formatter decides where a declaration
/// and a brace begin.
struct SourceFile {
  /// The path below the root of the package, `Sources/Rotation/Job.swift`.
  let path: String
  let lines: [SourceLine]

  init(path: String, text: String) {
    self.path = path
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(SourceLine.init)
    if lines.last?.text == "" { lines.removeLast() }
    self.lines = lines
  }

  /// The target below `Sources` or `Tests` that the file belongs to.
  var target: Substring { path.split(separator: "/").dropFirst().first ?? "" }

  /// The folder that the file is in.
  var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

  /// The numbers of the lines of which something is true, the first being 1.
  func numbers(where isFound: (SourceLine) -> Bool) -> [Int] {
    lines.indices.filter { isFound(lines[$0]) }.map { $0 + 1 }
  }
}

/// One line of a source.
struct SourceLine {
  let text: Substring
  /// How many spaces it begins with.
  let indentation: Int
  /// The line without indentation, comment and what is in strings.
  let code: Substring

  init(_ text: Substring) {
    self.text = text
    indentation = text.utf8.prefix { $0 == UInt8(ascii: " ") }.count
    var code: Substring = ""
    var (isString, isEscaped) = (false, false)
    for character in text.dropFirst(indentation) {
      if character == "\"", !isEscaped { isString.toggle() }
      if !isString || character == "\"" { code.append(character) }
      isEscaped = character == "\\" && !isEscaped
      if code.hasSuffix("//"), !isString, code.dropLast(2).last ?? " " == " " {
        code.removeLast(2)
        break
      }
    }
    self.code = code
  }

  /// What follows each appearance of a word that is no part of another.
  func followers(of word: String) -> [Substring] {
    code.indices.compactMap { position in
      let rest = code[position...]
      guard rest.hasPrefix(word), code[..<position].last?.isPartOfWord != true else { return nil }
      let behind = rest.dropFirst(word.count)
      return behind.first?.isPartOfWord == true ? nil : behind
    }
  }
}

extension Character {
  var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}

extension Substring {
  var words: [Substring] { split { !$0.isPartOfWord } }
}
