import Config
import Rotation
import Testing

@Suite("Robustness")
struct RobustnessTests {
  static let seedText = """
    [defaults]
    keep = 7
    create = { mode = "0640", user = "root" } # note
    [job."a b"]
    logs = ["/v/é.log", '/v/[a-z]*.log']
    exclude = '/v/x?'
    every = "1h 30min"
    size = "1.5K"
    check = "5s"
    [job.c]
    logs = '''/w/\\**'''
    daily = "03:30"
    if-empty = true
    job.dotted = 0x1F
    """

  @Test("no mutation of a config crashes the reader or leaves it without a result")
  func mutations() {
    var generator = MINSTD(state: 20_261_122)
    let seed = Array(Self.seedText.utf8)
    let pieces = [
      "\"", "'", "\"\"\"", "'''", "[", "]", "[[", "{", "}", "=", ".", ",", "\n", "\r", "#", "\\", "\\u0000", "0", "-",
      "_",
      "job", "keep = 1\n", "[job.c]\n", "é", "\u{0}", "\u{7F}", "*", "/", "..", "1e9", "inf", "2026-11-22", "true",
    ].map { Array($0.utf8) }
    for _ in 0..<1500 {
      var bytes = seed
      for _ in 0...generator.below(4) {
        let place = generator.below(bytes.count + 1)
        switch generator.below(5) {
        case 0: bytes.insert(contentsOf: pieces[generator.below(pieces.count)], at: place)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + generator.below(12)))
        case 2: bytes.removeLast(bytes.count - place)
        case 3: if place < bytes.count { bytes[place] = UInt8(generator.below(256)) }
        default: bytes.insert(contentsOf: seed[..<(generator.below(seed.count))], at: place)
        }
      }
      check(bytes)
    }
  }

  /// Every reading ends in a configuration or an error, its positions are in the text, and each finding can be shown.
  private func check(_ bytes: [UInt8]) {
    let result = read(bytes)
    let hasErrors = result.diagnostics.contains { $0.severity == .error }
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    let areSound = result.diagnostics.allSatisfy {
      (1...lines).contains($0.line) && $0.column >= 1 && $0.message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
    let shown = DiagnosticRenderer(sources: [ConfigSource(name: "c.toml", bytes: bytes)]).render(result.diagnostics)
    let isSound = hasErrors == (result.configuration == nil) && areSound && shown.isEmpty == result.diagnostics.isEmpty
    if !isSound {
      Issue.record("\(String(decoding: bytes, as: UTF8.self).debugDescription) gives \(result.diagnostics)")
    }
  }
}

/// A small seeded generator, the same on every machine.
private struct MINSTD {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state = state * 48_271 % 2_147_483_647
    return Int(state % UInt64(bound))
  }
}
