import Control
import Rotation
import Timekeeping

// What commands show of the machine, of another config and of the days to come.
extension Sample {
  static let findings: [Wire.Finding] = [
    Wire.Finding(
      .error, "rotators", job: "nginx", path: "/var/log/nginx/access.log",
      "logrotate (logrotate.timer) rotates it and 3 more of these logs, too: /etc/logrotate.d/nginx:1",
      advice: "remove the log from /etc/logrotate.d/nginx, or from the config of rotated"),
    Wire.Finding(
      .warning, "labels", job: "app", path: "/srv/a\u{1B}[2Jpp",
      "its SELinux type is usr_t, which is no type of logs: a confined daemon may not rotate there",
      advice: "semanage fcontext -a -t var_log_t '/srv/app(/.*)?' && restorecon -R /srv/app"),
    Wire.Finding(.notice, "file-system", path: "/mnt/grüße", "nfs has no leases", advice: "nothing has to be changed"),
  ]

  static let comparison: Wire.Comparison = made {
    $0.running = "/etc/rotated/rotated.toml"
    $0.isPartial = true
    ($0.added, $0.changed, $0.removed) = (["new"], ["nginx"], ["old"])
    $0.logs = [
      Wire.LogChange("/var/log/a.log", from: nil, to: "new"), Wire.LogChange("/var/log/b.log", from: "old", to: nil),
      Wire.LogChange("/var/log/c\u{7}.log", from: "old", to: "new"),
    ]
    $0.removals = [
      made {
        ($0.path, $0.job, $0.bytes, $0.reason) = (
          "/var/log/nginx/access.log.9.gz", "nginx", 1 << 30, "more than 8 archives"
        )
      }
    ]
  }

  static let forecasts: [Wire.JobForecast] = [
    made {
      ($0.name, $0.logs, $0.growthBytes, $0.bytes) = ("nginx", 12, 471_859_200, 2_254_857_830)
      $0.limitBytes = 4 << 30
      $0.days = (1...30).map { min(4 << 30, 2_254_857_830 + $0 * 100_000_000) }
    },
    made {
      ($0.name, $0.logs, $0.unmeasured, $0.bytes) = ("a-job-with-a-long-näme", 1, 1, 0)
      $0.days = Array(repeating: 0, count: 30)
      $0.isRatioMeasured = true
    },
  ]
}
