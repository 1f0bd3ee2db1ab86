// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Timekeeping

/// What libFuzzer calls with each input: the text of a time span. A trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTimespan(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let text = unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  do throws(TimeSpanError) {
    let span = try TimeSpan.parse(text)
    precondition(span >= .zero, "a span is negative")
    let description = TimeSpan.describe(span, accuracy: Span(nanoseconds: 1000))
    // Nothing is written without a unit, as systemd does, and read by nobody.
    let again = description == "0" ? .zero : try TimeSpan.parse(description)
    precondition(again == span, "\(description) reads back as something else")
    precondition(!TimeSpan.describe(span).isEmpty, "a span has no name")
  } catch {
    precondition((0...text.utf8.count).contains(error.offset), "the error lies outside of the text")
    precondition(!error.reason.isEmpty, "the error does not say what is wrong")
  }
  return 0
}
