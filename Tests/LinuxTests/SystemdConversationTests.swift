import CLinux
import Daemon
import EventLoop
import Glibc
import Testing

@testable import Linux

/// Serialized: signals and the environment belong to the whole process.
@Suite("The conversation with systemd", .serialized)
struct SystemdConversationTests {
  @Test("turns signals into requests on the loop, merged and in no other way")
  func requests() throws {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let manager = try SystemdServiceManager(driver: driver)
    var requests: [Request] = []
    // Sent before there is a receiver: the kernel keeps them.
    for signal in [SIGHUP, SIGHUP, SIGUSR1] { #expect(raise(signal) == 0) }
    manager.onRequest = { request in
      requests.append(request)
      if requests.count == 2 { loop.stop() }
    }
    loop.run()
    #expect(requests.count == 2)
    #expect(Set(requests) == [.reload, .lookNow])
    for signal in [SIGTERM, SIGINT] {
      requests = []
      #expect(raise(signal) == 0)
      manager.onRequest = { request in
        requests.append(request)
        loop.stop()
      }
      loop.run()
      #expect(requests == [.stop])
    }
  }

  private func makeManager() throws -> SystemdServiceManager {
    try SystemdServiceManager(driver: EpollDriver())
  }

  @Test("releases the signals at its end")
  func mask() throws {
    func isBlocked() -> Bool {
      var mask = sigset_t()
      unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
      return unsafe sigismember(&mask, SIGUSR1) == 1
    }
    let before = isBlocked()
    do {
      let manager = try makeManager()
      #expect(isBlocked())
      withExtendedLifetime(manager) {}
    }
    #expect(isBlocked() == before)
  }

  @Test("sends what sd_notify(3) asks for, and a status cannot add a line")
  func notifications() throws {
    let scratch = try ScratchDirectory()
    let socket = try DatagramSocket(at: "\(scratch.path)/notify")
    #expect(unsafe setenv("NOTIFY_SOCKET", "\(scratch.path)/notify", 1) == 0)
    defer { unsafe unsetenv("NOTIFY_SOCKET") }
    let manager = try makeManager()
    manager.notify(.ready(status: "10 jobs\nWATCHDOG=trigger"))
    #expect(socket.receive() == "READY=1\nSTATUS=10 jobs WATCHDOG=trigger")
    manager.notify(.status("idle"))
    #expect(socket.receive() == "STATUS=idle")
    manager.notify(.stopping(status: "bye"))
    #expect(socket.receive() == "STOPPING=1\nSTATUS=bye")
    manager.notify(.watchdog)
    #expect(socket.receive() == "WATCHDOG=1")
    manager.notify(.watchdogTrigger)
    #expect(socket.receive() == "WATCHDOG=trigger")
    manager.notify(.extendTimeout(microseconds: 5_000_000))
    #expect(socket.receive() == "EXTEND_TIMEOUT_USEC=5000000")
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    manager.notify(.reloading)
    let reloading = try #require(socket.receive())
    #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
    let stamp = try #require(Int(reloading.split(separator: "=").last ?? ""))
    let microseconds = time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    #expect((microseconds..<microseconds + 60_000_000).contains(stamp))
  }

  @Test("does not wait for a manager that reads nothing, and sends the latest of each kind when it reads again")
  func hangingManager() throws {
    let scratch = try ScratchDirectory()
    let socket = try DatagramSocket(at: "\(scratch.path)/notify")
    #expect(unsafe setenv("NOTIFY_SOCKET", "\(scratch.path)/notify", 1) == 0)
    defer { unsafe unsetenv("NOTIFY_SOCKET") }
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let manager = try SystemdServiceManager(driver: driver)
    // More than any queue of datagrams has room for (/proc/sys/net/unix/max_dgram_qlen).
    for number in 1...5_000 {
      manager.notify(.status("\(number)"))
      manager.notify(.watchdog)
    }
    manager.notify(.reloading)
    manager.notify(.ready(status: "reloaded"))
    manager.notify(.status("last"))
    var received: [String] = []
    try driver.watch(socket.number, events: EPOLLIN.rawValue) { _ in
      while let message = socket.receive() { received.append(message) }
      if received.last == "STATUS=last" { loop.stop() }
    }
    loop.run()
    driver.unwatch(socket.number)
    #expect(received.count < 5_000)
    let tail = received.suffix(4).map { $0.split(separator: "\n")[0] }
    #expect(tail == ["WATCHDOG=1", "RELOADING=1", "READY=1", "STATUS=last"])
  }

  @Test("finds a manager that has restarted at the same address")
  func newManager() throws {
    let scratch = try ScratchDirectory()
    let path = "\(scratch.path)/notify"
    #expect(unsafe setenv("NOTIFY_SOCKET", path, 1) == 0)
    defer { unsafe unsetenv("NOTIFY_SOCKET") }
    let manager = try makeManager()
    do {
      let first = try DatagramSocket(at: path)
      manager.notify(.status("one"))
      #expect(first.receive() == "STATUS=one")
    }
    manager.notify(.status("nobody is there"))
    #expect(unsafe unlink(path) == 0)
    let second = try DatagramSocket(at: path)
    manager.notify(.status("two"))
    #expect(second.receive() == "STATUS=two")
  }

  @Test("is reached by an abstract name, too")
  func abstractName() throws {
    let name = "rotated-test-\(getpid())"
    let socket = try DatagramSocket(at: "\0\(name)")
    #expect(unsafe setenv("NOTIFY_SOCKET", "@\(name)", 1) == 0)
    defer { unsafe unsetenv("NOTIFY_SOCKET") }
    try makeManager().notify(.watchdog)
    #expect(socket.receive() == "WATCHDOG=1")
  }

  @Test("sends nothing where nobody listens")
  func silent() throws {
    unsafe unsetenv("NOTIFY_SOCKET")
    let manager = try makeManager()
    manager.notify(.ready(status: "alone"))
    #expect(manager.watchdogInterval == nil)
  }

  @Test("pings at half of the watchdog's time, if the watchdog is for this process")
  func watchdog() throws {
    defer { for name in ["WATCHDOG_USEC", "WATCHDOG_PID"] { unsafe unsetenv(name) } }
    unsafe setenv("WATCHDOG_USEC", "30000000", 1)
    unsafe setenv("WATCHDOG_PID", "\(getpid())", 1)
    #expect(try makeManager().watchdogInterval == 15_000_000_000)
    unsafe setenv("WATCHDOG_PID", "1", 1)
    #expect(try makeManager().watchdogInterval == nil)
  }
}
