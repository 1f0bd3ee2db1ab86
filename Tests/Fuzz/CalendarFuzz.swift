// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Timekeeping

/// What libFuzzer calls with each input: the text of a calendar expression. A trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCalendar(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let text = unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  do throws(CalendarError) {
    let expression = try CalendarExpression.parse(text, zones: { zones[$0] })
    let normalForm = expression.description
    let again = try? CalendarExpression.parse(normalForm, zones: { zones[$0] })
    precondition(again == expression, "the normal form \(normalForm) reads back as something else")
    for base in bases { checkNext(expression, after: base) }
  } catch {
    precondition((1...text.utf8.count + 1).contains(error.column), "the error lies outside of the text")
    precondition(!error.expected.isEmpty, "the error does not say what is allowed")
  }
  return 0
}

/// Moments go up, and there are none between one and the next.
private func checkNext(_ expression: CalendarExpression, after base: WallTime) {
  guard let zone = zones["Berlin"] else { preconditionFailure("there is no zone to try in") }
  guard let first = expression.next(after: base, in: zone) else { return }
  precondition(first > base, "the next moment is no later one")
  let justBefore = WallTime(nanoseconds: first.nanoseconds - 1)
  precondition(expression.next(after: justBefore, in: zone) == first, "the next moment is none")
  let middle = WallTime(nanoseconds: base.nanoseconds + (first.nanoseconds - base.nanoseconds) / 2)
  precondition(middle == first || expression.next(after: middle, in: zone) == first, "a moment was passed over")
}

/// An expression that names no zone is tried in the first.
private let zones: [String: Zone] = [
  "Berlin": "CET-1CEST,M3.5.0,M10.5.0/3", "Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
  "Santiago": "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
].reduce(into: [:]) { zones, entry in zones[entry.key] = try? Zone(name: entry.key, tzif: file(entry.value)) }

/// The smallest zone file with a rule: two headers, one type of local time, and the rule (tzfile(5)).
private func file(_ rule: String) -> [UInt8] {
  let mark = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
  func counts(types: UInt8, characters: UInt8) -> [UInt8] {
    [0, 0, 0, 0, types, characters].flatMap { [0, 0, 0, $0] }
  }
  let type: [UInt8] = [0, 0, 0, 0, 0, 0]
  return mark + counts(types: 0, characters: 0) + mark + counts(types: 1, characters: 4) + type + Array("LMT\0".utf8)
    + Array("\n\(rule)\n".utf8)
}

/// Before and in a gap, before and in a doubled hour, and at both ends of what there is.
private let bases = [0, 1_774_746_000, 1_774_746_001, 1_792_890_000, 1_792_892_700, 7_258_118_000]
  .map { WallTime(seconds: $0) }
