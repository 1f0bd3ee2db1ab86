import Config
import Rotation
import Testing

@Suite("A script that only notifies")
struct NotifyScriptTests {
  /// The hook that import makes of a script, as TOML; nil where it stays a command.
  private func notify(_ script: String) -> String? {
    let sample = LogrotateSample("/var/log/app.log {\nrotate 4\ndaily\npostrotate\n\(script)\nendscript\n}\n")
    let line = sample.imported().fragments.first?.text.split(separator: "\n").first { $0.hasPrefix("notify = ") }
    guard let line, !line.contains("shell"), !line.contains("command") else { return nil }
    return String(line.dropFirst("notify = ".count))
  }

  @Test(
    "of a pid file is a notification by it, in its usual spellings",
    arguments: [
      "kill -USR1 $(cat /run/app.pid)", "\tkill -USR1 `cat /run/app.pid`", "/bin/kill -s USR1 $(cat /run/app.pid)",
      "kill -SIGUSR1 \"$(cat /run/app.pid)\"", "kill -10 \"`cat /run/app.pid`\"",
      "kill -USR1 `cat /run/app.pid 2>/dev/null` 2>/dev/null || true",
      "kill -USR1 $(cat /run/app.pid) >/dev/null 2>&1 || :",
      "[ -f /run/app.pid ] && kill -USR1 `cat /run/app.pid`", "[ ! -f /run/app.pid ] || kill -USR1 `cat /run/app.pid`",
      "test -s \"/run/app.pid\" && kill -USR1 $(cat /run/app.pid) || exit 0",
      "if [ -f /run/app.pid ]; then\n  kill -USR1 `cat /run/app.pid`\nfi",
      "if [ -e /run/app.pid ]\nthen kill -USR1 `cat /run/app.pid` > /dev/null; fi\nexit 0",
      "# tell it\nkill \\\n -USR1 $(cat /run/app.pid);",
    ])
  func pidFiles(script: String) {
    #expect(notify(script) == "{ pidfile = \"/run/app.pid\", signal = \"USR1\" }", "\(script)")
  }

  @Test(
    "of a unit is a notification of it",
    arguments: [
      ("systemctl reload nginx", "{ unit = \"nginx.service\", reload = true }"),
      (
        "/bin/systemctl -q reload app@1.service > /dev/null 2>&1 || true", "{ unit = \"app@1.service\", reload = true }"
      ),
      ("service haproxy reload >/dev/null", "{ unit = \"haproxy.service\", reload = true }"),
      ("invoke-rc.d --quiet squid reload", "{ unit = \"squid.service\", reload = true }"),
      ("invoke-rc.d nginx rotate >/dev/null 2>&1", "{ unit = \"nginx.service\", signal = \"USR1\" }"),
      ("/usr/lib/rsyslog/rsyslog-rotate", "{ unit = \"rsyslog.service\", signal = \"HUP\" }"),
      ("systemctl kill --kill-who=main -s HUP app", "{ unit = \"app.service\", signal = \"HUP\" }"),
    ])
  func units(script: String, table: String) {
    #expect(notify(script) == table)
  }

  @Test(
    "is a command where it is anything else",
    arguments: [
      "kill -USR1 $(pidof app)", "kill $(cat /run/app.pid)", "kill -USR1 $(cat $PID)", "kill -USR1 $(cat /run/*.pid)",
      "kill -USR1 $(cat /run/a.pid) $(cat /run/b.pid)", "kill -USR1 $(cat /run/a.pid); kill -USR1 $(cat /run/b.pid)",
      "[ -f /run/other.pid ] && kill -USR1 $(cat /run/app.pid)", "systemctl restart app", "systemctl reload a b",
      "systemctl kill -s HUP app", "service app rotate", "invoke-rc.d app rotate", "systemctl reload app && echo done",
      "systemctl reload app > /tmp/out", "if [ -f /run/app.pid ]; then kill -HUP $(cat /run/app.pid); else true; fi",
      "kill -KILL $(cat /run/app.pid)", "kill -HUP $(cat run/app.pid)", "killall -HUP app", "systemctl reload $1",
      "systemctl reload app | cat", "systemctl reload app &", "cat /run/app.pid | xargs kill -HUP",
    ])
  func others(script: String) {
    #expect(notify(script) == nil, "\(script)")
  }
}
