import Rotation

/// The names of archives, and how they are compressed.
extension SettingsReader {
  /// The value of `date-format`.
  func dateFormat(_ field: Field) -> DateFormat? {
    guard case .string(let text) = field.node.value else {
      refuse(field, allowed: "a format in quotes", hint: "such as \"-%Y%m%d\"")
      return nil
    }
    do throws(DateFormatError) {
      return try DateFormat.parse(text)
    } catch {
      findings.error(
        "`date-format` is \(Wording.quoted(text)): \(error.reason)",
        at: findings.source(of: field.node.place).place(inString: text, at: field.node.place, offset: error.offset),
        hint: "formats look like \"-%Y%m%d\" or \"-%Y-%m-%d-%H%M%S\"")
      return nil
    }
  }

  /// The value of `extension`.
  func ending(_ field: Field) -> Naming.Ending? {
    switch field.node.value {
    case .boolean(let isKept): return isKept ? .extension_ : Naming.Ending.none
    case .string(let text):
      let isSound =
        text.utf8.first == UInt8(ascii: ".") && text.utf8.dropFirst().contains { !$0.isDigit }
        && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        && !ArchiveNaming.standardSuffixes.contains(text)
      if isSound, text.utf8.count < Limits.maxNameBytes { return .suffix(ExactText(text)) }
      refuse(
        field, allowed: "an extension with its dot, neither a number nor that of a compressor",
        hint: "write it as `extension = \".log\"`")
    default:
      refuse(
        field, allowed: "true, false or an extension in quotes",
        hint: "true keeps what follows the last dot of the log's name")
    }
    return nil
  }

  /// The value of `compress`: true, false, the name of a compressor or a table that describes another.
  func compress(_ field: Field) -> JobDraft.Compress? {
    let names = Compressor.allCases.map(\.rawValue)
    let allowed = "true, false, one of \(Wording.list(names)) in quotes, or a table of `command` and `suffix`"
    switch field.node.value {
    case .boolean(false): return .off
    case .boolean(true): return .tool(standardCompressor(field))
    case .string(let text):
      if let tool = Compressor(rawValue: text) {
        warnIfMissing(tool.rawValue, field)
        return .tool(tool)
      }
      let nearest = NearestName.of(text, among: names)
      refuse(field, allowed: allowed, hint: nearest.map { "did you mean \(Wording.quoted($0))?" })
    case .table:
      var custom = CustomCompressor()
      readValue(field, as: Tables.compressor, .compress, into: &custom)
      guard let command = custom.command, let suffix = custom.suffix else { return nil }
      warnIfMissing(command[0].printable, field)
      return .command(command, suffix: suffix)
    default: refuse(field, allowed: allowed)
    }
    return nil
  }

  /// zstd if it is installed, else gzip.
  private func standardCompressor(_ field: Field) -> Compressor {
    if programs(Compressor.zstd.rawValue) { return .zstd }
    warnIfMissing(Compressor.gzip.rawValue, field)
    return .gzip
  }

  private func warnIfMissing(_ program: String, _ field: Field) {
    guard !programs(program) else { return }
    findings.warning(
      "the program \(Wording.code(program)) is not installed: archives stay uncompressed until it is",
      at: field.node.place)
  }

  /// A suffix that cannot be read as a version number.
  func suffix(_ field: Field) -> String? {
    if case .string(let text) = field.node.value, text.utf8.count <= 16, text.utf8.first == UInt8(ascii: "."),
      text.utf8.dropFirst().contains(where: { !$0.isDigit }),
      text.utf8.dropFirst().allSatisfy({ $0.isDigit || (0x61...0x7A).contains($0 | 0x20) })
    {
      return text
    }
    refuse(field, allowed: "a dot followed by letters and digits, not by digits alone", hint: "such as \".br\"")
    return nil
  }

  /// The value of `compress-level`, within the levels of all compressors.
  func level(_ field: Field) -> Int? {
    if case .integer(let level) = field.node.value, (0...19).contains(level) { return Int(level) }
    refuse(field, allowed: "a whole number: a level of the compressor")
    return nil
  }
}
