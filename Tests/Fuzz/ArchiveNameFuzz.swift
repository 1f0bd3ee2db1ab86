// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Rotation
internal import Timekeeping

/// What libFuzzer calls with each input: a byte that chooses, a date format and a newline, and a name in a directory. A trap
/// is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzArchiveName(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = bytes.first else { return 0 }
  let lines = bytes.dropFirst().split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
  guard lines.count == 2 else { return 0 }
  let name = FileName(lines[1])
  let text = String(decoding: lines[0], as: UTF8.self)
  var style = Naming.Style.numbered
  do throws(DateFormatError) {
    if choice & 4 != 0 { style = .dated(try DateFormat.parse(text)) }
  } catch {
    precondition((0...text.utf8.count).contains(error.offset), "the error lies outside of the text")
    precondition(!error.reason.isEmpty, "the error does not say what is wrong")
    return 0
  }
  let endings: [Naming.Ending] = [.none, .extension_, .suffix(".log"), .suffix(".txt")]
  let naming = ArchiveNaming(Naming(style: style, ending: endings[Int(choice & 3)]), suffix: ".br")
  if let archive = naming.parse(name) {
    let again = naming.name(of: archive.base, archive.key, suffix: archive.suffix)
    precondition(again == name, "\(name) reads as \(again)")
    precondition(!archive.base.isEmpty, "an archive of nothing")
  }
  // Any name may be that of a log: then its archive is read back as what it is.
  guard !name.isEmpty, !name.bytes.contains(UInt8(ascii: "/")) else { return 0 }
  let time = WallTime(seconds: Int64(choice) * 15_000_000)
  let key = naming.next(after: nil, at: time, in: .utc)
  let written = naming.name(of: name, key, suffix: choice & 8 == 0 ? "" : ".gz")
  guard let archive = naming.parse(written) else { preconditionFailure("\(written) is not read back") }
  let again = naming.name(of: archive.base, archive.key, suffix: archive.suffix)
  precondition(again == written, "\(written) reads as \(again)")
  return 0
}
