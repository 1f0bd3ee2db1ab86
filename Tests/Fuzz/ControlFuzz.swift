// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Control
internal import Rotation
internal import Timekeeping

/// What libFuzzer calls with each input: what a client sends, or a daemon. A trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzControl(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  if let first = input.first, first >= 0x80 {
    // No text begins so: the input stands for what a daemon says.
    var maker = Maker(bytes: input.dropFirst())
    var reply = Wire.Reply()
    reply.fields(&maker)
    check(reply)
    return 0
  }
  for message in input.split(separator: 0) { read(Array(message)) }
  let whole = converse(input, piece: input.count)
  let piece = Int(input.first ?? 0) % 7 + 1
  precondition(converse(input, piece: piece) == whole, "the answers depend on where the reads end")
  let name = FilePath(bytes: input.filter { $0 != 0 })
  precondition(String(validating: name.escaped, as: UTF8.self) != nil, "a name is written as something else than UTF-8")
  precondition(FilePath(escaped: name.escaped) == name, "a name reads back as something else")
  return 0
}

private func read(_ message: [UInt8]) {
  do throws(JSONError) {
    let json = try JSONReader.read(message)
    precondition(String(validating: message, as: UTF8.self) != nil, "JSON that is not UTF-8 is read")
    for layout in [JSONWriter.Layout.compact, .indented] {
      var writer = JSONWriter(layout)
      writer.value(json)
      precondition((try? JSONReader.read(writer.take())) == json, "JSON reads back as something else")
    }
    for reply in [
      try? Wire.Reply.read(json), (try? VarlinkReply(message)).flatMap({ try? Wire.Reply.read($0.parameters) }),
    ] {
      if let reply { check(reply) }
    }
  } catch {
    precondition((0...message.count).contains(error.offset), "the error lies outside of the text")
    precondition(!error.reason.isEmpty, "the error does not say what is wrong")
  }
}

/// Puts into each field what the input says.
private struct Maker: FieldVisitor {
  var bytes: ArraySlice<UInt8>

  mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
    value = made(Value.self) ?? value
  }

  mutating func made<Value: WireValue>(_ type: Value.Type) -> Value? {
    if let type = type as? any Wrapping.Type { return type.made(&self) as? Value }
    if let type = type as? any WireStruct.Type { return structure(type) as? Value }
    let choice = bytes.popFirst() ?? 0
    if let type = type as? any WireWord.Type { return word(type, choice) as? Value }
    let text = ExactText(bytes: Array(bytes.prefix(Int(choice) % 16)))
    let numbers: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 40, .max - 1, .max]
    let number = choice < 128 ? numbers[Int(choice) % 8] : Int64(choice) << Int64(choice % 50)
    let values: [JSON] = [
      .bool(choice % 2 == 0), .integer(number), .string(text), .string("2026-11-23T22:30:00Z"),
      .string("1700-01-01T00:00:00Z"),
    ]
    return values[(Int(choice) % 2 * 2)...].lazy.compactMap { try? Value.read($0) }.first
      ?? values.lazy.compactMap { try? Value.read($0) }.first
  }

  private mutating func structure<Value: WireStruct>(_ type: Value.Type) -> Value {
    var value = Value()
    value.fields(&self)
    return value
  }

  private func word<Word: WireWord>(_ type: Word.Type, _ choice: UInt8) -> Word {
    Array(Word.allCases)[Int(choice) % Word.allCases.count]
  }
}

private protocol Wrapping { static func made(_ maker: inout Maker) -> Self }
extension Optional: Wrapping where Wrapped: WireValue {
  fileprivate static func made(_ maker: inout Maker) -> Wrapped? {
    maker.bytes.popFirst() ?? 0 > 99 ? maker.made(Wrapped.self) : nil
  }
}
extension Array: Wrapping where Element: WireValue {
  fileprivate static func made(_ maker: inout Maker) -> [Element] {
    let count = Int(maker.bytes.popFirst() ?? 0) % 4
    return (0..<count).compactMap { _ in maker.made(Element.self) }
  }
}

private func check(_ reply: Wire.Reply) {
  // Times are written to the microsecond, so the texts are compared.
  let text = written(reply)
  let again = (try? JSONReader.read(text)).flatMap { try? Wire.Reply.read($0) }
  precondition(again.map(written) == text, "a reply reads back as something else")
  show(reply)
}

private func written(_ value: some WireValue) -> [UInt8] {
  var writer = JSONWriter()
  value.write(to: &writer)
  return writer.take()
}

/// Whatever a daemon says fits the terminal, and does not write to it.
private func show(_ reply: Wire.Reply) {
  for style in [TerminalStyle(width: 80), TerminalStyle(width: 80, isUnicode: true)] {
    var screen = Screen(style, zone: .utc, now: .init(seconds: 1_795_305_600))
    var overview = Wire.Overview()
    (overview.daemon, overview.problems) = (reply.daemon ?? Wire.Daemon(), reply.problems ?? [])
    (overview.jobs, overview.logs) = (reply.job.map { [$0] } ?? [], reply.log.map { [$0] } ?? [])
    screen.status(overview)
    screen.problems(overview)
    screen.list(overview.jobs)
    screen.list(overview.logs)
    if let explanation = reply.explanation { screen.explain(explanation) }
    if let plan = reply.plan { screen.plan(plan) }
    for line in screen.lines {
      precondition(
        !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }, "a line has control characters")
    }
  }
  var text = MetricsText(reply.samples ?? [], format: .openMetrics)
  while let piece = text.next(samples: 2) {
    precondition(piece.last == "\n", "a piece of metrics does not end its line")
  }
}

/// What is answered to a client that sends this in pieces; the last byte says whether it was cut off.
private func converse(_ input: [UInt8], piece: Int) -> [UInt8] {
  var session = VarlinkSession()
  var output: [UInt8] = []
  var rest = input[...]
  do throws(VarlinkFault) {
    while !rest.isEmpty {
      let next = rest.prefix(min(max(1, piece), session.room))
      precondition(!next.isEmpty, "nothing is read although nothing is asked")
      session.receive(next)
      rest = rest.dropFirst(next.count)
      while let call = try session.nextCall() { answer(call, &session) }
      output += session.takeOutput()
    }
  } catch {
    precondition(!error.reason.isEmpty, "the fault does not say what is wrong")
    return output + session.takeOutput() + [1]
  }
  return output
}

private func answer(_ call: VarlinkCall, _ session: inout VarlinkSession) {
  let service = VarlinkService(
    vendor: "v", product: "p", version: "1", url: "u", interfaces: [(OperatorInterface.name, "text")])
  do throws(VarlinkError) {
    if call.interface == VarlinkService.name { return session.reply(try service.answer(call)) }
    let read = try OperatorCall(call, mayAct: true)
    var reply = Wire.Reply()
    reply.added = read.parameters.jobs
    if call.wantsMore { session.reply(reply, continues: true) }
    session.reply(reply)
  } catch { session.fail(error) }
}
