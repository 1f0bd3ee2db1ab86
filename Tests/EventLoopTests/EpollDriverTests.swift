import EventLoop
import Glibc
import Simulation
import Testing
import Timekeeping

/// Serialized, because one of these sets the clock of the machine, by less than a millisecond.
@Suite("The driver in production", .serialized)
struct EpollDriverTests {
  /// A pipe with one byte in it, so that its end for reading is ready.
  private struct ReadyPipe: ~Copyable {
    let readEnd: Descriptor
    let writeEnd: Descriptor

    init() {
      var ends: [Int32] = [-1, -1]
      let result = unsafe pipe(&ends)
      precondition(result == 0, "No descriptors are left for a pipe.")
      var byte: UInt8 = 1
      let written = unsafe write(ends[1], &byte, 1)
      precondition(written == 1, "A new pipe has no room.")
      self.readEnd = Descriptor(owning: ends[0])
      self.writeEnd = Descriptor(owning: ends[1])
    }
  }

  private let readable = UInt32(0x001)

  @Test("makes no pass while its sleepers sleep")
  func idle() throws {
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<UInt64>()
    loop.run {
      let before = loop.passes
      let hour = loop.wallClock() + .seconds(3600)
      _ = await Alarm(on: loop).wait(until: .init(monotonic: loop.after(milliseconds: 40), wall: hour))
      trace.add(loop.passes - before)
    }
    // One for the timer; the others are passes that a task without an actor needs to return to its own context.
    #expect(trace.entries[0] <= 3)
  }

  @Test("wakes for a deadline that is earlier than the one it was armed for")
  func earlier() throws {
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<String>()
    let long = Alarm(on: loop)
    Task(executorPreference: loop) {
      let wake = await long.wait(until: .monotonic(loop.after(milliseconds: 60_000)))
      trace.add("long \(wake)")
      loop.stop()
    }
    Task(executorPreference: loop) {
      for _ in 0..<3 {
        _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: 2)))
        trace.add("short")
      }
      long.ring()
    }
    loop.run()
    #expect(trace.entries == ["short", "short", "short", "long rung"])
  }

  @Test("calls the handler of a ready descriptor, until the watch ends")
  func watches() throws {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let trace = Trace<UInt32>()
    let pipe = ReadyPipe()
    let end = pipe.readEnd.number
    try driver.watch(end, events: readable) { events in
      trace.add(events)
      if trace.entries.count == 3 {
        driver.unwatch(end)
        loop.stop()
      }
    }
    loop.run()
    loop.run { _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: 2))) }
    #expect(trace.entries == [readable, readable, readable])
    // Nothing holds the pipe open but this.
    _ = pipe.writeEnd.number
  }

  @Test("delivers no event to a watch that an earlier handler of the same wait has ended")
  func unwatchedInFlight() throws {
    let driver = try EpollDriver()
    let loop = LoopExecutor(driver: driver)
    let trace = Trace<String>()
    let one = ReadyPipe()
    let two = ReadyPipe()
    let ends = [one.readEnd.number, two.readEnd.number]
    for end in ends {
      try driver.watch(end, events: readable) { _ in
        trace.add("first")
        for other in ends { driver.unwatch(other) }
        // The number is watched again, as after close and open: events that were fetched are not for this watch.
        #expect(throws: Never.self) {
          try driver.watch(ends[0] == end ? ends[1] : ends[0], events: 0) { _ in trace.add("stale") }
        }
        loop.stop()
      }
    }
    loop.run()
    #expect(trace.entries == ["first"])
    _ = (one.writeEnd.number, two.writeEnd.number)
  }

  @Test("reports what the kernel refuses to watch")
  func refuses() throws {
    let driver = try EpollDriver()
    let error = #expect(throws: SystemCallError.self) { try driver.watch(1_000_000, events: readable) { _ in } }
    #expect(error?.call == "epoll_ctl")
    #expect(error?.code == EBADF)
  }

  @Test("wakes tasks with a wall deadline when the clock of the machine is set")
  func clockSet() throws {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    guard unsafe clock_settime(CLOCK_REALTIME, &time) == 0 else {
      print("skipped: the clock can be set by root alone")
      return
    }
    let loop = try DriverKind.epoll.makeLoop()
    let trace = Trace<Alarm.Wake>()
    loop.run {
      let hour = loop.wallClock() + .seconds(3600)
      // The other deadline ends a failing test, which takes long but not for ever.
      let limit = loop.after(milliseconds: 10_000)
      async let wake = Alarm(on: loop).wait(until: .init(monotonic: limit, wall: hour))
      _ = await Alarm(on: loop).wait(until: .monotonic(loop.after(milliseconds: 5)))
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      unsafe clock_settime(CLOCK_REALTIME, &time)
      trace.add(await wake)
    }
    #expect(trace.entries == [.clockSet])
  }
}
