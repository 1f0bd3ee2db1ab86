import Testing

@Suite("The house rules")
struct HouseRuleTests {
  @Test("are kept in the whole tree", arguments: Rule.all)
  func tree(rule: Rule) {
    #expect(SourceTree.files.contains { $0.path == "Tests/StyleTests/HouseRuleTests.swift" })
    #expect(SourceTree.files.contains { $0.path == "Sources/rotated/main.swift" })
    let findings = SourceTree.files.filter(rule.covers).flatMap { file in
      rule.findings(file).map { "\(file.path):\($0)" }
    }
    #expect(findings == [], "\(rule.testDescription)")
  }

  @Test("no folder of the program has more than twelve files")
  func folders() {
    let folders = Dictionary(grouping: SourceTree.files.filter { $0.path.hasPrefix("Sources/") }, by: \.folder)
    #expect(folders.filter { $0.value.count > 12 }.keys.sorted() == [])
  }

  /// Texts that break a rule, each at its last line with code, and texts that come close and do not.
  struct Example: CustomTestStringConvertible, Sendable {
    let rule: Rule
    var path = "Sources/Daemon/Example.swift"
    let bad: [String]
    let good: [String]
    var testDescription: String { rule.testDescription }
  }

  @Test("find what breaks them", arguments: examples)
  func bite(example: Example) {
    #expect(example.rule.covers(SourceFile(path: example.path, text: "")))
    for text in example.bad {
      #expect(example.rule.findings(SourceFile(path: example.path, text: text)).count == 1, "\(text)")
    }
    for text in example.good {
      #expect(example.rule.findings(SourceFile(path: example.path, text: text)) == [], "\(text)")
    }
  }

  static let examples = [
    Example(
      rule: .lightImports,
      bad: [
        "import Foundation", "package import Dispatch", "@preconcurrency import Subprocess",
        "import struct Foundation.Date", "public import FoundationEssentials",
      ],
      good: ["// import Foundation", "import Glibc", "let a = \"import Foundation\""]),
    Example(rule: .pureTargets, bad: ["import Glibc", "package import Glibc"], good: ["package import Rotation"]),
    Example(
      rule: .tasksOnLoop,
      bad: [
        "Task {", "let t = Task<Void, Never> {", "Task.detached {", "  try await Task.sleep(for: .seconds(1))",
        "let a = \"b\\n\"; Task(priority: .low) {", "Task.immediate {", "_ = _Concurrency.Task {", "a { Task { b() } }",
      ],
      good: [
        "Task(executorPreference: loop) {", "Task(name: \"job\", executorPreference: loop) {", "Task.isCancelled",
        "Task<Void, Never>(executorPreference: loop) {", "await Task.yield()", "// a bare Task { } leaves",
        "a()  // and no Task { }", "let why = \"a \\\"bare\\\" Task { }\"", "var task: Task<Void, Never>?",
        "RotationTask {", "withTaskGroup { }",
      ]),
    Example(
      rule: .nothingOpen, bad: ["let a = 1\n// TODO: more", "/// FIXME", "fatalError()"],
      good: ["fatalError(\"the heap is empty\")"]),
    Example(
      rule: .shortFiles, bad: [String(repeating: "\n", count: 301), String(repeating: "\n", count: 300) + "}"],
      good: [String(repeating: "\n", count: 300)]),
    Example(rule: .shortBodies, bad: heads.map { body($0, 60) }, good: heads.map { body($0, 59) } + bodiless),
    Example(
      rule: .described,
      bad: [
        "package struct A {}", "  package static func a() {}", "public final class A {}",
        "package private(set) var a = 1", "// not for readers\npackage enum A {}", "package subscript(a: Int) -> Int {",
        "@discardableResult\npackage func a() -> Int { 1 }", "/// A.\n\npackage protocol A {}",
        "struct A {\n  let a = 1\n\n  package let b = 2\n}", "/// A.\nlet a = 1\npackage func b() {}",
        "struct A {\n  func a() {\n  }\n  package var b: Int\n}",
      ],
      good: [
        "/// A.\npackage struct A {}", "/// A.\n@discardableResult\n@inlinable\npackage func a() -> Int { 1 }",
        "package import Glibc", "package init(a: Int) {}", "package static func < (a: A, b: A) -> Bool { true }",
        "struct A {}", "package extension A {}", "struct A {\n  package var a: Int\n  package var b: Int\n}",
        "// The numbers of Linux.\npackage static let a = 1\npackage static let b = 2",
        "let a = open(b, c)\nopen(d, e)", "package var description: String { a }",
      ]),
    Example(
      rule: .tellingNames,
      bad: ["final class JobManager {}", "enum FileUtils {}", "package struct BaseRule {}", "actor Helper {}"],
      good: ["class ScriptedServiceManager {}", "struct Baseline {}", "  class func helper() {}"]),
    Example(
      rule: .noSleep, path: "Tests/SimulationTests/Example.swift", bad: ["usleep(1)", "_ = nanosleep(&a, nil)"],
      good: ["// usleep(1)", "musleep(1)"]),
  ]

  private static let heads = [
    "func a(b: () -> Void = {}) async throws(E) -> [Int] {", "  static func < (a: A, b: A) -> Bool {",
    "init?<T>(t: T) {",
    "deinit {", "package subscript(a: Int) -> Int {", "  var a: [Int: Int] {", "func `a raw name`()\nwhere A: B {",
    "  func a(\n    b: Int, c: Int\n  ) -> Int {", "@inlinable func a<T>(b: T)\nwhere T: B\n{",
  ]

  private static func body(_ head: String, _ count: Int) -> String {
    let margin = head.prefix { $0 == " " }
    return "\(head)\n" + String(repeating: "\(margin)  if a { b() }\n", count: count) + "\(margin)}\n"
  }

  /// Declarations that do not borrow the next block.
  private static let bodiless = ["protocol A {\n  func a() -> Int\n}", "func a() { 1 }", "var a: Int", "a.init()"].map {
    "\($0)\n" + body("enum B {", 70)
  }
}
