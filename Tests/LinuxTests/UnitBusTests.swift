import Daemon
import EventLoop
import Glibc
import Rotation
import Testing

@testable import Linux
import Timekeeping

/// Serialized: the address of the bus is in the environment, which belongs to the whole process.
@Suite("Units are told over a real bus", .serialized, .enabled(if: TestBus.isThere))
struct UnitBusTests {
  let scratch: ScratchDirectory
  let driver: EpollDriver
  let loop: LoopExecutor

  init() throws {
    scratch = try ScratchDirectory()
    driver = try EpollDriver()
    loop = LoopExecutor(driver: driver)
  }

  private func use(_ address: String) { unsafe setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1) }

  /// Tells all at once, and waits for all; what each has come to, in their order.
  private func tell(_ units: UnitBus, _ wanted: [(String, UnitAction)]) -> [String?] {
    var ends: [String?] = Array(repeating: "never", count: wanted.count)
    var open = wanted.count
    for (index, (unit, action)) in wanted.enumerated() {
      units.tell(unit: unit, action) { failure in
        ends[index] = failure?.message
        open -= 1
        if open == 0 { loop.stop() }
      }
      #expect(ends[index] == "never")
    }
    loop.run()
    return ends
  }

  @Test("a reload is asked for with mode replace and has succeeded when its job is done, whichever is told first")
  func reload() throws {
    let bus = try TestBus(in: scratch)
    use(bus.address)
    let systemd = try FakeSystemd(on: bus.address, driver: driver)
    defer { systemd.leave(driver) }
    systemd.reload = { $0 == "early.service" ? .endsEarly("done") : .ends("done") }
    let units = UnitBus(driver: driver, loop: loop)
    #expect(!units.isConnected)
    #expect(tell(units, [("a.service", .reload), ("early.service", .reload)]) == [nil, nil])
    #expect(
      systemd.calls == ["Subscribe", "ReloadUnit a.service replace", "ReloadUnit early.service replace"])
    // And once more, on a new connection.
    #expect(tell(units, [("a.service", .signal(SIGUSR1))]) == [nil])
    #expect(systemd.calls.last == "KillUnit a.service main \(SIGUSR1)")
  }

  @Test("a connection is there only while something is asked")
  func lazy() throws {
    let bus = try TestBus(in: scratch)
    use(bus.address)
    let systemd = try FakeSystemd(on: bus.address, driver: driver)
    defer { systemd.leave(driver) }
    let units = UnitBus(driver: driver, loop: loop)
    let before = sockets()
    for _ in 0..<20 { #expect(tell(units, [("a.service", .reload)]) == [nil]) }
    // The last end is handed out before the connection is closed, in the same turn of the loop.
    loop.run(for: .milliseconds(1))
    #expect(!units.isConnected)
    #expect(sockets() == before)
  }

  @Test(
    "a job that ends otherwise, and a refusal, are failures with their names",
    arguments: ["failed", "canceled", "timeout", "dependency", "skipped"])
  func failures(result: String) throws {
    let bus = try TestBus(in: scratch)
    use(bus.address)
    let systemd = try FakeSystemd(on: bus.address, driver: driver)
    defer { systemd.leave(driver) }
    systemd.reload = { unit in
      switch unit {
      case "late": .ends(result)
      case "early": .endsEarly(result)
      default: .refused("Unit \(unit) not found.")
      }
    }
    let units = UnitBus(driver: driver, loop: loop)
    let ends = tell(units, [("late", .reload), ("early", .reload), ("none", .reload)])
    #expect(
      ends == ["the reload ended with '\(result)'", "the reload ended with '\(result)'", "Unit none not found."])
  }

  @Test("what is not answered, and a job without end, fail at the limit; others do not wait for them")
  func limit() throws {
    let bus = try TestBus(in: scratch)
    use(bus.address)
    let systemd = try FakeSystemd(on: bus.address, driver: driver)
    defer { systemd.leave(driver) }
    systemd.reload = { $0 == "ok" ? .ends("done") : $0 == "mute" ? .unanswered : .runsForEver }
    let units = UnitBus(driver: driver, loop: loop, limit: .milliseconds(200))
    let ends = tell(units, [("mute", .reload), ("ok", .reload), ("long", .reload)])
    #expect(ends[1] == nil)
    #expect(ends[0] != nil)
    #expect(ends[2] == "no answer within 200ms")
  }

  @Test("a bus that dies is a failure, and a bus that comes back is found")
  func reconnect() throws {
    let units = UnitBus(driver: driver, loop: loop)
    do {
      let bus = try TestBus(in: scratch)
      use(bus.address)
      let systemd = try FakeSystemd(on: bus.address, driver: driver)
      systemd.reload = { _ in
        bus.stop()
        return .runsForEver
      }
      let ends = tell(units, [("a.service", .reload)])
      #expect(ends[0] != nil)
      systemd.leave(driver)
    }
    let bus = try TestBus(in: scratch)
    let systemd = try FakeSystemd(on: bus.address, driver: driver)
    defer { systemd.leave(driver) }
    #expect(tell(units, [("a.service", .reload)]) == [nil])
  }

  @Test("where no manager is on the bus, or no bus is there, that is said")
  func nobody() throws {
    let bus = try TestBus(in: scratch)
    use(bus.address)
    let units = UnitBus(driver: driver, loop: loop)
    let ends = tell(units, [("a.service", .reload), ("a.service", .signal(SIGHUP))])
    #expect(ends.allSatisfy { $0?.contains("org.freedesktop.systemd1") == true }, "\(ends)")
    use("unix:path=\(scratch.path)/nothing")
    // Where a real systemd runs, root reaches it by its own socket.
    let end = tell(units, [("rotated-test-none.service", .reload)])[0]
    #expect(end != nil)
    if unsafe access("/run/systemd/private", F_OK) != 0 {
      let places = "unix:path=\(scratch.path)/nothing" + (geteuid() == 0 ? " or unix:path=/run/systemd/private" : "")
      #expect(end == "no service manager can be reached at \(places): No such file or directory")
    }
  }

  /// How many descriptors of the process are connected sockets of the test's bus or any other.
  private func sockets() -> Int {
    (0..<1024).count { number in
      var target = [CChar](repeating: 0, count: 64)
      guard unsafe readlink("/proc/self/fd/\(number)", &target, 63) > 0 else { return false }
      return String(decoding: target.map { UInt8(bitPattern: $0) }, as: UTF8.self).hasPrefix("socket:")
    }
  }
}

extension LoopExecutor {
  /// Runs for so long.
  fileprivate func run(for span: Span) {
    let alarm = Alarm(on: self)
    let end = MonotonicTime(nanoseconds: now().nanoseconds + span.nanoseconds)
    Task(executorPreference: self) {
      _ = await alarm.wait(until: .monotonic(end))
      self.stop()
    }
    run()
  }
}
