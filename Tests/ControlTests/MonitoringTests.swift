import Control
import Glibc
import Testing
import _StringProcessing

@Suite("Alerts and dashboard for Prometheus")
struct MonitoringTests {
  @Test("name only metrics that rotated has", arguments: ["alerts.yml", "alerts.test.yml", "dashboard.json"])
  func names(_ file: String) throws {
    let known = Set(Metric.all.map(\.name))
    let text = try Tree.read("config/monitoring/\(file)")
    let used = Set(text.matches(of: /\brotated_[a-z_]+/).map { String($0.output) })
    #expect(!used.isEmpty)
    #expect(used.subtracting(known) == [])
  }
}
