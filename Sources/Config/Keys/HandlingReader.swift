import Rotation
import Timekeeping

extension SettingsReader {
  /// Reads a key that says how a log is handled.
  func readHandling(_ key: JobKey, _ child: Int, into settings: inout HandlingSettings) {
    let node = document.nodes[child]
    switch key {
    case .method: settings.truncates = choice(node, key, ["move": false, "truncate": true])
    case .truncateBy:
      settings.truncateWay = choice(
        node, key, Dictionary(uniqueKeysWithValues: TruncateWay.allCases.map { ($0.rawValue, $0) }))
    case .naming: settings.isDated = choice(node, key, ["numbered": false, "dated": true])
    case .dateFormat: settings.dateFormat = dateFormat(node)
    case .extension_: settings.ending = ending(node)
    case .archiveDir: settings.archiveDirectory = archiveDirectory(child)
    case .before: settings.before = commands(child)
    case .notify: settings.notices = notices(child)
    case .reopenTimeout: settings.reopenTimeout = span(node, key)
    case .onStuck: settings.undoesWhenStuck = choice(node, key, ["wait": false, "undo": true])
    case .compress: settings.compress = compress(child)
    case .compressLevel: settings.level = level(node)
    case .compressAfter: settings.compressAfter = span(node, key, in: .zero...Limits.longestSpan)
    case .compressFrom: settings.compressFrom = count(node, key, in: 1...Limits.maxKeep)
    case .maxAge: settings.maxAge = span(node, key)
    case .maxTotal: settings.maxTotal = size(node, named: key.rawValue)
    case .keepMin: settings.keepMin = count(node, key, in: 0...Limits.maxKeep)
    case .actAsOwner: settings.actsAsOwner = flag(node, key)
    default: preconditionFailure("\(key.rawValue) is read elsewhere")
    }
  }

