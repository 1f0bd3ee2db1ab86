/// The map of the program in the Architecture article: below a heading with a target's name, every Swift file of that
/// target is named in backquotes.
struct ArchitectureMap {
  static let path = "Sources/Daemon/Daemon.docc/Architecture.md"

  /// The files that the article names, as paths below the root.
  let files: Set<String>

  init(_ article: String, targets: Set<String>) {
    var target: String?
    var files: Set<String> = []
    for line in article.split(separator: "\n") {
      if line.hasPrefix("#") {
        let heading = line.drop { $0 == "#" }.filter { $0 != "`" && $0 != " " }
        target = targets.contains(heading) ? heading : nil
      }
      guard let target else { continue }
      for (place, quoted) in line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where place % 2 == 1 && quoted.hasSuffix(".swift") {
        files.insert("Sources/\(target)/\(quoted)")
      }
    }
    self.files = files
  }

  /// What the map and the tree do not agree on, in words.
  func disagreements(with sources: [String]) -> [String] {
    files.subtracting(sources).sorted().map { "\($0) is on the map, but not in the tree" }
      + Set(sources).subtracting(files).sorted().map { "\($0) is not on the map" }
  }
}
