import Glibc
import Testing

/// `rotatectl logrotate` beside Debian's logrotate (Tests/peers/logrotate_differential.py). ROTATED_LOGROTATE_CASES is how many cases
/// there are, ROTATED_LOGROTATE_SEED their seed.
@Suite("Beside logrotate")
struct LogrotateDifferentialTests {
  private static let script =
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/peers/logrotate_differential.py"
  private static let isPossible =
    getuid() == 0 && access("/usr/sbin/logrotate", X_OK) == 0 && access("/usr/bin/python3", X_OK) == 0

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  @Test(
    "stanzas at random do what they do in logrotate, but for what the table of differences says",
    .enabled(if: isPossible, "this needs root, logrotate and python3"))
  func cases() throws {
    let count = Self.variable("ROTATED_LOGROTATE_CASES") ?? "2000"
    let seed = Self.variable("ROTATED_LOGROTATE_SEED") ?? "1"
    let program = try Program("/usr/bin/python3", [Self.script, Program.rotatectl, count, seed])
    try eventually("the end of the cases: \(program.text)", within: 1800) {
      program.read()
      return program.endIfEnded() != nil
    }
    #expect(program.endIfEnded() == 0, "\(program.text)")
    #expect(program.text.contains("\(count) cases of seed \(seed): 0 differ"), "\(program.text)")
  }
}
