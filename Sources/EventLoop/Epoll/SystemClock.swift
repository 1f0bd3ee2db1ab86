internal import CLinux
internal import Glibc
package import Timekeeping

/// The clocks of the system (clock_gettime(2)).
package enum SystemClock {
  /// CLOCK_BOOTTIME: it goes on in suspend, and nobody sets it.
  package static var monotonic: MonotonicTime { MonotonicTime(nanoseconds: read(CLOCK_BOOTTIME).nanoseconds) }

  /// CLOCK_REALTIME. A year that nanoseconds do not reach is the last that they do.
  package static var wall: WallTime { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> WallTime {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "A clock of every Linux is not there.")
    return WallTime(seconds: Int64(time.tv_sec)) + Span(nanoseconds: Int64(time.tv_nsec))
  }
}
