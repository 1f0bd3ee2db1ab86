import Testing

/// Every rule over the whole tree.
@Suite("The tree keeps the house rules")
struct TreeTests {
  @Test("the tree is found")
  func treeIsFound() {
    #expect(SourceTree.files.contains { $0.path == "Tests/StyleTests/HouseRuleTests.swift" })
    #expect(SourceTree.sources.contains { $0.path == "Sources/rotated/main.swift" })
  }

  @Test("nothing imports a module that starts threads or adds megabytes")
  func heavyImports() { expectNone(SourceTree.files.flatMap(WordRules.heavyImports)) }

  @Test("no task leaves the loop")
  func strayTasks() {
    let simulation = SourceTree.files.filter { $0.target == "Simulation" }
    expectNone((SourceTree.sources + simulation).flatMap(WordRules.strayTasks))
  }

  @Test("nothing is forced without a reason")
  func forced() { expectNone(SourceTree.files.flatMap(WordRules.forced)) }

  @Test("nothing is left open")
  func leftOpen() {
    expectNone(SourceTree.files.filter { $0.target != "StyleTests" }.flatMap(WordRules.leftOpen))
  }

  @Test("no file is longer than 300 lines")
  func fileLength() { expectNone(SourceTree.files.flatMap(WordRules.fileLength)) }

  @Test("every function fits on a screen")
  func functionLength() { expectNone(SourceTree.files.flatMap(FunctionLength.findings)) }

  @Test("targets import only what lies below them")
  func targetArrows() { expectNone(SourceTree.files.flatMap(TargetArrows.findings)) }

  @Test("what other targets see is described")
  func docComments() {
    // CustomStringConvertible's requirement, and those of our own protocols.
    let requirements = Set(SourceTree.sources.flatMap(DeclarationRules.requirements) + ["description"])
    expectNone(SourceTree.sources.flatMap { DeclarationRules.docComments($0, requirements: requirements) })
  }

  @Test("no type has a name that says nothing")
  func vagueNames() { expectNone(SourceTree.files.flatMap(DeclarationRules.vagueNames)) }

  @Test("no folder of the program has more than twelve files")
  func rooms() {
    let rooms = Dictionary(grouping: SourceTree.sources) {
      $0.path.split(separator: "/").dropLast().joined(separator: "/")
    }
    #expect(rooms.filter { $0.value.count > 12 }.keys.sorted() == [])
  }

  private func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(findings.isEmpty, "\(findings.listed)", sourceLocation: sourceLocation)
  }
}
