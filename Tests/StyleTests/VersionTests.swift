import Testing

@Suite("The version")
struct VersionTests {
  @Test("is the same in the program, in the list of changes and in the Debian package")
  func places() throws {
    let source = try #require(SourceTree.read("Sources/Daemon/Reports/ProgramVersion.swift"))
    let line = try #require(source.split(separator: "\n").first { $0.hasPrefix("  package static let number = ") })
    let number = try #require(line.split(separator: "\"").last)
    #expect(number.split(separator: ".").count == 3)
    let changes = try #require(SourceTree.read("CHANGELOG.md"))
    #expect(changes.split(separator: "\n").first { $0.hasPrefix("## ") } == "## \(number)")
    let debian = try #require(SourceTree.read("debian/changelog"))
    #expect(debian.hasPrefix("rotated (\(number)) "))
  }
}
