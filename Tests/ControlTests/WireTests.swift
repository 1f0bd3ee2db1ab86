import Control
import Rotation
import Testing
import Timekeeping

/// Puts another value than the default into every field, and counts the fields.
private struct Filler: FieldVisitor {
  var count = 0

  mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
    count += 1
    value = filled(Value.self)
    #expect(!value.isMissing, "\(name) is left out")
  }
}

private protocol Fillable { static var filling: Self { get } }
extension Optional: Fillable where Wrapped: WireValue { static var filling: Wrapped? { filled(Wrapped.self) } }
extension Array: Fillable where Element: WireValue {
  static var filling: [Element] { [filled(Element.self), filled(Element.self)] }
}
extension String: Fillable { static var filling: String { "a \"\u{1}ü\"" } }
extension Bool: Fillable { static var filling: Bool { true } }
extension Int64: Fillable { static var filling: Int64 { .min } }
extension Timekeeping.Span: Fillable { static var filling: Timekeeping.Span { .milliseconds(-7) } }
extension WallTime: Fillable { static var filling: WallTime { WallTime(nanoseconds: 1_795_305_600_000_001_000) } }
extension FilePath: Fillable { static var filling: FilePath { FilePath(bytes: [0x2F, 0xFC, 0x5C, 0x78, 0x66, 0x63]) } }

private func filled<Value: WireValue>(_ type: Value.Type) -> Value {
  func structure<Structure: WireStruct>(_ type: Structure.Type) -> Structure {
    var value = Structure()
    var filler = Filler()
    value.fields(&filler)
    return value
  }
  func word<Word: WireWord>(_ type: Word.Type) -> Word? { Array(Word.allCases).last }
  let value: Any? =
    if let type = type as? any Fillable.Type {
      type.filling
    } else if let type = type as? any WireStruct.Type {
      structure(type)
    } else if let type = type as? any WireWord.Type {
      word(type)
    } else {
      nil
    }
  guard let value = value as? Value else { preconditionFailure("nothing to put into \(type)") }
  return value
}

@Suite("The values between daemon and command")
struct WireTests {
  private func json(_ value: some WireValue, _ layout: JSONWriter.Layout = .compact) throws -> JSON {
    var writer = JSONWriter(layout)
    value.write(to: &writer)
    return try JSONReader.read(writer.take())
  }

  private func place<Value: WireValue>(_ type: Value.Type, _ text: String) throws -> String? {
    let json = try JSONReader.read(Array(text.utf8))
    do throws(WireError) { _ = try Value.read(json) } catch { return error.place }
    return nil
  }

  @Test("every field of every value survives", arguments: [JSONWriter.Layout.compact, .indented])
  func roundTrip(_ layout: JSONWriter.Layout) throws {
    let reply = filled(Wire.Reply.self)
    #expect(try Wire.Reply.read(json(reply, layout)) == reply)
    #expect(reply.explanation?.archives.first?.holders.first?.command == .filling)
    let parameters = filled(Wire.Parameters.self)
    #expect(try Wire.Parameters.read(json(parameters, layout)) == parameters)
    #expect(try Wire.Reply.read(json(Wire.Reply(), layout)) == Wire.Reply())
  }

  @Test("an absent value is left out; null and a missing value are equal; unknown fields are ignored")
  func missing() throws {
    #expect(try json(Wire.Due()) == JSONReader.read(Array(#"{"reason":"","isPredicted":false}"#.utf8)))
    let texts = [#"{"reason":"r","isPredicted":true}"#, #"{"new":[{}],"at":null,"isPredicted":true,"reason":"r"}"#]
    let read = try texts.map { try Wire.Due.read(JSONReader.read(Array($0.utf8))) }
    #expect(read[0] == read[1] && read[0].reason == "r" && read[0].isPredicted && read[0].at == nil)
  }

  @Test("an error names the wrong field")
  func errors() throws {
    #expect(try place(Wire.Due.self, #"{"isPredicted":true}"#) == "reason")
    #expect(try place(Wire.Due.self, #"{"reason":"","isPredicted":1}"#) == "isPredicted")
    #expect(try place(Wire.Parameters.self, #"{"logs":["/a",7]}"#) == "logs[1]")
    #expect(
      try place(Wire.Reply.self, #"{"plan":{"path":"","job":"","now":[{"action":"fly"}]}}"#) == "plan.now[0].action")
    #expect(try place(Wire.Parameters.self, #"{"forUSec":1.0}"#) == "forUSec")
    #expect(try place(Wire.Parameters.self, "[]")?.isEmpty == true)
    #expect(try place(Wire.Parameters.self, #"{"forUSec":9223372036854775807}"#) == nil)
  }

  @Test(
    "times are written in UTC to the microsecond, and read with any offset",
    arguments: [
      ("2026-11-23T22:30:00Z", "2026-11-23T22:30:00Z"), ("2026-11-23T23:30:00.25+01:00", "2026-11-23T22:30:00.250000Z"),
      ("2026-11-23t17:00:00.0000019-05:30", "2026-11-23T22:30:00.000001Z"),
      ("1678-01-01 00:00:00z", "1678-01-01T00:00:00Z"),
      ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"),
      ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ])
  func times(_ text: String, _ written: String) throws {
    let time = try #require(InternetTime.read(Array(text.utf8)))
    #expect(InternetTime.text(time) == written)
  }

  @Test(
    "a text that is no time is refused",
    arguments: [
      "", "2026-11-23", "2026-11-23T22:30:00", "2026-02-29T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T22:30:00.Z",
      "2026-11-23T22:30:00+1:00", "2026-11-23T22:30:00Zx", "26-11-23T22:30:00Z", "9999-01-01T00:00:00Z",
      "2026-13-01T00:00:00Z",
    ])
  func noTimes(_ text: String) { #expect(InternetTime.read(Array(text.utf8)) == nil) }

  @Test("times at the ends of the clock are written and read")
  func extremeTimes() {
    for time in [WallTime(nanoseconds: .min), WallTime(nanoseconds: .max), WallTime(nanoseconds: 0)] {
      let text = InternetTime.text(time)
      #expect(text.utf8.count >= 20, "\(text)")
    }
    #expect(InternetTime.text(WallTime(nanoseconds: .max)) == "2262-04-11T23:47:16.854775Z")
  }
}
