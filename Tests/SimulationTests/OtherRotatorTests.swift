import Daemon
import Rotation
import Simulation
import Testing

extension Notification {
  /// The status line in it.
  fileprivate var status: String? {
    switch self {
    case .ready(let status), .status(let status): status
    default: nil
    }
  }
}

@Suite("Logs that logrotate rotates, too")
struct OtherRotatorTests {
  @Test(
    "they are a problem of their job from the start, in the status and the reports, until a reload finds that it is over"
  )
  func both() throws {
    let rig = Rig([Rig.job("app", every: 3600), Rig.job("web", every: 3600)])
    for name in ["app", "web"] { rig.disk.plant(.regular, at: FilePath("/logs/\(name).log"), content: "x\n") }
    let text = Array("# all\n/logs/a*.log {\n  daily\n}\n".utf8)
    rig.otherRotator = OtherRotator(runner: "logrotate.timer", files: [LogrotateFile("/etc/logrotate.d/app", text)])
    var lines: [String] = []
    func note(_ rig: Rig) { lines.append(rig.manager.notifications.compactMap(\.status).last ?? "") }
    try rig.live(seconds: 60) { rig in
      rig.driver.schedule(after: 10 * Rig.second) {
        note(rig)
        rig.manager.send(.reload)
      }
      rig.driver.schedule(after: 20 * Rig.second) {
        note(rig)
        rig.otherRotator = nil
        rig.manager.send(.reload)
      }
      rig.driver.schedule(after: 30 * Rig.second) { note(rig) }
    }
    #expect(lines.map { $0.contains("; rotated by logrotate, too: app") } == [true, true, false], "\(lines)")
    let reports = rig.reports.filter { $0.kind == .rotators }
    #expect(
      reports.map(\.message) == [
        "job app: logrotate (logrotate.timer) rotates /logs/app.log, too: /etc/logrotate.d/app:2"
      ])
    #expect(reports.map(\.log) == ["/logs/app.log"])
    #expect(rig.reports.contains { $0.kind == .resolved && $0.message.hasPrefix("job app: logrotate rotates none") })
  }
}
