import Rotation
import Testing

@Suite("The record of the names of archives")
struct ArchiveNamesTests {
  private static let all: [ArchiveNames] = {
    let format = DateFormat(text: "-%Y%m%d")
    let namings = [
      Naming(), Naming(ending: .extension_), Naming(ending: .suffix(".l,o g%")), Naming(style: .dated(format)),
      Naming(style: .dated(format), ending: .extension_),
    ]
    let directories: [FilePath?] = [nil, "old", "/a b,c", FilePath(bytes: [0xFF, 0x0A, 0x25, 0x2D])]
    let suffixes: [String?] = [nil, ".gz", ".my zip"]
    return namings.flatMap { naming in
      directories.flatMap { directory in
        suffixes.map { suffix in
          var rules = Policy.Rules(keep: 1)
          rules.naming = naming
          rules.archiveDirectory = directory.map { ArchiveDirectory(path: $0) }
          rules.compression = suffix.map { Compression(command: ["zip"], suffix: $0) }
          return ArchiveNames(rules)
        }
      }
    }
  }()

  @Test("is one word that is read back unchanged")
  func roundTrip() {
    for names in Self.all {
      #expect(!names.word.bytes.contains { $0 <= 0x20 || $0 >= 0x7F })
      #expect(ArchiveNames(word: names.word.bytes) == names, "\(names.word)")
    }
    #expect(Set(Self.all.map(\.word)).count == Self.all.count)
  }

  @Test("is not read from an invalid word")
  func damaged() {
    for word in [
      "", "#", "#,-,-", "#,-,-,-,-", "x,-,-,-", "@,-,-,-", "@nonsense,-,-,-", "#,x,-,-", "#,-,old,-", "#,-,=%2,-",
      "#,-,=%zz,-", "#,-,-,=%ff",
    ] { #expect(ArchiveNames(word: word.utf8) == nil, "\(word)") }
  }

  @Test("gives a policy its names, and changes nothing else")
  func replacing() {
    var policy = Policy(keep: 7)
    policy.rules.keepMin = 3
    policy.rules.compression = Compression(command: ["zip"], suffix: ".zip", from: 2)
    for names in Self.all {
      let former = names.replacing(namesOf: policy)
      #expect(former.names == names && former.keep == 7 && former.keepMin == 3)
    }
    #expect(policy.names.replacing(namesOf: Policy(keep: 1)).naming == policy.naming)
  }
}
