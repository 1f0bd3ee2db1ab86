import Testing

/// Every rule on a text that breaks it, beside one that comes close and does not.
@Suite("Each house rule bites")
struct ScannerTests {
  @Test(
    "an import of Foundation, Dispatch or Subprocess is found under any modifier",
    arguments: [
      "import Foundation", "package import Dispatch", "@preconcurrency import Subprocess",
      "import struct Foundation.Date", "public import FoundationEssentials",
    ])
  func heavyImports(line: String) {
    #expect(found(WordRules.heavyImports, line) == [1])
    #expect(found(WordRules.heavyImports, line, path: "Sources/rotatectl/main.swift").isEmpty)
    #expect(found(WordRules.heavyImports, "// \(line)").isEmpty)
  }

  @Test(
    "a task that leaves the loop is found",
    arguments: [
      "Task { }", "let t = Task<Void, Never> { }", "Task.detached { }", "try await Task.sleep(for: .seconds(1))",
      "Task(priority: .low) { }", "Task.immediate { }", "_ = _Concurrency.Task{ }", "Task\n{ }",
    ])
  func strayTasks(code: String) {
    #expect(found(WordRules.strayTasks, code) == [1])
  }

  @Test(
    "a task on the loop, and a mere mention, are not",
    arguments: [
      "Task(executorPreference: loop) { }", "Task(name: \"job\", executorPreference: loop) { }", "Task.isCancelled",
      "Task<Void, Never>(executorPreference: loop) { }", "await Task.yield()", "// a bare Task { } leaves",
      "let why = \"Task { }\"", "var task: Task<Void, Never>?", "RotationTask { }",
    ])
  func tasksThatStay(code: String) {
    #expect(found(WordRules.strayTasks, code).isEmpty)
  }

  @Test("what is forced needs its reason on the line above")
  func forced() {
    #expect(found(WordRules.forced, "let a = try! b()") == [1])
    #expect(found(WordRules.forced, "let a = b\n\nlet c = a as! D") == [3])
    #expect(found(WordRules.forced, "// It was checked on entry.\nlet a = try! b()").isEmpty)
    #expect(found(WordRules.forced, "let a = \"try! as!\"; let b = a as? C; let d = e != f").isEmpty)
  }

  @Test("what is left open is found in code and in comments")
  func leftOpen() {
    #expect(found(WordRules.leftOpen, "let a = 1\n// TODO: more") == [2])
    #expect(found(WordRules.leftOpen, "/// FIXME") == [1])
    #expect(found(WordRules.leftOpen, "fatalError()") == [1])
    #expect(found(WordRules.leftOpen, "fatalError(\"the heap is empty\")").isEmpty)
  }

  @Test("a file may have 300 lines, and not one more")
  func fileLength() {
    #expect(found(WordRules.fileLength, String(repeating: "\n", count: 300)).isEmpty)
    #expect(found(WordRules.fileLength, String(repeating: "\n", count: 301)) == [301])
  }

  @Test(
    "a body of 60 lines is too long, whatever kind of declaration it belongs to",
    arguments: [
      "func a(b: () -> Void = { }) async throws(E) -> [Int] {", "func < (a: A, b: A) -> Bool {", "init?<T>(t: T) {",
      "deinit {", "subscript(a: Int) -> Int {", "var a: [Int: Int] {", "func `a raw name`() where A: B {",
    ])
  func functionLength(head: String) {
    let line = "  let a = \"{\" // {\n"
    #expect(found(FunctionLength.findings, "\(head)\n\(String(repeating: line, count: 59))}\n").isEmpty)
    #expect(found(FunctionLength.findings, "\n\(head)\n\(String(repeating: line, count: 60))}\n") == [2])
  }

  @Test("a requirement without a body does not borrow the next block, nor does a stored property or a call of init")
  func noBody() {
    let block = "enum B {\n\(String(repeating: "\n", count: 70))}\n"
    #expect(found(FunctionLength.findings, "protocol A { func a() -> Int }\n\(block)").isEmpty)
    #expect(found(FunctionLength.findings, "func a() throws(E)\n\(block)").isEmpty)
    #expect(found(FunctionLength.findings, "var a: Int\n\(block)").isEmpty)
    #expect(found(FunctionLength.findings, "self.init()\n\(block)").isEmpty)
  }