  /// One of a few words.
  private func choice<Value>(_ node: Document.Node, _ key: JobKey, _ values: [String: Value]) -> Value? {
    let words = values.keys.sorted().map(Wording.quoted)
    let allowed = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
    guard case .string(let text) = node.value else {
      refuse(node, key.rawValue, allowed: allowed)
      return nil
    }
    if let value = values[text] { return value }
    let nearest = NearestName.of(text, among: values.keys.sorted())
    refuse(node, key.rawValue, allowed: allowed, hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    return nil
  }

  // MARK: - Names

  private func dateFormat(_ node: Document.Node) -> DateFormat? {
    guard case .string(let text) = node.value else {
      refuse(node, "date-format", allowed: "a format in quotes", hint: "such as \"-%Y%m%d\"")
      return nil
    }
    do throws(DateFormatError) {
      return try DateFormat.parse(text)
    } catch {
      findings.error(
        "`date-format` is \(Wording.quoted(text)): \(error.reason)",
        at: findings.source.place(inString: text, at: node.place, offset: error.offset),
        hint: "formats look like \"-%Y%m%d\" or \"-%Y-%m-%d-%H%M%S\"")
      return nil
    }
  }

  private func ending(_ node: Document.Node) -> Naming.Ending? {
    switch node.value {
    case .boolean(let isKept): return isKept ? .extension_ : Naming.Ending.none
    case .string(let text):
      let isSound =
        text.utf8.first == UInt8(ascii: ".") && text.utf8.dropFirst().contains { !$0.isDigit }
        && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        && !ArchiveNaming.standardSuffixes.contains(text)
      if isSound, text.utf8.count < Limits.maxNameBytes { return .suffix(ExactText(text)) }
      refuse(
        node, "extension", allowed: "an extension with its dot, no number and not that of a compressor",
        hint: "write it as `extension = \".log\"`")
    default:
      refuse(
        node, "extension", allowed: "true, false or an extension in quotes",
        hint: "true keeps what stands behind the last dot of the log's name")
    }
    return nil
  }

  private func archiveDirectory(_ index: Int) -> ArchiveDirectory? {
    let node = document.nodes[index]
    switch node.value {
    case .string: return directoryPath(node).map { ArchiveDirectory(path: $0) }
    case .table:
      var directory: ArchiveDirectory?
      var attributes = FileAttributes()
      for child in document.children(of: index) {
        let field = document.nodes[child]
        if field.key == "path" {
          directory = directoryPath(field).map { ArchiveDirectory(path: $0) }
        } else if let key = CreateKey(rawValue: field.key) {
          read(key, field, into: &attributes)
        } else {
          _ = refuseUnknownKey(field, in: index, .archiveDirectory, ["path"] + CreateKey.names)
        }
      }
      if !document.children(of: index).contains(where: { document.nodes[$0].key == "path" }) {
        findings.error("`archive-dir` has no `path`", at: node.place)
      }
      directory?.mode = attributes.mode
      directory?.user = attributes.user
      directory?.group = attributes.group
      return directory
    default:
      refuse(
        node, "archive-dir", allowed: "a path in quotes, or a table of `path`, `mode`, `user` and `group`",
        hint: "write it as `archive-dir = \"old\"`")
      return nil
    }
  }

  /// The path of a directory, absolute or relative to that of a log.
  private func directoryPath(_ node: Document.Node) -> FilePath? {
    guard case .string(let text) = node.value else {
      refuse(node, "path", allowed: "a path in quotes")
      return nil
    }
    if text == "." { return FilePath(text) }
    let isAbsolute = text.utf8.first == UInt8(ascii: "/")
    let components = text.utf8.dropFirst(isAbsolute ? 1 : 0)
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isSound = components.allSatisfy { component in
      !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
        && component.count <= Limits.maxNameBytes && !component.contains(0)
    }
    if isSound, text.utf8.count <= Limits.maxPathBytes { return FilePath(text) }
    findings.error(
      "`archive-dir` is \(Wording.quoted(text)); allowed is a path from the root or from the log's directory, "
        + "without empty components, `.` and `..`", at: node.place)
    return nil
  }

  // MARK: - Compression

  private func compress(_ index: Int) -> HandlingSettings.Compress? {
    let node = document.nodes[index]
    let names = Compressor.allCases.map(\.rawValue)
    let allowed = "true, false, one of \(Wording.list(names)) in quotes, or a table of `command` and `suffix`"
    switch node.value {
    case .boolean(false): return .off
    case .boolean(true): return .tool(standardCompressor(node))
    case .string(let text):
      if let tool = Compressor(rawValue: text) {
        warnIfMissing(tool.rawValue, node.place)
        return .tool(tool)
      }
      let nearest = NearestName.of(text, among: names)
      refuse(node, "compress", allowed: allowed, hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    case .table: return customCompressor(index)
    default: refuse(node, "compress", allowed: allowed)
    }
    return nil
  }

  /// zstd where it is installed, else gzip.
  private func standardCompressor(_ node: Document.Node) -> Compressor {
    if programs(Compressor.zstd.rawValue) { return .zstd }
    warnIfMissing(Compressor.gzip.rawValue, node.place)
    return .gzip
  }

  private func warnIfMissing(_ program: String, _ place: Place) {
    guard !programs(program) else { return }
    findings.warning(
      "there is no program \(Wording.code(program)) on this system: archives stay plain until there is", at: place)
  }

  private func customCompressor(_ table: Int) -> HandlingSettings.Compress? {
    var command: [ExactText]?
    var suffix: String?
    var names: Set<String> = []
    for child in document.children(of: table) {
      let node = document.nodes[child]
      names.insert(node.key)
      switch node.key {
      case "command": command = words(child, "command")
      case "suffix": suffix = self.suffix(node)
      default: _ = refuseUnknownKey(node, in: table, .compress, ["command", "suffix"])
      }
    }
    for name in ["command", "suffix"] where !names.contains(name) {
      findings.error("`compress` has no `\(name)`", at: document.nodes[table].place)
    }
    guard let command, let suffix else { return nil }
    warnIfMissing(command[0].printable, document.nodes[table].place)
    return .command(command, suffix: suffix)
  }

  /// A suffix that no version number can be taken for.
  private func suffix(_ node: Document.Node) -> String? {
    if case .string(let text) = node.value, text.utf8.count <= 16, text.utf8.first == UInt8(ascii: "."),
      text.utf8.dropFirst().contains(where: { !$0.isDigit }),
      text.utf8.dropFirst().allSatisfy({ $0.isDigit || (0x61...0x7A).contains($0 | 0x20) })
    {
      return text
    }
    refuse(
      node, "suffix", allowed: "a dot with letters and digits behind it, not digits alone", hint: "such as \".br\"")
    return nil
  }

  private func level(_ node: Document.Node) -> Int? {
    if case .integer(let level) = node.value, (0...19).contains(level) { return Int(level) }
    refuse(node, "compress-level", allowed: "a whole number that the compressor knows as its level")
    return nil
  }
}
