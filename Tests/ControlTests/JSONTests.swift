import Control
import Rotation
import Testing

@Suite("JSON is read strictly, and written so that it reads back")
struct JSONTests {
  private func error(_ text: String) -> JSONError? { error(Array(text.utf8)) }

  private func error(_ bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) { _ = try JSONReader.read(bytes) } catch { return error }
    return nil
  }

  private func written(_ json: JSON, _ layout: JSONWriter.Layout = .compact) -> String {
    var writer = JSONWriter(layout)
    writer.value(json)
    return String(decoding: writer.take(), as: UTF8.self)
  }

  @Test(
    "each kind of value is read",
    arguments: [
      ("null", JSON.null), (" true\n", .bool(true)), ("false", .bool(false)), ("-0", .integer(0)),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("1.5e-1", .real(0.15)),
      ("1E+2", .real(100)), ("\"\"", .string("")), ("[ ]", .array([])), ("{\t}", .object([])),
      ("[1,[2]]", .array([.integer(1), .array([.integer(2)])])),
      (#"{"a":1,"b":{}}"#, .object([.init("a", .integer(1)), .init("b", .object([]))])),
      (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")), (#""\u00fC\uD834\udd1e""#, .string("ü𝄞")),
      (#""\u0000""#, .string("\0")), ("\"\u{7F}ü𝄞\"", .string("\u{7F}ü𝄞")),
    ])
  func values(_ text: String, _ value: JSON) throws { #expect(try JSONReader.read(Array(text.utf8)) == value) }

  @Test(
    "a text that is not JSON is refused at the first byte that does not fit",
    arguments: [
      ("", 0), ("  ", 2), ("nul", 3), ("nulL", 3), ("True", 0), ("01", 0), ("-01", 1), ("1.", 2), (".5", 0), ("+1", 0),
      ("1e", 2), ("-", 1), ("1 2", 2), ("[1,]", 3), ("[1", 2), ("[1}", 2), ("{\"a\":1,}", 7), ("{a:1}", 1),
      ("{\"a\" 1}", 5),
      ("{\"a\":1", 6), ("\"a", 2), ("\"\n\"", 1), ("\"\0\"", 1), (#""\x""#, 1), (#""\u12""#, 5), (#""\u12G4""#, 5),
      (#""a\ud800""#, 2), (#""\udc00""#, 1), (#""\ud800\u0041""#, 1), (#""\ud800\n""#, 1), ("'a'", 0), ("{} \0", 3),
      ("9223372036854775808", 0), ("[-9223372036854775809]", 1), ("1e999", 0), ("NaN", 0), ("/**/1", 0),
      ("\u{FEFF}1", 0), (#"{"a":1,"b":2,"a":3}"#, 13), ("[\(String(repeating: "1", count: 65))]", 1),
    ])
  func invalid(_ text: String, _ offset: Int) { #expect(error(text)?.offset == offset) }

  @Test(
    "bytes that are not UTF-8 are refused: overlong, half a pair, beyond Unicode, truncated",
    arguments: [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xFC], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x92],
    ] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    #expect(error([0x22, 0x61] + bytes + [0x22])?.offset == 2)
    #expect(String(validating: bytes, as: UTF8.self) == nil)
  }

  @Test("names are compared by their bytes, not as Unicode does")
  func exactNames() {
    #expect(error("{\"\u{FC}\":1,\"u\u{308}\":2}") == nil)
    #expect(error(#"{"a":1,"\u0061":2}"#)?.offset == 7)
  }

  @Test("depth and number of members are limited")
  func bounds() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(error(nested(Limits.maxJSONDepth)) == nil)
    #expect(error(nested(Limits.maxJSONDepth + 1))?.offset == Limits.maxJSONDepth)
    #expect(error(String(repeating: "[", count: 1_000_000))?.offset == Limits.maxJSONDepth)
    func members(_ count: Int) -> String { "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}" }
    #expect(error(members(Limits.maxJSONMembers)) == nil)
    #expect(error(members(Limits.maxJSONMembers + 1)) != nil)
    #expect(error("[" + Array(repeating: nested(9), count: 999).joined(separator: ",") + "]") == nil)
  }

  @Test("what is written reads back, compact and indented")
  func writing() throws {
    let text = #"{"a":[1,-2.5,true,null,"x\"\\\n\u001b\u007fü"],"b":{},"c":[],"d":{"e":"f"}}"#
    let json = try JSONReader.read(Array(text.utf8))
    #expect(written(json) == text)
    let indented = """
      {
        "a": [
          1,
          -2.5,
          true,
          null,
          "x\\"\\\\\\n\\u001b\\u007fü"
        ],
        "b": {},
        "c": [],
        "d": {
          "e": "f"
        }
      }
      """
    #expect(written(json, .indented) == indented)
    #expect(try JSONReader.read(Array(indented.utf8)) == json)
  }

  @Test("a text that is taken in pieces is the same text")
  func pieces() {
    var writer = JSONWriter()
    var text: [UInt8] = []
    writer.beginObject()
    writer.name("logs")
    text += writer.take()
    writer.beginArray()
    for number in Int64(0)..<3 {
      text += writer.take()
      writer.integer(number)
    }
    writer.endArray()
    text += writer.take()
    writer.endObject()
    #expect(String(decoding: text + writer.take(), as: UTF8.self) == #"{"logs":[0,1,2]}"#)
  }

  @Test(
    "the name of a file survives with any bytes",
    arguments: [
      ("app.log", "app.log"), ("grüße \u{1F4BE}", "grüße \u{1F4BE}"), ("a\\b\\x4\\xg1\\", "a\\b\\x4\\xg1\\"),
      ("\\xfc", "\\x5cxfc"), ("\\xFC", "\\xFC"), ("\u{1}\n", "\u{1}\n"),
    ])
  func names(_ name: String, _ escaped: String) {
    #expect(String(decoding: FilePath(name).escaped, as: UTF8.self) == escaped)
    #expect(FilePath(escaped: Array(escaped.utf8)) == FilePath(name))
  }

  @Test("names of random bytes survive, as valid UTF-8, through the whole of JSON")
  func randomNames() throws {
    var generator = SystemRandomNumberGenerator()
    let likely = Array("\\\\\\xx5cf".utf8) + [0xC3, 0xBC, 0xFF, 0xED, 0xA0, 0x80, 0xF0, 0x9F, 0x92, 0xBE]
    for _ in 0..<20_000 {
      let name = FilePath(
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in likely.randomElement(using: &generator) ?? 1 })
      var writer = JSONWriter()
      writer.path(name)
      let text = writer.take()
      #expect(String(validating: text, as: UTF8.self) != nil)
      #expect(try FilePath.read(JSONReader.read(text)) == name, "\(name.bytes)")
    }
    #expect(FilePath(escaped: Array("a\\x00".utf8)) == nil)
    #expect(FilePath(escaped: [0]) == nil)
    #expect(FilePath("gr").bytes + [0xFC] == FilePath(escaped: Array("gr\\xfc".utf8))?.bytes)
  }
}
