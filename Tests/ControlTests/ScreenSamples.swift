import Control
import Rotation
import Timekeeping

/// Values as from a daemon, for screens: times are those of a Monday morning.
enum Sample {
  static let now = WallTime(seconds: 1_795_424_400)
  static let zone = try? Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")

  static func made<Value: WireStruct>(_ make: (inout Value) -> Void) -> Value {
    var value = Value()
    make(&value)
    return value
  }

  static func made<Value: WireStruct>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
  }

  static func before(_ seconds: Int64) -> WallTime { now - .seconds(seconds) }

  static let daemon: Wire.Daemon = made {
    $0.version = "0.9.1"
    $0.pid = 812
    $0.started = before(273_600)
    $0.configPath = "/etc/rotated/rotated.toml"
    $0.configSHA256 = "3f2a9c4108d1e0b7"
    $0.configLoaded = before(7_500)
    $0.jobs = 5
    $0.logs = 318
    $0.archives = 2_310
    $0.archiveBytes = 5_261_334_938
    $0.rotations = 12_345
    $0.hooksOwed = 1
    $0.problems = 3
  }

  static let problems: [Wire.Problem] = [
    made {
      $0.job = "postgres-with-a-long-name"
      $0.message = "/var/log/postgresql/postgresql-17-main.log: rename: No space left on device"
      $0.since = before(754)
      $0.tries = 5
      $0.nextTry = now + .seconds(192)
      $0.errno = "ENOSPC"
      $0.path = "/var/log/postgresql/postgresql-17-main.log"
      $0.advice = "free room on /var/log, or set keep-free so that archives are removed in time"
    },
    made {
      $0.severity = .warning
      $0.job = "grüße"
      $0.message = "/var/log/gr\u{1B}[31mn.log: an archive is held by nginx(812)"
      $0.since = before(90_000)
    },
  ]

  static let holder: Wire.Holder = made {
    $0.pid = 812
    $0.uid = 33
    $0.command = "nginx"
  }

  static let reader: Wire.Holder = made {
    $0.role = .reader
    $0.pid = 77
    $0.uid = 0
    $0.command = "vec\u{7}tor"
    $0.unreadBytes = 4_096
  }

  static let jobs: [Wire.Job] = [
    made {
      $0.name = "nginx"
      $0.last = rotated(36_000, "daily 00:00")
      $0.next = due(50_400, "daily 00:00")
      $0.largestBytes = 471_859_200
      $0.limitBytes = 1 << 30
      $0.archives = 14
      $0.archiveBytes = 2_254_857_830
      $0.budgetBytes = 5 << 30
      $0.heldArchives = 2
      $0.holders = [holder, holder, holder]
    },
    made {
      $0.name = "postgres-with-a-long-name"
      $0.state = .failing
      $0.last = rotated(700_000, "size 1.1G >= 1G")
      $0.next = due(192, "tried again")
      $0.largestBytes = 3 << 30
      $0.limitBytes = 1 << 30
      $0.archives = 7
      $0.archiveBytes = 6 << 30
      $0.budgetBytes = 5 << 30
      $0.hooksOwed = 1
      $0.problems = 1
    },
    made {
      $0.name = "grüße"
      $0.next = made {
        $0.at = now + .seconds(8_000)
        $0.reason = "size >= 10M"
        $0.isPredicted = true
      }
      $0.largestBytes = 9 << 20
      $0.limitBytes = 10 << 20
    },
    made {
      $0.name = "quiet"
      $0.next = made { $0.reason = "size >= 1K" }
    },
    made {
      $0.name = "batch"
      $0.state = .paused
      $0.pausedUntil = now + .seconds(3_000)
      $0.next = due(3_000, "every 30min")
    },
  ]

  static func rotated(_ ago: Int64, _ reason: String) -> Wire.Rotated {
    made {
      $0.at = before(ago)
      $0.reason = reason
      $0.bytes = 314_572_800
      $0.archive = "access.log.1"
    }
  }

  static func due(_ ahead: Int64, _ reason: String) -> Wire.Due {
    made {
      $0.at = now + .seconds(ahead)
      $0.reason = reason
    }
  }

  static func step(_ action: Wire.Action, _ text: String, _ reason: String? = nil, bytes: Int64? = nil) -> Wire.Step {
    made {
      $0.action = action
      $0.text = text
      $0.reason = reason
      $0.bytes = bytes
    }
  }

  static let plan: Wire.LogPlan = made {
    $0.path = "/var/log/nginx/access.log"
    $0.job = "nginx"
    $0.due = due(50_400, "daily 00:00")
    $0.now = [
      step(.create, "create .access.log.rotated, mode 0640, owner 33:4"),
      step(.rename, "rename access.log.1 to access.log.2", "shift"),
      step(.exchange, "exchange access.log with .access.log.rotated"),
      step(.rename, "rename .access.log.rotated to access.log.1", "publish"),
      step(.notify, "reload nginx.service"),
    ]
    $0.later = [
      step(.compress, "compress access.log.1 with zstd", bytes: 471_859_200),
      step(.remove, "remove access.log.15.zst", "keep = 14", bytes: 12_582_912),
    ]
  }

  static let explanation: Wire.Explanation = made {
    $0.path = "/var/log/nginx/access.log"
    $0.standing = .log
    $0.pattern = "/var/log/nginx/*.log"
    $0.claims = [
      made {
        $0.job = "all"
        $0.pattern = "/var/log/**"
        $0.reason = "the pattern of nginx is more specific"
      }
    ]
    $0.conditions = [
      made {
        $0.name = "size"
        $0.value = "450M"
        $0.wanted = ">= 1G"
      },
      made {
        $0.name = "min-age"
        $0.value = "10h"
        $0.wanted = ">= 1h"
        $0.holds = true
      },
    ]
    $0.log = made {
      $0.path = "/var/log/nginx/access.log"
      $0.job = "nginx"
      $0.bytes = 471_859_200
      $0.limitBytes = 1 << 30
      $0.last = rotated(36_000, "daily 00:00")
      $0.next = due(50_400, "daily 00:00")
      $0.archives = 14
    }
    $0.holders = [holder, reader]
    $0.isPartial = true
    $0.plan = plan
    $0.archives = (1...2).map { number in
      made {
        $0.path = "/var/log/archives-of-the-web-server/with-a-long-path/nginx/access.log.\(number).zst"
        $0.modified = before(36_000 + Int64(number - 1) * 86_400)
        $0.bytes = 12_582_912 + Int64(number)
        $0.holders = number == 1 ? [holder, reader, made { ($0.role, $0.command) = (.hook, "unit nginx") }] : []
        $0.removal = number == 2 ? due(1_123_200, "max-age 14d") : nil
      }
    }
  }
}
