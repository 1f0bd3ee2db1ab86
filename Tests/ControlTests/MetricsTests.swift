import Control
import Testing

@Suite("Metrics for Prometheus")
struct MetricsTests {
  private let samples = [
    Wire.Sample(.rotations, 3, job: "a\"\\\nü", labels: ["reason": "size"]),
    Wire.Sample(.buildInfo, 1, labels: ["version": "1"]),
    Wire.Sample(.lastReload, 1_795_305_600_250_000),
    Wire.Sample(.rotations, .max, job: "b", labels: ["reason": "schedule"]),
    Wire.Sample(.archiveBytes, 4096, job: "b"),
    Wire.Sample(.keepFree, 950, labels: ["directory": "/var"]),
    Wire.Sample(.late, -1_500_000, job: "b"),
  ]

  private func text(_ format: MetricsText.Format, samples most: Int = 1000) -> String {
    var text = MetricsText(samples, format: format)
    var lines = ""
    while let piece = text.next(samples: most) { lines += piece }
    return lines
  }

  @Test("the text format has each metric in one group, with help, type and escaped labels")
  func prometheus() {
    #expect(
      text(.prometheus) == #"""
        # HELP rotated_build_info The version of the program, as a label.
        # TYPE rotated_build_info gauge
        rotated_build_info{version="1"} 1
        # HELP rotated_config_last_reload_success_timestamp_seconds When a config was last taken.
        # TYPE rotated_config_last_reload_success_timestamp_seconds gauge
        rotated_config_last_reload_success_timestamp_seconds 1795305600.250000
        # HELP rotated_filesystem_keep_free_ratio Free room over what keep-free asks for, by directory; below 1 archives are removed.
        # TYPE rotated_filesystem_keep_free_ratio gauge
        rotated_filesystem_keep_free_ratio{directory="/var"} 0.950
        # HELP rotated_rotations_total Rotations, by reason.
        # TYPE rotated_rotations_total counter
        rotated_rotations_total{job="a\"\\\nü",reason="size"} 3
        rotated_rotations_total{job="b",reason="schedule"} 9223372036854775807
        # HELP rotated_archives_bytes Room on disk of archives.
        # TYPE rotated_archives_bytes gauge
        rotated_archives_bytes{job="b"} 4096
        # HELP rotated_late_seconds_max The longest by which a rotation was late.
        # TYPE rotated_late_seconds_max gauge
        rotated_late_seconds_max{job="b"} -1.500000

        """#)
  }

  @Test("OpenMetrics has names without suffix, units and an end")
  func openMetrics() {
    let lines = text(.openMetrics).split(separator: "\n")
    #expect(lines.last == "# EOF")
    #expect(
      lines.prefix(3) == [
        "# TYPE rotated_build info", "# HELP rotated_build The version of the program, as a label.",
        "rotated_build_info{version=\"1\"} 1",
      ])
    #expect(lines.contains("# TYPE rotated_rotations counter"))
    #expect(lines.contains("# UNIT rotated_archives_bytes bytes"))
    #expect(!lines.contains("# UNIT rotated_late_seconds_max seconds"))
  }

  @Test(
    "a text that is made in pieces is the same text", arguments: [MetricsText.Format.prometheus, .openMetrics])
  func pieces(_ format: MetricsText.Format) { #expect(text(format, samples: 1) == text(format)) }

  @Test("names are valid in Prometheus, and each occurs once")
  func names() {
    let names = Metric.all.map(\.name)
    #expect(Set(names).count == names.count && names.count == 24)
    for name in names {
      #expect(
        name.hasPrefix("rotated_") && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }, "\(name)")
    }
  }
}
