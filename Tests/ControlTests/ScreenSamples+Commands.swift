import Control
import Rotation
import Timekeeping

// What the commands make of several values, and what the daemon replies to orders.
extension Sample {
  static let overview: Wire.Overview = made {
    $0.daemon = daemon
    $0.problems = problems
    $0.jobs = jobs
    $0.logs = logs
  }

  static let logs: [Wire.Log] = [
    made {
      $0.path = "/var/log/nginx/access.log"
      $0.job = "nginx"
      $0.bytes = 471_859_200
      $0.limitBytes = 1 << 30
      $0.last = rotated(36_000, "daily 00:00")
      $0.next = due(50_400, "daily 00:00")
      $0.archives = 14
      $0.archiveBytes = 2_254_857_830
    },
    made {
      $0.path = "/var/log/a-directory-with-a-long-name/of-another-program/with/error\u{7}.log"
      $0.job = "nginx"
      $0.next = due(50_400, "daily 00:00")
      $0.refusal = "it is empty"
    },
  ]

  static let events: [Wire.Event] = [
    made {
      $0.at = now
      $0.kind = "rotated"
      $0.message =
        "job nginx: rotated /var/log/nginx/access.log (450M) to access.log.1: daily 00:00, in 0.4 ms; next 00:00:00"
      $0.job = "nginx"
      $0.path = "/var/log/nginx/access.log"
      $0.bytes = 471_859_200
    },
    made {
      $0.at = now + .seconds(61)
      $0.kind = "failed"
      $0.severity = .error
      $0.message =
        "job nginx: /var/log/nginx/\u{1B}[2Jerror.log: cannot rotate: rename: no space left on device (ENOSPC)"
      $0.errno = "ENOSPC"
      $0.missed = 3
    },
  ]

  static let replies: [Wire.Reply] = [
    made {
      $0.rotated = 12
      $0.skipped = 1
      $0.failed = 2
    },
    made { $0.until = now + .seconds(7_200) },
    made {
      $0.configSHA256 = "3f2a9c4108d1e0b7"
      $0.added = ["nginx", "batch"]
      $0.removed = (1...12).map { "old-\($0)" }
      $0.until = now + .seconds(300)
    },
    made { $0.hooks = 1 },
  ]

  /// Everything that a command says about a reply.
  static func draw(replies screen: inout Screen) {
    for event in events { screen.event(event) }
    for event in events { screen.rotated(made { $0.event = event }) }
    screen.rotated(replies[0])
    screen.rotated(made { $0.rotated = 0 })
    screen.paused(["nginx", "batch"], replies[1])
    screen.paused([], Wire.Reply())
    screen.resumed(["nginx"])
    screen.reloaded(replies[2])
    screen.reloaded(made { $0.configSHA256 = "3f2a9c4108d1e0b7" })
    screen.retried(replies[3])
    screen.retried(Wire.Reply())
    screen.note("rotated is not running: nobody listens at /run/rotated/control")
  }
}
