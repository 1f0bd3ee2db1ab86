internal import CLinux
internal import Glibc
package import Timekeeping

/// The driver of production: epoll(7), with one timerfd(2) a clock and one deadline each, whatever the number of sleepers.
///
/// A timer is set again only when its earliest deadline has changed, and the wait has no timeout of its own: nothing
/// wakes an idle process but a deadline, a descriptor or a set clock. The wall timer carries
/// TFD_TIMER_CANCEL_ON_SET, and only while somebody has a wall deadline.
package final class EpollDriver: LoopDriver {
  /// What to call with the ready events (epoll_ctl(2)) of a descriptor.
  package typealias Handler = (_ events: UInt32) -> Void

  private struct Watch {
    /// Tells events of this watch from those still in flight for an earlier one on the same number.
    var generation: UInt32
    var handler: Handler
  }

  private static let eventsAtOnce = 32

  private let epoll: Descriptor
  private var bootTimer: DeadlineTimer
  private var wallTimer: DeadlineTimer
  private var watches: [Int32: Watch] = [:]
  private var generation: UInt32 = 0

  /// Opens the epoll and timer descriptors, all with close-on-exec.
  package init() throws(SystemCallError) {
    let number = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard number >= 0 else { throw SystemCallError("epoll_create1") }
    self.epoll = Descriptor(owning: number)
    self.bootTimer = try DeadlineTimer(clock: CLOCK_BOOTTIME, flags: 0)
    self.wallTimer = try DeadlineTimer(clock: CLOCK_REALTIME, flags: Int32(TFD_TIMER_CANCEL_ON_SET))
    try control(EPOLL_CTL_ADD, bootTimer.descriptor, events: EPOLLIN.rawValue, generation: 0)
    try control(EPOLL_CTL_ADD, wallTimer.descriptor, events: EPOLLIN.rawValue, generation: 0)
  }

  /// Calls the handler, on the loop's thread and between passes, whenever one of the events (EPOLLIN and so on,
  /// level-triggered) holds. The descriptor stays the caller's, who calls `unwatch` before closing it.
  ///
  /// Throws what epoll_ctl(2) gives: EPERM for a regular file, ENOSPC at the limit of watches.
  package func watch(
    _ descriptor: Int32, events: UInt32, handler: @escaping Handler
  ) throws(SystemCallError) {
    precondition(watches[descriptor] == nil, "A descriptor is watched once.")
    generation &+= 1
    try control(EPOLL_CTL_ADD, descriptor, events: events, generation: generation)
    watches[descriptor] = Watch(generation: generation, handler: handler)
  }

  /// Ends a watch: its handler is not called again, not even for events that were already fetched.
  package func unwatch(_ descriptor: Int32) {
    guard watches.removeValue(forKey: descriptor) != nil else { return }
    // Fails only for a descriptor that was closed first, which has ended the watch as well.
    var unused = unsafe epoll_event()
    _ = unsafe epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor, &unused)
  }

  // MARK: LoopDriver

  package func now() -> MonotonicTime { SystemClock.monotonic }

  package func wallClock() -> WallTime { SystemClock.wall }

  package func choose(among count: Int) -> Int { 0 }

  package func wait(until deadlines: Deadlines) -> Bool {
    var wasClockSet = false
    if !deadlines.immediate {
      _ = bootTimer.set(deadlines.monotonic?.nanoseconds)
      wasClockSet = wallTimer.set(deadlines.wall?.nanoseconds)
    }
    let timeout: Int32 = deadlines.immediate || wasClockSet ? 0 : -1
    unsafe withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.eventsAtOnce) { events in
      for index in 0..<(unsafe fetch(into: events, timeout: timeout)) {
        let event = unsafe events[index]
        if deliver(unsafe event.data.u64, events: unsafe event.events) { wasClockSet = true }
      }
    }
    return wasClockSet
  }

  // MARK: Private

  private func fetch(into events: UnsafeMutableBufferPointer<epoll_event>, timeout: Int32) -> Int {
    while true {
      let count = unsafe epoll_wait(epoll.number, events.baseAddress, Int32(events.count), timeout)
      if count >= 0 { return Int(count) }
      // A stop and continue of the process interrupts the wait; the timers go on by themselves.
      precondition(errno == EINTR, "epoll_wait failed with errno \(errno).")
    }
  }

  /// Hands one event to whom it belongs; true when it says that the wall clock was set.
  private func deliver(_ data: UInt64, events: UInt32) -> Bool {
    let descriptor = Int32(truncatingIfNeeded: data)
    switch descriptor {
    case bootTimer.descriptor:
      return bootTimer.acknowledge()
    case wallTimer.descriptor:
      return wallTimer.acknowledge()
    default:
      if let watch = watches[descriptor], watch.generation == UInt32(truncatingIfNeeded: data >> 32) {
        watch.handler(events)
      }
      return false
    }
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, events: UInt32, generation: UInt32
  ) throws(SystemCallError) {
    let data = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: data))
    guard unsafe epoll_ctl(epoll.number, operation, descriptor, &event) == 0 else {
      throw SystemCallError("epoll_ctl")
    }
  }
}
