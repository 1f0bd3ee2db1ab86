import Config
import Rotation
import Testing

@Suite("The state of logrotate in a config")
struct HandoverTests {
  private func read(_ texts: String...) -> ConfigResult {
    let sample = LogrotateSample(
      "/var/log/daily.log {\n  daily\n  rotate 4\n}\n/var/log/size.log {\n  size 1M\n  rotate 4\n}\n")
    let sources = texts.enumerated().map {
      ConfigSource(name: "\($0).toml", bytes: Array($1.utf8), isFragment: $0 > 0)
    }
    return ConfigReader.read(sources, system: sample.system, files: sample.port)
  }

  @Test("names the jobs of logrotate's files that are due by time, and no others")
  func jobs() {
    let own = "[job.own]\nlogs = '/var/log/own.log'\ndaily = true\n"
    let result = read(
      "\(own)[logrotate]\nstate = '/old'\n", "[logrotate]\ninclude = '/etc/logrotate.conf'\nstate = '/new'\n")
    #expect(result.diagnostics.isEmpty)
    #expect(result.configuration?.jobs.count == 3)
    #expect(
      result.configuration?.daemon.handover == LogrotateHandover(state: "/new", jobs: ["/var/log/daily.log"]))
    #expect(read(own, "[logrotate]\ninclude = '/etc/logrotate.conf'\n").configuration?.daemon.handover == nil)
  }

  @Test("without a file of logrotate it has no effect, and a relative path is an error")
  func mistakes() {
    let own = "[job.own]\nlogs = '/var/log/own.log'\ndaily = true\n"
    #expect(
      read("\(own)[logrotate]\nstate = '/old'\n").diagnostics.map { DiagnosticRenderer().render($0) } == [
        "0.toml:5:9: warning: `state` has no effect: no job is from a file of logrotate (add `include`, or remove `state`)"
      ])
    #expect(
      read("\(own)[logrotate]\nstate = 'status'\n").diagnostics.map(\.message) == [
        "`state` is the string \"status\"; expected an absolute path in quotes"
      ])
  }
}
