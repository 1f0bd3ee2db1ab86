// Built with Sources/Daemon/StateRecord.swift and Cut.swift as one module, beside one of Rotation (see `make fuzz`).

internal import Rotation

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
}