  @Test("strings and comments do not hide code, nor pass for it")
  func codeMask() {
    let text = ###"""
      let a = "\(b("}") + "\\") // no"; Task { }
      /* Task { /* nested */ } */ let c = #"\"# ; Task { }
      let d = """
        Task { } "quoted" \(e { "}" })
        """; Task { }
      let f = ##"a "# \##(g) "##; Task { }
      // let h = "
      Task { }
      """###
    #expect(found(WordRules.strayTasks, text) == [1, 2, 5, 6, 8])
  }

  @Test("an import that points up or sideways is found, and so is a target without arrows")
  func targetArrows() {
    #expect(found(TargetArrows.findings, "import Config", path: "Sources/Rotation/Job.swift") == [1])
    #expect(found(TargetArrows.findings, "import Glibc", path: "Sources/Daemon/A.swift") == [1])
    #expect(found(TargetArrows.findings, "package import Rotation", path: "Sources/Daemon/A.swift").isEmpty)
    #expect(found(TargetArrows.findings, "let a = 1", path: "Sources/Extra/A.swift") == [1])
    #expect(found(TargetArrows.findings, "import Linux", path: "Tests/Simulation/A.swift") == [1])
    #expect(found(TargetArrows.findings, "import Linux", path: "Tests/LinuxTests/A.swift").isEmpty)
  }

  @Test(
    "a declaration that others see and that nobody described is found",
    arguments: [
      "package struct A {}", "  package static func a() {}", "public final class A {}",
      "package private(set) var a = 1",
      "// not for readers\npackage enum A {}", "@discardableResult\npackage func a() -> Int { 1 }",
      "/// A.\n\npackage protocol A {}", "struct A {\n  let a = 1\n\n  package let b = 2\n}",
      "/// A.\nlet a = 1\npackage func b() {}", "struct A {\n  func a() {\n  }\n  package var b: Int\n}",
    ])
  func docComments(code: String) {
    #expect(found({ DeclarationRules.docComments($0) }, code).count == 1)
  }

  @Test(
    "a description counts through attributes, and some declarations need none",
    arguments: [
      "/// A.\npackage struct A {}", "/// A.\n@discardableResult\n@inlinable\npackage func a() -> Int { 1 }",
      "package import Glibc", "package init(a: Int) {}", "package static func < (a: A, b: A) -> Bool { true }",
      "struct A {}", "package extension A {}", "struct A {\n  package var a: Int\n  package var b: Int\n}",
      "// The numbers of Linux.\npackage static let a = 1\npackage static let b = 2", "let a = open(b, c)\nlet d = e",
    ])
  func describedDeclarations(code: String) {
    #expect(found({ DeclarationRules.docComments($0) }, code).isEmpty)
  }

  @Test("a witness is described where it is required")
  func witnesses() {
    let port = SourceText(path: "A.swift", text: "protocol A { func a()\n var b: Int { get } }\nfunc c() {}")
    #expect(DeclarationRules.requirements(port) == ["a", "b"])
    let code = "package func a() {}\n\npackage var b: Int { 1 }\n\npackage func c() {}"
    #expect(found({ DeclarationRules.docComments($0, requirements: ["a", "b"]) }, code) == [5])
  }

  @Test("a vague word in a type's name is found, as a word of its own only")
  func vagueNames() {
    #expect(found(DeclarationRules.vagueNames, "final class JobManager {}") == [1])
    #expect(found(DeclarationRules.vagueNames, "enum FileUtils {}\nstruct BaseRule {}\nactor Helper {}") == [1, 2, 3])
    #expect(found(DeclarationRules.vagueNames, "class ScriptedServiceManager {}\nstruct Baseline {}").isEmpty)
  }

  /// The lines that a rule finds fault with.
  private func found(
    _ rule: (SourceText) -> [Finding], _ text: String, path: String = "Sources/Daemon/Example.swift"
  ) -> [Int] {
    rule(SourceText(path: path, text: text)).map(\.line)
  }
}
