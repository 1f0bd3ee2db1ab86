internal import CSystemd
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// A connection to the service manager's bus (sd-bus(3)) that never waits: who owns it processes it when its descriptor
/// or its timeout says so.
///
/// On the system bus, or, for root where there is none, on the manager's own socket, which needs no bus daemon.
@safe final class BusConnection {
  /// What stands in the way of a call, in words.
  struct Failure: Error {
    var message: String
  }

  private static let destination = "org.freedesktop.systemd1"
  private static let path = "/org/freedesktop/systemd1"
  private static let interface = "org.freedesktop.systemd1.Manager"
  private static let systemBus = "unix:path=/run/dbus/system_bus_socket"
  private static let ownSocket = "unix:path=/run/systemd/private"
  private static let match =
    "type='signal',path='\(path)',interface='\(interface)',member='JobRemoved'"

  /// A job of the manager has ended, with this result: `done`, `failed` and so on.
  var onJobRemoved: (_ job: String, _ result: String) -> Void = { _, _ in }

  private let bus: OpaquePointer
  private let driver: EpollDriver
  private let onReady: () -> Void
  private var watched: (descriptor: Int32, events: UInt32)?

  /// Connects and asks for the ends of jobs. `onReady` is called when there is something to process.
  init(driver: EpollDriver, onReady: @escaping () -> Void) throws(Failure) {
    self.driver = driver
    self.onReady = onReady
    unsafe self.bus = try Self.open()
    let userdata = unsafe Unmanaged.passUnretained(self).toOpaque()
    var code = unsafe sd_bus_add_match_async(
      bus, nil, Self.match, { message, userdata, _ in unsafe BusConnection.takeSignal(message, userdata) }, nil,
      userdata)
    if code >= 0 {
      // Before any job is asked for: its end could come before our question for it.
      code = sendWithoutReply("Subscribe")
    }
    guard code >= 0 else { throw Failure(message: "the service manager cannot be asked: \(Self.words(code))") }
  }

  deinit {
    if let watched { driver.unwatch(watched.descriptor) }
    _ = unsafe sd_bus_close_unref(bus)
  }

  // MARK: Opening

  private static func open() throws(Failure) -> OpaquePointer {
    var opened: OpaquePointer?
    var code = unsafe sd_bus_open_system(&opened)
    if code < 0, geteuid() == 0, let own = unsafe openOwnSocket() {
      unsafe opened = own
      code = 0
    }
    guard code >= 0, let bus = unsafe opened else {
      let bus = ReportStyle.environmentVariable("DBUS_SYSTEM_BUS_ADDRESS") ?? systemBus
      let places = geteuid() == 0 ? "\(bus) or \(ownSocket)" : bus
      throw Failure(message: "no service manager can be reached at \(places): \(words(code))")
    }
    return unsafe bus
  }

  private static func openOwnSocket() -> OpaquePointer? {
    var made: OpaquePointer?
    guard unsafe sd_bus_new(&made) >= 0, let bus = unsafe made else { return nil }
    guard unsafe sd_bus_set_address(bus, ownSocket) >= 0, unsafe sd_bus_start(bus) >= 0 else {
      _ = unsafe sd_bus_unref(bus)
      return nil
    }
    return unsafe bus
  }

  // MARK: Calling

  /// A method call of the manager, to be given its arguments and sent.
  func call(_ method: String, _ add: (OpaquePointer) -> Int32, _ send: (OpaquePointer) -> Int32) -> Int32 {
    var made: OpaquePointer?
    let code = unsafe sd_bus_message_new_method_call(
      bus, &made, Self.destination, Self.path, Self.interface, method)
    guard code >= 0, let message = unsafe made else { return code }
    defer { _ = unsafe sd_bus_message_unref(message) }
    let added = unsafe add(message)
    return unsafe added < 0 ? added : send(message)
  }

  /// Calls a method whose answer is handed to `callback` with `userdata`, once, within so many microseconds, unless the
  /// slot that is returned is given back before. Returns a negative error number instead.
  func call(
    _ method: String, timeout: UInt64, _ callback: @escaping sd_bus_message_handler_t,
    _ userdata: UnsafeMutableRawPointer, arguments add: (OpaquePointer) -> Int32
  ) -> (slot: OpaquePointer?, code: Int32) {
    var slot: OpaquePointer?
    let code = unsafe call(method, add) { message in
      unsafe sd_bus_call_async(bus, &slot, message, callback, userdata, timeout)
    }
    return unsafe (slot, code)
  }

  private func sendWithoutReply(_ method: String) -> Int32 {
    unsafe call(method) { message in
      unsafe sd_bus_message_set_expect_reply(message, 0)
    } _: { message in
      unsafe sd_bus_send(bus, message, nil)
    }
  }

  // MARK: Processing

  /// Does everything that can be done without waiting; throws when the connection is lost.
  func process() throws(Failure) {
    while true {
      let code = unsafe sd_bus_process(bus, nil)
      guard code >= 0 else {
        throw Failure(message: "the connection to the service manager is lost: \(Self.words(code))")
      }
      if code == 0 { return }
    }
  }

  /// Watches for what the connection waits for now. Returns how many nanoseconds it may wait at most; nil is for ever.
  func watch() throws(Failure) -> Int64? {
    let descriptor = unsafe sd_bus_get_fd(bus)
    let events = unsafe sd_bus_get_events(bus)
    var timeout: UInt64 = 0
    let code = unsafe sd_bus_get_timeout(bus, &timeout)
    guard descriptor >= 0, events >= 0, code >= 0 else {
      throw Failure(
        message: "the connection to the service manager is lost: \(Self.words(min(descriptor, events, code)))")
    }
    // Poll's names for events are epoll's.
    try watch(descriptor, UInt32(events))
    guard timeout != .max else { return nil }
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let elapsed = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    return max(0, Int64(clamping: timeout).saturatingMultiply(1000) - elapsed)
  }

  private func watch(_ descriptor: Int32, _ events: UInt32) throws(Failure) {
    if let watched, watched == (descriptor, events) { return }
    if let watched { driver.unwatch(watched.descriptor) }
    watched = nil
    do throws(SystemCallError) {
      try driver.watch(descriptor, events: events) { [onReady] _ in onReady() }
    } catch {
      throw Failure(message: "the service manager cannot be waited for: \(error)")
    }
    watched = (descriptor, events)
  }

  /// JobRemoved has the job's number, its object path, its unit and its result.
  private static func takeSignal(_ message: OpaquePointer?, _ userdata: UnsafeMutableRawPointer?) -> Int32 {
    guard let message = unsafe message, let userdata = unsafe userdata else { return 0 }
    let connection = unsafe Unmanaged<BusConnection>.fromOpaque(userdata).takeUnretainedValue()
    var number: UInt32 = 0
    guard unsafe sd_bus_message_read_basic(message, CChar(UInt8(ascii: "u")), &number) > 0,
      let job = unsafe BusText.read("o", from: message), unsafe BusText.read("s", from: message) != nil,
      let result = unsafe BusText.read("s", from: message)
    else { return 0 }
    connection.onJobRemoved(job, result)
    return 0
  }

  /// An error number of sd-bus, which is a negative errno, in words.
  static func words(_ code: Int32) -> String {
    unsafe String(cString: strerror(-code))
  }
}
