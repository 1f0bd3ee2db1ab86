import Glibc
import Testing

@Suite("Commands that ask and steer the built daemon")
struct CommandDaemonTests {
  let scratch = Scratch()

  /// Runs rotatectl on the daemon of this test.
  private func ask(
    _ command: String, _ more: String..., environment: [String: String] = [:]
  ) throws -> (code: Int32, text: String) {
    try ask(command, more, environment: environment)
  }

  private func ask(
    _ command: String, _ more: [String], environment: [String: String] = [:]
  ) throws -> (code: Int32, text: String) {
    try Program.run(
      Program.rotatectl, [command, "--control", scratch["run/control"]] + more, environment: environment)
  }

  private func start() throws -> RunningDaemon {
    try scratch.append("line\n", to: "logs/app.log")
    try scratch.append("line\n", to: "logs/big.log")
    return try RunningDaemon(
      scratch, scratch.job("app", "every = '1h'", "keep = 3") + scratch.job("big", "size = '1G'"))
  }

  @Test(
    "without a daemon a command says so in one line, on standard error, and exits with 3",
    arguments: [
      ["status"], ["status", "-x"], ["status", "--json"], ["list"], ["explain", "/x.log"], ["events"], ["metrics"],
      ["pause", "a"], ["resume", "a"], ["reload"], ["retry-hooks"], ["rotate"],
    ])
  func notRunning(_ command: [String]) throws {
    let arguments = [command[0], "--control", scratch["run/control"]] + command.dropFirst()
    let (code, text) = try Program.run(Program.rotatectl, arguments)
    #expect(code == 3)
    #expect(text == "rotatectl: rotated is not running: nobody listens at \(scratch["run/control"])\n")
    let script = "\(([Program.rotatectl] + arguments).joined(separator: " ")) 2>/dev/null"
    #expect(try Program.run("sh", ["-c", script]).text == "")
  }

  @Test("status shows the daemon and its jobs, -x that nothing is wrong with 0, and what is wrong with 1")
  func status() throws {
    let daemon = try start()
    let (code, text) = try ask("status")
    #expect(code == 0)
    #expect(text.contains("process \(daemon.pid)") && text.contains("2 jobs, 2 logs"), "\(text)")
    #expect(text.contains("JOB") && text.contains("app ") && text.contains("5B/1G"), "\(text)")
    #expect(try !ask("status", "--no-legend").text.contains("JOB"))
    let sound = try ask("status", "-x")
    #expect(sound.code == 0 && sound.text == "No problems: 2 jobs, 2 logs\n")
    let one = try ask("status", scratch["logs/app.log"])
    #expect(one.text.contains(scratch["logs/app.log"]) && !one.text.contains("big"), "\(one.text)")
    try scratch.write(
      scratch.job("app", "every = '1h'", "notify = [{ command = ['/bin/false'] }]"), to: "rotated.toml")
    #expect(try ask("reload").code == 0)
    _ = try ask("rotate", "app", "--wait")
    try daemon.eventually("a problem") { try ask("status", "-x").code == 1 }
    let broken = try ask("status", "-x")
    #expect(broken.text.contains("cannot notify '/bin/false'") && broken.text.contains("since"), "\(broken.text)")
    try daemon.stop()
  }

  @Test("--json is an object a line, list has one for each job")
  func json() throws {
    let daemon = try start()
    let status = try ask("status", "--json").text
    #expect(status.hasPrefix("{\"daemon\":{\"schema\":1,") && status.split(separator: "\n").count == 1, "\(status)")
    let list = try ask("list", "--json").text.split(separator: "\n")
    #expect(list.count == 2 && list[0].hasPrefix("{\"name\":\"app\","), "\(list)")
    let explain = try ask("explain", "--json", scratch["logs/app.log"]).text
    #expect(explain.hasPrefix("{\"path\":\"\(scratch["logs/app.log"])\",\"standing\":\"log\""), "\(explain)")
    let plan = try scratch.rotatectl("plan", "--json", "app").text
    #expect(plan.contains("\"action\":\"exchange\"") && plan.split(separator: "\n").count == 1, "\(plan)")
    try daemon.stop()
  }

