import CSystemd
import EventLoop
import Glibc
import Linux
import Rotation
import Testing

/// A D-Bus daemon of a test's own; killed when the test lets go of it.
final class TestBus {
  static let program = "/usr/bin/dbus-daemon"
  static let isThere = unsafe access(program, X_OK) == 0

  let address: String
  private let process: pid_t

  /// Starts the daemon, which forks when it listens.
  init(in scratch: ScratchDirectory) throws {
    let (socket, pidFile, config) = ("\(scratch.path)/bus", "\(scratch.path)/bus.pid", "\(scratch.path)/bus.conf")
    let text = """
      <busconfig><type>session</type><listen>unix:path=\(socket)</listen><auth>EXTERNAL</auth><pidfile>\(pidFile)</pidfile>
      <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
      <allow eavesdrop="true"/></policy></busconfig>
      """
    for name in ["bus", "bus.pid"] { _ = unsafe unlink("\(scratch.path)/\(name)") }
    try scratch.fileSystem.write(Array(text.utf8), to: "bus.conf", in: scratch.open())
    try #require(run(Self.program, "--config-file=\(config)", "--fork") == 0)
    address = "unix:path=\(socket)"
    process = try #require(pid_t(FileText.read(pidFile).prefix { $0.isNumber }))
  }

  deinit { stop() }

  func stop() { kill(process, SIGKILL) }
}

/// org.freedesktop.systemd1 as a test plays it, on the loop of the test.
@safe final class FakeSystemd {
  /// What becomes of a reload.
  enum Reload {
    case ends(String)
    /// Its end is told before the answer that names the job.
    case endsEarly(String)
    case runsForEver
    case refused(String)
    case unanswered
  }

  var reload: (_ unit: String) -> Reload = { _ in .ends("done") }
  /// `ReloadUnit a.service replace`, `KillUnit a.service main 10`.
  private(set) var calls: [String] = []
  private let bus: OpaquePointer
  private let descriptor: Int32
  private var jobs: UInt32 = 0
  private static let path = "/org/freedesktop/systemd1"
  private static let interface = "org.freedesktop.systemd1.Manager"

  init(on address: String, driver: EpollDriver) throws {
    var made: OpaquePointer?
    try #require(unsafe sd_bus_new(&made) >= 0)
    unsafe bus = try #require(made)
    try #require(unsafe sd_bus_set_address(bus, address) >= 0)
    try #require(unsafe sd_bus_set_bus_client(bus, 1) >= 0)
    try #require(unsafe sd_bus_start(bus) >= 0)
    try #require(unsafe sd_bus_request_name(bus, "org.freedesktop.systemd1", 0) >= 0)
    descriptor = unsafe sd_bus_get_fd(bus)
    let userdata = unsafe Unmanaged.passUnretained(self).toOpaque()
    let handler: sd_bus_message_handler_t = { message, userdata, _ in
      guard let message = unsafe message, let userdata = unsafe userdata else { return 0 }
      return unsafe Unmanaged<FakeSystemd>.fromOpaque(userdata).takeUnretainedValue().answer(message)
    }
    try #require(unsafe sd_bus_add_object(bus, nil, Self.path, handler, userdata) >= 0)
    try driver.watch(descriptor, events: EPOLLIN.rawValue) { [unowned self] _ in process() }
    process()
  }

  func leave(_ driver: EpollDriver) {
    // sd-bus forgets the number when the bus has gone.
    driver.unwatch(descriptor)
    _ = unsafe sd_bus_close_unref(bus)
  }

  private func process() {
    while unsafe sd_bus_process(bus, nil) > 0 {}
    _ = unsafe sd_bus_flush(bus)
  }

  private func answer(_ message: OpaquePointer) -> Int32 {
    let method = unsafe sd_bus_message_get_member(message).map { unsafe String(cString: $0) } ?? ""
    switch method {
    case "ReloadUnit":
      let (unit, mode) = (unsafe text(message), unsafe text(message))
      calls.append("\(method) \(unit) \(mode)")
      unsafe answer(message, reload(unit), unit)
      return 1
    case "KillUnit":
      let (unit, whom) = (unsafe text(message), unsafe text(message))
      var signal: Int32 = 0
      _ = unsafe sd_bus_message_read_basic(message, CChar(UInt8(ascii: "i")), &signal)
      calls.append("\(method) \(unit) \(whom) \(signal)")
      unsafe reply(message) { _ in }
      return 1
    case "Subscribe":
      calls.append(method)
      return 1
    default: return 0
    }
  }

  private func answer(_ message: OpaquePointer, _ end: Reload, _ unit: String) {
    jobs += 1
    let job = "\(Self.path)/job/\(jobs)"
    switch end {
    case .unanswered: return
    case .refused(let why):
      var error = unsafe sd_bus_error()
      _ = unsafe sd_bus_error_set(&error, "org.freedesktop.systemd1.NoSuchUnit", why)
      _ = unsafe sd_bus_reply_method_error(message, &error)
      unsafe sd_bus_error_free(&error)
    case .runsForEver: unsafe reply(message) { unsafe append("o", job, to: $0) }
    case .ends(let result):
      unsafe reply(message) { unsafe append("o", job, to: $0) }
      signal("\(Self.path)/job/99", "other.service", "failed")
      signal(job, unit, result)
    case .endsEarly(let result):
      signal(job, unit, result)
      unsafe reply(message) { unsafe append("o", job, to: $0) }
    }
  }

  private func reply(_ message: OpaquePointer, _ fill: (OpaquePointer) -> Void) {
    var made: OpaquePointer?
    guard unsafe sd_bus_message_new_method_return(message, &made) >= 0, let reply = unsafe made else { return }
    unsafe fill(reply)
    _ = unsafe sd_bus_send(bus, reply, nil)
    _ = unsafe sd_bus_message_unref(reply)
  }

  private func signal(_ job: String, _ unit: String, _ result: String) {
    var made: OpaquePointer?
    guard unsafe sd_bus_message_new_signal(bus, &made, Self.path, Self.interface, "JobRemoved") >= 0,
      let signal = unsafe made
    else { return }
    var number = jobs
    _ = unsafe sd_bus_message_append_basic(signal, CChar(UInt8(ascii: "u")), &number)
    unsafe append("o", job, to: signal)
    for text in [unit, result] { unsafe append("s", text, to: signal) }
    _ = unsafe sd_bus_send(bus, signal, nil)
    _ = unsafe sd_bus_message_unref(signal)
  }

  private func append(_ type: Unicode.Scalar, _ text: String, to message: OpaquePointer) {
    _ = unsafe text.withCString { unsafe sd_bus_message_append_basic(message, CChar(type.value), $0) }
  }

  private func text(_ message: OpaquePointer) -> String {
    var text: UnsafePointer<CChar>?
    guard unsafe sd_bus_message_read_basic(message, CChar(UInt8(ascii: "s")), &text) > 0, let text = unsafe text else {
      return ""
    }
    return unsafe String(cString: text)
  }
}
