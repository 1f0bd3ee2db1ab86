// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Rotation
internal import Timekeeping

/// What libFuzzer calls with each input: a line of the state file. A trap is a finding.
///
/// No fuzzer guesses a checksum, so each input is read as it is, and once more behind the checksum that it should have.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzState(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  read(input)
  let sum = String(Checksum.crc32(input), radix: 16)
  read(Array((String(repeating: "0", count: 8 - sum.utf8.count) + sum + " ").utf8) + input)
  return 0
}

private func read(_ line: [UInt8]) {
  guard !line.contains(UInt8(ascii: "\n")), let record = StateRecord(line: line[...]) else { return }
  var written: [UInt8] = []
  record.write(to: &written)
  precondition(written.last == UInt8(ascii: "\n"), "a record does not end its line")
  precondition(!written.dropLast().contains(UInt8(ascii: "\n")), "a record is written as two lines")
  precondition(StateRecord(line: written.dropLast()) == record, "a record reads back as something else")
  use(record)
}

/// What the daemon reckons with the numbers of a record.
private func use(_ record: StateRecord) {
  let now = WallTime(seconds: 1_795_305_600)
  switch record {
  case .served(_, let time), .done(_, at: let time, due: _), .imported(_, rotated: _, served: _, seen: let time):
    let latest = CalendarSchedule.daily(.midnight).latest(after: time, through: now, in: .utc)
    precondition(latest.map { $0 > time && $0 <= now } ?? true, "a due time lies outside of what was asked for")
    _ = Schedule.nextInTime(phase: time.nanoseconds, every: 1_000_000_000, after: now.nanoseconds)
    _ = now - time < Limits.stateMemory
  case .begun(_, let intent): _ = intent.time.map { ArchiveNaming().next(after: nil, at: $0, in: .utc) }
  case .cutting(_, let cut):
    precondition(cut.start >= 0 && cut.start <= cut.end && cut.removed <= cut.end, "a cut ends before it begins")
    precondition(cut.padding.bytes.count == Int(cut.padding.length), "filler is not as long as it says")
  case .filled(_, let padding):
    precondition(padding.bytes.count == Int(padding.length), "filler is not as long as it says")
  case .named(let log, let names):
    let name = names.replacing(namesOf: Policy(keep: 1)).naming.example(of: log.split.name)
    precondition(log.split.name.isEmpty || !name.isEmpty, "an archive has no name")
  case .awaited(_, _, let since): precondition((since > now) == (now - since < .zero), "what lies ahead is behind")
  case .dropped, .owed, .notified, .undoing, .undone, .made, .settled, .released: break
  }
}