  @Test("rotate has the daemon rotate a log or a job, and says what came of it")
  func rotate() throws {
    let daemon = try start()
    let log = try ask("rotate", "--wait", scratch["logs/big.log"])
    #expect(log.code == 0 && log.text.contains("rotated") && log.text.hasSuffix("1 rotated\n"), "\(log.text)")
    #expect(scratch.list("logs").contains("big.log.1") && !scratch.list("logs").contains("app.log.1"))
    let due = try ask("rotate", "--wait", "--due", "app")
    #expect(due.code == 0 && !scratch.list("logs").contains("app.log.1"), "\(due.text)")
    let job = try ask("rotate", "app")
    #expect(job.code == 0 && job.text.contains("--wait"), "\(job.text)")
    try daemon.eventually("the archive") { scratch.list("logs").contains("app.log.1") }
    let wrong = try ask("rotate", "ap")
    #expect(wrong.code == 1 && wrong.text == "rotatectl: no job 'ap', did you mean 'app'?\n", "\(wrong.text)")
    let unknown = try ask("rotate", "/var/log/none.log")
    #expect(unknown.code == 1 && unknown.text.contains("rotatectl explain /var/log/none.log"), "\(unknown.text)")
    try daemon.stop()
  }

  @Test("pause and resume jobs; all of them only if that is said")
  func pause() throws {
    let daemon = try start()
    let paused = try ask("pause", "app", "--for", "2h")
    #expect(paused.code == 0 && paused.text.hasPrefix("paused app until "), "\(paused.text)")
    #expect(try ask("status").text.contains("paused (1h 59min"))
    #expect(try ask("pause").code == 64)
    #expect(try ask("pause", "--all").text == "paused all jobs until `rotatectl resume`\n")
    #expect(try ask("resume", "--all").text == "resumed all jobs\n")
    #expect(try !ask("status").text.contains("paused"))
    let span = try ask("pause", "app", "--for", "2")
    #expect(span.code == 64 && span.text.contains("the number 2 has no unit"), "\(span.text)")
    try daemon.stop()
  }

  @Test("reload says what has changed, shows the errors of a config with 78, and tries a config for a while")
  func reload() throws {
    let daemon = try start()
    try scratch.write(scratch.job("app", "every = '2h'") + scratch.job("new", "every = '1h'"), to: "rotated.toml")
    let (code, text) = try ask("reload", "--trial", "10min")
    #expect(code == 0, "\(text)")
    for words in ["1 job added (new)", "1 job changed (app)", "1 job removed (big)", "on trial until"] {
      #expect(text.contains(words), "\(text)")
    }
    #expect(try ask("reload", "--confirm").code == 0)
    let late = try ask("reload", "--confirm")
    #expect(late.code == 1 && late.text == "rotatectl: no config is on trial\n")
    try scratch.write("[job.app]\nlogs = '/x.log'\nevry = '1h'\n", to: "rotated.toml")
    let wrong = try ask("reload")
    #expect(wrong.code == 78 && wrong.text.contains("rotated.toml:3:1"), "\(wrong.text)")
    let rejected = try ask("status", "-x")
    #expect(rejected.code == 1 && rejected.text.contains("config rejected"), "\(rejected.text)")
    try daemon.stop()
  }

  @Test("events are shown as they happen, until the daemon ends")
  func events() throws {
    let daemon = try start()
    let events = try Program(Program.rotatectl, ["events", "--control", scratch["run/control"], "app"])
    // Nothing says when the subscription has begun but its first event.
    try daemon.eventually("an event") {
      _ = try ask("rotate", "--wait", "app", scratch["logs/big.log"])
      try scratch.append("line\n", to: "logs/app.log")
      return events.read().contains("rotated \(scratch["logs/app.log"])")
    }
    try daemon.stop()
    #expect(try events.waitForEnd() == 3)
    #expect(!events.text.contains("big.log"), "\(events.text)")
  }

  @Test("metrics are OpenMetrics, and Prometheus text on request")
  func metrics() throws {
    let daemon = try start()
    let open = try ask("metrics").text
    #expect(open.contains("# TYPE rotated_build info\n") && open.hasSuffix("# EOF\n"), "\(open)")
    let text = try ask("metrics", "--prometheus").text
    #expect(text.contains("# TYPE rotated_build_info gauge\n") && !text.contains("# EOF"), "\(text)")
    try daemon.stop()
  }

