import Glibc
import Testing

/// A mode of rotating one log with two archives, of which one is pushed out, and a command that is notified: what the
/// kill and failure matrices try at each system call.
struct RotationMode: CustomTestStringConvertible, Sendable {
  enum Taking: String, CaseIterable {
    case create, noCreate = "no create", truncate
  }

  var isDated = false
  /// The first version that is compressed; nil for none.
  var compressFrom: Int?
  var taking = Taking.create
  var keep = 2
  /// Whether renameat2(2) refuses its flags.
  var refusesFlags = false
  /// The value of `truncate-by`, and a directory where the file system supports it.
  var method: String?
  var directory = "/tmp"
  /// What a stanza of logrotate asks for; nil where the config is rotated's own.
  var dialect: Dialect?

  /// Numbers and dates, uncompressed and compressed, moved and truncated.
  static let all: [RotationMode] =
    [false, true].flatMap { isDated in
      [nil, 1, 2].flatMap { from in
        Taking.allCases.map { RotationMode(isDated: isDated, compressFrom: from, taking: $0) }
      }
    }

  /// Each truncation method.
  static let truncations = [("collapse", "/tmp"), ("punch", "/dev/shm"), ("copy", "/dev/shm")].map {
    RotationMode(taking: .truncate, method: $0, directory: $1)
  }

  /// Those of which the others are combinations.
  static let some = [
    RotationMode(compressFrom: 1), RotationMode(isDated: true, compressFrom: 2, taking: .truncate),
    RotationMode(isDated: true, taking: .noCreate),
  ]

  var testDescription: String {
    let packing = compressFrom.map { $0 == 1 ? "compressed" : "compressed from \($0)" } ?? "plain"
    return "\(isDated ? "dated" : "numbered"), \(packing), \(taking.rawValue)"
      + (method.map { " by \($0) in \(directory)" } ?? "") + (keep == 2 ? "" : ", keep \(keep)")
      + (refusesFlags ? ", no RENAME_EXCHANGE" : "") + (dialect.map { ", logrotate's \($0)" } ?? "")
  }

  /// Longer than a block, so that there is something to collapse.
  static let content = (1...300).map { "line \($0) of the live log\n" }.joined()

  /// Names of archives, the newest first; the first is that of the next rotation.
  private var names: [String] {
    isDated ? ["app.log-NEW", "app.log-20200102", "app.log-20200101"] : ["app.log.1", "app.log.2"]
  }

  private func suffix(_ rank: Int) -> String { compressFrom.map { rank >= $0 ? ".gz" : "" } ?? "" }

  /// The directory as the undisturbed rotation leaves it, with uncompressed content.
  var end: [String: String] {
    var end = taking == .noCreate ? [:] : ["app.log": ""]
    for (index, content) in [Self.content, "one\n"].prefix(keep).enumerated() {
      end[names[index] + suffix(index + 1)] = content
    }
    return end
  }

  /// A directory with logs before their rotation, and a config for it.
  func setUp(check: String) throws -> Scratch {
    let scratch = Scratch(in: directory)
    if dialect == .olddir { try scratch.makeDirectory("old") }
    try scratch.write(Self.content, to: "logs/app.log")
    // The archives from before have one rank less.
    for (index, name) in names.dropFirst(isDated ? 1 : 0).prefix(2).enumerated() {
      let path = "\(archives)/\(name)"
      try scratch.write(["one\n", "two\n"][index], to: path)
      if !suffix(index + 1).isEmpty {
        try #require(try Program.run("gzip", [scratch[path]]).code == 0)
      }
    }
    if let dialect {
      try dialect.writeConfig(scratch, mode: self)
      return scratch
    }
    var more: [String] = []
    switch taking {
    case .create: break
    case .noCreate: more.append("create = false")
    case .truncate: more.append("method = 'truncate'")
    }
    if let method { more.append("truncate-by = '\(method)'") }
    if isDated { more += ["archive-names = 'dated'", "date-format = '-%Y%m%d'"] }
    if let compressFrom { more += ["compress = 'gzip'", "compress-from = \(compressFrom)"] }
    try scratch.write(
      scratch.job(
        "app", "size = 1", "check = '\(check)'", "keep = \(keep)",
        "notify = { shell = 'echo notified >>\(scratch["notified"])' }", more.joined(separator: "\n")),
      to: "rotated.toml")
    return scratch
  }

  /// Where archives are.
  private var archives: String { dialect == .olddir ? "old" : "logs" }

  /// The log and its archives, with what they hold.
  func files(_ scratch: Scratch) -> [String: String] {
    scratch.contents("logs").merging(archives == "logs" ? [:] : scratch.contents(archives)) { $1 }
  }

  /// The present directory, in the form of `end`: the date of today is NEW, compressed files are uncompressed, and the
  /// NULs and padding of a truncation at the head of the log are left out.
  func found(_ scratch: Scratch) -> [String: String] {
    var found: [String: String] = [:]
    for (name, content) in files(scratch) {
      var name = name
      if isDated, name.hasPrefix("app.log-2"), !name.hasPrefix("app.log-2020") {
        name = "app.log-NEW" + name.dropFirst("app.log-20260101".count)
      }
      found[name] = name == "app.log" ? Self.withoutTruncation(content) : content
    }
    // Uncompressing takes a process: only when the names are complete.
    guard Set(found.keys) == Set(end.keys) else { return found }
    for name in scratch.list(archives) where name.hasSuffix(".gz") {
      let key = found.keys.contains(name) ? name : "app.log-NEW.gz"
      found[key] = try? scratch.unpacked("\(archives)/\(name)")
    }
    return found
  }

  static func withoutTruncation(_ content: String) -> String {
    let text = content.drop { $0 == "\0" }
    let rest = text.drop { $0 == " " }
    return String(rest.first == "\n" ? rest.dropFirst() : text)
  }

  /// Whether everything is as after the undisturbed rotation, and the command was run.
  func isDone(_ scratch: Scratch) -> Bool {
    scratch.read("notified") != nil && found(scratch) == end && (dialect != .preremove || scratch.read("gone") != nil)
  }

  /// The first of `end`'s contents that does not exist any more; nil if all bytes are there.
  func lost(_ scratch: Scratch) -> String? {
    let contents = scratch.list("logs").map { name in
      (name.hasSuffix(".gz") ? try? scratch.unpacked("logs/\(name)") : scratch.read("logs/\(name)")) ?? ""
    }
    return end.values.first { content in !content.isEmpty && !contents.contains { $0.contains(content) } }
  }
}
