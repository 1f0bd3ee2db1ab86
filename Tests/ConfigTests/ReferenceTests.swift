import Config
import Glibc
import Rotation
import Testing
import Timekeeping

@Suite("The configs that come with rotated")
struct ReferenceTests {
  private func path(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/config/\(name)"
  }

  /// A file of the directory `config`, found from this one.
  private func shipped(_ name: String) throws -> [UInt8] {
    guard let file = unsafe fopen(path(name), "r") else { throw Errno(errno) }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = unsafe fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }

  @Test(
    "each of them passes its own check, without a warning", arguments: ["rotated.toml", "four-jobs.toml", "demo.toml"])
  func soundness(_ name: String) throws {
    let result = read(try shipped(name))
    #expect(findings(result) == [])
    #expect(result.configuration != nil)
  }

  @Test("the four jobs are read as intended")
  func fourJobs() throws {
    let minute = Span.seconds(60)
    #expect(
      read(try shipped("four-jobs.toml")).configuration?.jobs == [
        Job(
          name: "file1", logs: [LogPattern("/tmp/file1")], schedule: .interval(.seconds(30)), policy: Policy(keep: 3)),
        Job(
          name: "file2", logs: [LogPattern("/tmp/file2")], schedule: .interval(.seconds(20)), policy: Policy(keep: 5)),
        Job(
          name: "file3", logs: [LogPattern("/tmp/file3")], sizeLimit: SizeLimit(bytes: 1024, check: minute),
          policy: Policy(keep: 3)),
        Job(name: "file4", logs: [LogPattern("/tmp/file4")], schedule: .daily(.midnight), policy: Policy(keep: 5)),
      ])
  }

  /// `WRITE_REFERENCE=1 swift test --filter ReferenceTests` writes the file.
  @Test("the reference config is made from the table of keys")
  func reference() throws {
    if unsafe getenv("WRITE_REFERENCE") != nil { try write(Reference.text, to: "rotated.toml") }
    let text = String(decoding: try shipped("rotated.toml"), as: UTF8.self)
    #expect(text.split(separator: "\n") == Reference.text.split(separator: "\n"))
    #expect(text == Reference.text)
  }

  /// Written by the same command.
  @Test("the manual page of the config is what the table of keys says")
  func manualPage() throws {
    let page = "../docs/man/rotated.toml.5"
    if unsafe getenv("WRITE_REFERENCE") != nil { try write(ManualPage.text, to: page) }
    let text = String(decoding: try shipped(page), as: UTF8.self)
    #expect(text.split(separator: "\n") == ManualPage.text.split(separator: "\n"))
    for name in Reference.defaults.map(\.name) { #expect(text.contains("\n.It Ic \(name) Pq "), "\(name)") }
  }

  /// Written by the same command.
  @Test("the schema for editors is what the table of keys says, and has a shape for each key")
  func schema() throws {
    #expect(Schema.missing == [], "each of these needs a line in KeyShape.swift")
    if unsafe getenv("WRITE_REFERENCE") != nil { try write(Schema.text, to: "rotated.schema.json") }
    let text = String(decoding: try shipped("rotated.schema.json"), as: UTF8.self)
    #expect(text.split(separator: "\n") == Schema.text.split(separator: "\n"))
  }

  private func write(_ text: String, to name: String) throws {
    guard let file = unsafe fopen(path(name), "w") else { throw Errno(errno) }
    defer { unsafe fclose(file) }
    guard unsafe fputs(text, file) >= 0 else { throw Errno(errno) }
  }

  @Test("a default that is written out changes nothing")
  func writtenDefaults() throws {
    let plain = "[job.x]\nlogs = '/a'\nsize = '1K'\n"
    let explicit = plain + Reference.defaults.map { "\($0.name) = \($0.value)\n" }.joined()
    #expect(explicit != plain)
    #expect(read(explicit).configuration?.jobs == read(plain).configuration?.jobs)
    #expect(findings(read(explicit)) == [])
  }

  @Test("the defaults of the table are those of the policy that a job has in code")
  func defaultsInCode() throws {
    let job = try #require(read("[job.x]\nlogs = '/a'\nsize = '1K'\n").configuration?.jobs.first)
    #expect(
      job
        == Job(
          name: "x", logs: [LogPattern("/a")], sizeLimit: SizeLimit(bytes: 1024, check: nil), policy: Policy(keep: 7)))
  }

  @Test(
    "a key by its former name is an error that gives the new one, and is read",
    arguments: [("names", "archive-names", "'dated'"), ("act-as-owner", "use-owner-rights", "false")])
  func formerNames(_ former: String, _ name: String, _ value: String) {
    #expect(
      findings(read("[job.x]\nlogs = '/a'\nsize = 1\n\(former) = \(value)\n")) == [
        "4:1: error: unknown key `\(former)` in job `x` (it was renamed to `\(name)`)"
      ])
    #expect(
      findings(read("[defaults]\n\(former) = 1\n[job.x]\nlogs = '/a'\nsize = 1\n")).map { $0.prefix(10) } == [
        "2:1: error", name == "archive-names" ? "2:9: error" : "2:16: erro",
      ])
  }
}
