import Config
import Glibc
import Rotation
import Testing
import Timekeeping

@Suite("The configs that come with rotated")
struct ReferenceTests {
  /// A file of the directory `config`, found from this one.
  private func shipped(_ name: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    guard let file = unsafe fopen("\(root)/config/\(name)", "r") else { throw Errno(errno) }
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

  @Test("the four jobs are those of the mission")
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

  @Test("the reference documents every key with its default, and no other")
  func reference() throws {
    let text = String(decoding: try shipped("rotated.toml"), as: UTF8.self)
    let documented = text.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("# "), let end = line.range(of: "): ") else { return nil }
      return String(line[line.index(line.startIndex, offsetBy: 2)..<end])
    }
    let expected = Defaults.keys.map { key in
      switch key.absence {
      case .required: "\(key.name) (required"
      case .none: "\(key.name) (default: none"
      case .value(let text): "\(key.name) (default: \(text)"
      }
    }
    #expect(documented == expected)
  }

  @Test("a default that is written out changes nothing")
  func writtenDefaults() throws {
    let plain = "[job.x]\nlogs = '/a'\nsize = '1K'\n"
    let explicit =
      plain
      + Defaults.keys.map { key in
        if case .value(let text) = key.absence { "\(key.name) = \(text)\n" } else { "" }
      }.joined()
    #expect(explicit != plain)
    #expect(read(explicit) == read(plain))
    #expect(findings(read(explicit)) == [])
  }
}

extension Substring {
  /// Where a text first stands, up to its start.
  func range(of text: String) -> String.Index? {
    indices.first { self[$0...].hasPrefix(text) }
  }
}
