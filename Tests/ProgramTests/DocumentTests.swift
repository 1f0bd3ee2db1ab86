import Testing

/// What the guides and the manual pages say, against the built programs.
@Suite("The documents")
struct DocumentTests {
  /// The source tree, found from where this file is.
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  private static let guides = names(in: "\(root)/docs/guides").filter { $0.hasSuffix(".md") }.sorted()
  private static let pages = names(in: "\(root)/docs/man").sorted()
  private static let hasMandoc = (try? Program.run("mandoc", ["-T", "lint", "/dev/null"])) != nil

  let scratch = Scratch()

  private static func text(_ name: String) throws -> String {
    try #require(readWholeFile("\(root)/\(name)"), "\(name) cannot be read")
  }

  /// The contents of the blocks of a language in a Markdown file.
  static func blocks(_ language: String, in text: String) -> [String] {
    var blocks: [String] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = !isInside && line == "```\(language)"
        if isInside { blocks.append("") }
      } else if isInside {
        blocks[blocks.count - 1] += line + "\n"
      }
    }
    return blocks
  }

  /// The long options and short ones in a text: all words that begin with a hyphen.
  private static func options(in text: String) -> Set<String> {
    Set(
      text.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init).filter { word in
        word.hasPrefix("-") && word.drop { $0 == "-" }.first?.isLetter == true
      })
  }

  /// A manual page with its options written as on a command line.
  private static func page(_ name: String) throws -> String {
    var result = ""
    for line in try text("docs/man/\(name)").split(separator: "\n") {
      result += "\n"
      for word in line.split(separator: " ") { result += word == "Fl" || word == ".Fl" ? "-" : word + " " }
    }
    return result
  }

  @Test("every config in a guide passes the check, without a warning", arguments: guides)
  func configs(_ guide: String) throws {
    for (number, block) in Self.blocks("toml", in: try Self.text("docs/guides/\(guide)")).enumerated() {
      try scratch.write(block, to: "\(number).toml")
      let (code, text) = try Program.run(Program.rotatectl, ["check", "--offline", scratch["\(number).toml"]])
      #expect(code == 0 && !text.contains("warning"), "\(guide), config \(number + 1): \(text)\n\(block)")
    }
  }

  @Test("there are configs to check in the guides")
  func count() throws {
    let configs = try Self.guides.flatMap { Self.blocks("toml", in: try Self.text("docs/guides/\($0)")) }
    #expect(configs.count >= 12)
    #expect(configs.allSatisfy { $0.contains("[job.") && !$0.contains("```") })
  }

  @Test("every link in a guide and in the README leads to a file", arguments: guides + ["../../README.md"])
  func links(_ guide: String) throws {
    for rest in try Self.text("docs/guides/\(guide)").split(separator: "]") where rest.hasPrefix("(") {
      let target = rest.dropFirst().prefix { $0 != ")" }
      if target.hasPrefix("https://") || !target.contains(".") { continue }
      let folder = guide.hasPrefix("..") ? "" : "docs/guides/"
      #expect(readWholeFile("\(Self.root)/\(folder)\(target)") != nil, "\(guide): \(target)")
    }
  }

  @Test("mandoc finds nothing in the manual pages", .enabled(if: hasMandoc, "there is no mandoc"), arguments: pages)
  func lint(_ page: String) throws {
    let (_, text) = try Program.run("mandoc", ["-T", "lint", "\(Self.root)/docs/man/\(page)"])
    // Which other pages this machine has, and which of them mandoc knows, is no fault of the page.
    let findings = text.split(separator: "\n").filter {
      !$0.contains("referenced manual not found") && !$0.contains("outdated mandoc.db")
    }
    #expect(findings == [])
  }

  @Test("rotated(8) has every option of the daemon")
  func daemonOptions() throws {
    let options = Self.options(in: try Program.run(Program.rotated, ["--help"]).text)
    #expect(options.count >= 10)
    #expect(options.subtracting(Self.options(in: try Self.page("rotated.8"))) == [])
  }

  @Test("rotatectl(1) has every command and every long option of rotatectl, and no other")
  func commands() throws {
    let page = try Self.page("rotatectl.1")
    let help = try Program.run(Program.rotatectl, ["--help"]).text
    // A command is a line with an indent of two and its description.
    let commands = help.split(separator: "\n").filter { $0.hasPrefix("  ") && $0.dropFirst(2).first?.isLetter == true }
      .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
    #expect(commands.count >= 5, "\(help)")
    var options = Self.options(in: help)
    for command in commands {
      #expect(page.contains("\n.It Ic \(command)") || page.contains("\n.It Xo Ic \(command)"), "\(command)")
      options.formUnion(Self.options(in: try Program.run(Program.rotatectl, ["help", command]).text))
    }
    let isLong = { (option: String) in option.hasPrefix("--") }
    #expect(options.filter(isLong) == Self.options(in: page).filter(isLong))
  }
}
