internal import CLinux
internal import Glibc
internal import Timekeeping

/// One timerfd(2) with one absolute deadline, set again only when the deadline changes (0.9 µs each time).
struct DeadlineTimer: ~Copyable {
  private let owner: Descriptor
  private let flags: Int32
  /// The deadline of the kernel's timer; nil if it is not armed.
  private var armed: Int64?

  /// Flags are those of timerfd_settime(2) beside TFD_TIMER_ABSTIME.
  init(clock: clockid_t, flags: Int32) throws(SystemCallError) {
    let number = timerfd_create(clock, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))
    guard number >= 0 else { throw SystemCallError("timerfd_create") }
    self.owner = Descriptor(owning: number)
    self.flags = flags | Int32(TFD_TIMER_ABSTIME)
  }

  /// For epoll: readable when the deadline has come or the clock was set.
  var descriptor: Int32 { owner.number }

  /// Moves the deadline, nanoseconds of the timer's clock; nil disarms. True if the clock was set since the last call;
  /// the timer is armed in any case.
  mutating func set(_ deadline: Int64?) -> Bool {
    guard deadline != armed else { return false }
    armed = deadline
    var setting = itimerspec()
    if let deadline {
      // Zero would disarm; a moment in the past is one nanosecond after the start of the clock.
      let positive = max(deadline, 1)
      setting.it_value.tv_sec = Int(positive / 1_000_000_000)
      setting.it_value.tv_nsec = Int(positive % 1_000_000_000)
    }
    if unsafe timerfd_settime(owner.number, deadline == nil ? Int32(TFD_TIMER_ABSTIME) : flags, &setting, nil) == 0 {
      return false
    }
    precondition(errno == ECANCELED, "timerfd_settime failed with errno \(errno).")
    return true
  }

  /// Reads the timer, after which it is not readable; true if its clock was set.
  mutating func acknowledge() -> Bool {
    var expirations: UInt64 = 0
    if unsafe read(owner.number, &expirations, MemoryLayout<UInt64>.size) > 0 {
      armed = nil
      return false
    }
    // After ECANCELED the timer stays armed, at the same moment of the clock as it is now.
    return errno == ECANCELED
  }
}
