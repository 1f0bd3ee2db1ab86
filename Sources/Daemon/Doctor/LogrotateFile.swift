internal import Config
package import Rotation

/// The paths that a config file of logrotate(8) names. It is not read any closer: what it does with them does not matter where
/// another program rotates the same logs.
package struct LogrotateFile: Hashable, Sendable {
  /// A path or pattern, and the number of its line.
  private struct Entry: Hashable, Sendable {
    var line: Int
    var pattern: LogPattern
  }

  private static let scripts: Set<FilePath> = [
    "firstaction", "lastaction", "prerotate", "postrotate", "preremove",
  ]

  /// The file.
  package let path: FilePath
  /// The files and directories that it includes, as far as their paths are absolute.
  package private(set) var includes: [FilePath] = []
  private var entries: [Entry] = []

  /// Reads the text of a file.
  package init(_ path: FilePath, _ text: [UInt8]) {
    self.path = path
    var (isInBlock, isInScript) = (false, false)
    for (number, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let words = Self.words(line)
      // Within a block are options and scripts, and a script may have braces of its own.
      if isInBlock {
        if let word = words.first, Self.scripts.contains(word) { isInScript = true }
        if words.first == "endscript" { isInScript = false }
        if !isInScript, words.first == "}" { isInBlock = false }
        continue
      }
      if words.first == "include" {
        includes += words.dropFirst().prefix(1).filter(\.isAbsolute)
        continue
      }
      for word in words where word.isAbsolute { entries.append(Entry(line: number + 1, pattern: LogPattern(word))) }
      if let brace = words.firstIndex(of: "{") { isInBlock = !words[brace...].contains("}") }
    }
  }

  /// Whether logrotate passes over a file of this name in a directory that it includes, whatever `tabooext` says besides.
  package static func isPassedOver(_ name: FileName) -> Bool { TabooPatterns().matches(name) }

  /// The line that names a log; nil when none does.
  package func line(naming log: FilePath) -> Int? {
    entries.first { $0.pattern.matches(path: log) }?.line
  }

  /// The words of a line up to a comment, quotes taken off; a brace is a word of its own.
  private static func words(_ line: ArraySlice<UInt8>) -> [FilePath] {
    var words: [FilePath] = []
    var word: [UInt8] = []
    var quote: UInt8?
    func end() {
      if !word.isEmpty { words.append(FilePath(bytes: word)) }
      word = []
    }
    for byte in line {
      switch byte {
      case _ where byte == quote: quote = nil
      case _ where quote != nil: word.append(byte)
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "#") where word.isEmpty: return words
      case UInt8(ascii: "{"), UInt8(ascii: "}"):
        end()
        words.append(FilePath(bytes: [byte]))
      case 0x20, 0x09, 0x0D, UInt8(ascii: ","): end()
      default: word.append(byte)
      }
    }
    end()
    return words
  }
}
