import Control
import Glibc
import Testing

@Suite("The text of the interface")
struct InterfaceTests {
  /// `WRITE_REFERENCE=1 swift test --filter InterfaceTests` writes the file.
  @Test("the file in the tree is the one that the program serves")
  func file() throws {
    let path = "Sources/Control/org.rotated.Manager.varlink"
    if unsafe getenv("WRITE_REFERENCE") != nil { try Tree.write(path, OperatorInterface.text) }
    #expect(try Tree.read(path) == OperatorInterface.text)
  }

  @Test("both texts obey Varlink's grammar, and each type is described and used")
  func grammar() throws {
    let manager = try IDL(OperatorInterface.text)
    #expect(OperatorInterface.text.utf8.allSatisfy { $0 < 0x80 })
    #expect(manager.used == manager.members["type"])
    #expect(manager.members["method"] == Set(OperatorMethod.allCases.map(\.rawValue)))
    #expect(manager.members["error"] == Set(OperatorError.allCases.map(\.rawValue)))
    let service = try IDL(VarlinkService.text)
    #expect(service.members["method"] == ["GetInfo", "GetInterfaceDescription"])
    #expect(service.members["error"]?.count == 6)
  }

  @Test("each field of parameters and replies belongs to a method, and each name is a field")
  func fields() {
    struct Names: FieldVisitor {
      var names: Set<String> = []
      mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
        #expect(names.insert(name).inserted, "\(name) stands twice")
        #expect(about.hasSuffix("."), "\(name) is not described")
      }
    }
    func names(_ type: (some WireStruct).Type) -> Set<String> {
      var value = type.init()
      var names = Names()
      value.fields(&names)
      return names.names
    }
    #expect(names(Wire.Parameters.self) == Set(OperatorMethod.allCases.flatMap(\.takes)))
    #expect(names(Wire.Reply.self) == Set(OperatorMethod.allCases.flatMap(\.gives)))
  }

  @Test(
    "the check of the grammar finds errors",
    arguments: [
      "interface a\n", "interface a.b\ntype t ()", "interface a.b\ntype T (a: int,)",
      "interface a.b\ntype T (a)\ntype T (b)",
      "interface a.b\ntype M (b)\nmethod M() -> ()", "interface a.b\nmethod M()", "interface a.b\nerror E (a)",
      "interface a.b\ntype T (a: ??int)", "interface a.b\ntype T (a: )",
      "interface a.b\ntype T (a: int, a: int)", "interface a.b\ntype T (a, b: int)", "interface a.b\ntype T (a_: int)",
      "x",
    ])
  func broken(_ text: String) { #expect(throws: IDL.Misfit.self) { try IDL(text) } }
}

/// The package's own files, by their path from its root.
enum Tree {
  private static func path(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/" + name
  }

  static func read(_ name: String) throws -> String {
    let file = unsafe fopen(path(name), "r")
    guard let file = unsafe file else { return "" }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = unsafe fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ name: String, _ text: String) throws {
    let file = try unsafe #require(fopen(path(name), "w"))
    defer { unsafe fclose(file) }
    let result = unsafe fputs(text, file)
    #expect(result >= 0)
  }
}
