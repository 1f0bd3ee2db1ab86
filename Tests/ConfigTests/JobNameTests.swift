import Config
import Testing

@Suite("Names of jobs")
struct JobNameTests {
  @Test("that differ only in the spelling of Unicode are refused, with both positions")
  func duplicates() {
    let text = """
      [job."gr\u{FC}n"]
      logs = "/logs/a.log"
      size = "1M"

      [job."gru\u{308}n"]
      logs = "/logs/b.log"
      size = "1M"
      """
    let found = read(text)
    #expect(found.configuration == nil)
    let errors = found.diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1)
    #expect(errors.first?.line == 5)
    #expect(errors.first?.message.contains("has the same name as the job in line 1, in another Unicode form") == true)
  }
}
