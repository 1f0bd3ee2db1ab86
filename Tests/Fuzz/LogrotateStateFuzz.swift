// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Config
internal import Rotation
internal import Timekeeping

/// What libFuzzer calls with each input: a state file of logrotate. What was read is written and read again as it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLogrotateState(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let (state, flaws) = LogrotateState.read(Array("logrotate state -- version 2\n".utf8) + input)
  precondition(flaws.allSatisfy { $0.line >= 1 && !$0.reason.isEmpty }, "a flaw has no place or no reason")
  precondition(Set(state.entries.map(\.log)).count == state.entries.count, "a log is there twice")
  let (again, others) = LogrotateState.read(state.bytes)
  precondition(others.isEmpty && again == state, "what is written is not what was read")
  _ = LogrotateState.read(input)
  return 0
}