  @Test("explain works with a daemon and, from the config, without one")
  func explain() throws {
    let daemon = try start()
    let here = try scratch.rotatectl("explain", scratch["logs/app.log"])
    let there = try ask("explain", scratch["logs/app.log"])
    for text in [here.text, there.text] {
      #expect(text.contains("Log of job app"), "\(text)")
      #expect(text.contains("exchange app.log with .app.log.rotated"), "\(text)")
    }
    #expect(here.code == 0 && there.code == 0)
    try scratch.write("x", to: "logs/stray.txt")
    let (log, stray) = (scratch["logs/app.log"], scratch["logs/stray.txt"])
    _ = try ask("rotate", "--wait", "app")
    for (paths, code) in [([stray], 1), ([log, stray], 1), ([stray, log], 1), ([log + ".1"], 0), ([log, log], 0)] {
      let (local, asked) = (try scratch.rotatectl("explain", paths), try ask("explain", ["--json"] + paths))
      #expect(local.code == code && asked.code == code, "\(paths): \(local.text) \(asked.text)")
      #expect(local.text.contains("No job has it") == (code == 1) && asked.text.contains("unclaimed") == (code == 1))
      #expect(local.text.contains("Log of job app") == paths.contains(log))
    }
    try daemon.stop()
  }

  @Test("explain and status name the processes that have a log or an archive open, and list shows single logs")
  func holders() throws {
    let daemon = try start()
    let log = scratch["logs/app.log"]
    let holder = try Program("sh", ["-c", "exec 3>>\(log) 4<\(log); echo ready; read -r _ <&4; sleep 60 3>&- 4<&-"])
    try holder.waitForOutput("ready")
    let user = geteuid()
    let live = try ask("explain", log).text
    #expect(live.contains("Written by sh, process \(holder.pid) of user \(user)\n"), "\(live)")
    #expect(live.contains("Read by sh, process \(holder.pid) of user \(user), 0B unread\n"), "\(live)")
    _ = try ask("rotate", "--wait", "app")
    let archive = try ask("explain", log).text
    #expect(archive.contains("  app.log.1:\n    Written by sh, process \(holder.pid) of user \(user)\n"), "\(archive)")
    let status = try ask("status", environment: ["COLUMNS": "160"]).text
    #expect(status.contains("sh(\(holder.pid))"), "\(status)")
    let logs = try ask("list", "--logs", environment: ["COLUMNS": "200"]).text
    #expect(logs.contains(log) && logs.hasSuffix("2 logs\n"), "\(logs)")
    #expect(try ask("list", log, "--json").text.hasPrefix("{\"path\":\"\(log)\","))
    #expect(try ask("status", "app").text.contains("1 of 2 jobs, 1 log,"))
    try daemon.stop()
  }

  @Test("whoever is neither root, the daemon's user nor of its group is told who may ask")
  func permission() throws {
    try #require(geteuid() == 0, "needs root")
    let daemon = try start()
    chmod(scratch.path, 0o755)
    let command = [Program.rotatectl, "status", "--control", scratch["run/control"]]
    let (code, text) = try Program.run(
      "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups"] + command)
    #expect(code == 77 && text.contains("root, the user of the daemon and members of its group may"), "\(text)")
    chmod(scratch["run/control"], 0o666)
    let act = try Program.run(
      "setpriv",
      ["--reuid", "65534", "--regid", "65534", "--clear-groups", Program.rotatectl, "reload", "--control"]
        + [scratch["run/control"]])
    #expect(
      act.code == 77 && act.text == "rotatectl: only root and the user of the daemon may do this\n", "\(act.text)")
    try daemon.stop()
  }

  @Test("a command that is misspelt is suggested, with 64")
  func suggestion() throws {
    let (code, text) = try Program.run(Program.rotatectl, ["statsu"])
    #expect(code == 64 && text.contains("did you mean 'status'?"), "\(text)")
    #expect(try Program.run(Program.rotatectl, ["xyzzy"]).code == 64)
  }

  @Test("Tab completes jobs and logs from the daemon, else from the config")
  func completion() throws {
    func complete(_ command: String, _ options: [String], _ word: String) throws -> [Substring] {
      let words = ["rotatectl", command] + options + [word]
      let arguments =
        ["---completion", command, "--", "positional@0", "\(words.count - 1)", "\(word.utf8.count)"] + words
      return try Program.run(Program.rotatectl, arguments).text.split(separator: "\n")
    }
    let daemon = try start()
    let control = ["--control", scratch["run/control"]]
    #expect(try complete("status", control, "a") == ["app", "big"])
    #expect(
      try complete("status", control, "/").map(String.init) == [scratch["logs/app.log"], scratch["logs/big.log"]])
    #expect(try complete("pause", control, "") == ["app", "big"])
    try daemon.stop()
    let config = ["--control", scratch["run/control"], "--config", scratch["rotated.toml"]]
    #expect(try complete("rotate", config, "") == ["app", "big"])
  }
}
