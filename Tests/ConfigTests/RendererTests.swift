import Config
import Testing

@Suite("Findings for people")
struct RendererTests {
  private let error = Diagnostic(file: "/etc/r.toml", line: 2, column: 9, message: "wrong", hint: "do it right")

  @Test("without the text, one line has everything")
  func oneLine() {
    #expect(DiagnosticRenderer().render(error) == "/etc/r.toml:2:9: error: wrong (do it right)")
    let warning = Diagnostic(severity: .warning, file: "a\nb", line: 1, column: 1, message: "odd")
    #expect(
      DiagnosticRenderer().render([warning, warning]) == "a\\u{A}b:1:1: warning: odd\na\\u{A}b:1:1: warning: odd\n")
  }

  @Test("with the text, the line is shown with a caret below the position")
  func caret() {
    let renderer = DiagnosticRenderer(sources: [
      ConfigSource(name: "/etc/r.toml", bytes: Array("[job.x]\n\tkéep = 'x\u{1B}[2J'\r\n".utf8))
    ])
    #expect(
      renderer.render(error) == """
        /etc/r.toml:2:9: error: wrong
          2 |  kéep = 'x [2J'
            |         ^
          hint: do it right
        """)
  }

  @Test("a long line is shortened around the position")
  func longLine() throws {
    let line = (0..<100).map { "word\($0 % 10)" }.joined(separator: " ")
    let renderer = DiagnosticRenderer(sources: [ConfigSource(name: "f", bytes: Array(line.utf8))])
    let place = Diagnostic(file: "f", line: 1, column: 301, message: "wrong")
    let lines = renderer.render(place).split(separator: "\n").map(Array.init)
    let caret = try #require(lines[2].firstIndex(of: "^"))
    #expect(lines[1][caret] == Array(line)[300])
    #expect(lines[1].count == 4 + 2 + 100 + 2)
    #expect(lines[1].last == "…")
  }

  @Test("a position at the end of a line or of the text has its caret after it")
  func ends() {
    let renderer = DiagnosticRenderer(sources: [ConfigSource(name: "f", bytes: Array("ab\n".utf8))])
    #expect(renderer.render(Diagnostic(file: "f", line: 1, column: 3, message: "m")).hasSuffix("1 | ab\n    |   ^"))
    #expect(renderer.render(Diagnostic(file: "f", line: 2, column: 1, message: "m")).hasSuffix("2 | \n    | ^"))
    #expect(renderer.render(Diagnostic(file: "f", line: 9, column: 1, message: "m")) == "f:9:1: error: m")
  }

  @Test("only terminals get colours")
  func colors() {
    #expect(
      DiagnosticRenderer(usesColor: true).render(error)
        == "\u{1B}[1m/etc/r.toml:2:9:\u{1B}[0m \u{1B}[1;31merror:\u{1B}[0m wrong (do it right)")
    #expect(
      !DiagnosticRenderer(sources: [ConfigSource(name: "/etc/r.toml", bytes: Array("a\nb".utf8))]).render(error)
        .contains("\u{1B}"))
  }
}
