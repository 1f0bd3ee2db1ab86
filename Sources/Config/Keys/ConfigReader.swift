package import Rotation

/// The result of reading a config.
package struct ConfigResult: Hashable, Sendable {
  /// nil if there is any error, but for those in logrotate's language that only drop a stanza or a file.
  package var configuration: Configuration?
  /// Errors and warnings, by position.
  package var diagnostics: [Diagnostic]

  package init(configuration: Configuration?, diagnostics: [Diagnostic]) {
    self.configuration = configuration
    self.diagnostics = diagnostics
  }
}

/// Reads a config: gets the bytes of its files; returns jobs, errors and warnings. Pure.
///
/// A text that is not valid TOML gives one error, where the parser stopped; any other text gives all its errors at
/// once. The tree of the text is freed when the configuration is returned.
package enum ConfigReader {
  /// Reads the bytes of a config of one file for a system; `file` is its name in messages.
  package static func read(_ bytes: [UInt8], file: String, system: SystemFacts) -> ConfigResult {
    read([ConfigSource(name: file, bytes: bytes)], system: system)
  }

  /// Reads a config of several files, in this order: settings of the daemon in a later file replace those in an earlier
  /// one. `files` reads the files in logrotate's language that it includes.
  package static func read(
    _ sources: [ConfigSource], system: SystemFacts, files: LogrotateFiles = .none
  ) -> ConfigResult {
    // The caller has reported why there are no files.
    guard !sources.isEmpty else { return ConfigResult(configuration: nil, diagnostics: []) }
    let findings = Findings(sources.map(withoutMark))
    var documents: [Document] = []
    for (file, source) in sources.enumerated() {
      if let document = document(of: withoutMark(source), Int32(file), findings) { documents.append(document) }
    }
    var configuration: Configuration?
    // If a file could not be read, its jobs are unknown, so their absence is no error.
    if documents.count == sources.count {
      configuration = ConfigCompiler(documents: documents, findings: findings, system: system, files: files).compile()
      configuration?.sha256 = ConfigDigest.hexadecimal(of: sources.lazy.map(\.bytes))
    }
    return ConfigResult(configuration: configuration, diagnostics: findings.sorted)
  }

  /// Reads a config in logrotate's language: a file or a directory, with all that it includes. Errors that drop a stanza or a
  /// file are among the diagnostics, and the configuration has the rest; it is nil where nothing is left.
  package static func read(logrotate path: FilePath, system: SystemFacts, files: LogrotateFiles) -> ConfigResult {
    let findings = Findings([ConfigSource(name: path.printable, bytes: [])])
    let compiler = ConfigCompiler(
      documents: [], findings: findings, system: system, files: files, logrotate: [path])
    let configuration = compiler.compile()
    return ConfigResult(configuration: configuration, diagnostics: findings.sorted)
  }

  /// The same for a command that acts as logrotate does: of several files, in their order, with the terms of each stanza.
  package static func read(
    logrotateTerms paths: [FilePath], system: SystemFacts, files: LogrotateFiles
  ) -> ConfigResult {
    let findings = Findings([ConfigSource(name: "command line", bytes: [])])
    let compiler = ConfigCompiler(
      documents: [], findings: findings, system: system, files: files, logrotate: paths, keepsTerms: true)
    let configuration = compiler.compile()
    return ConfigResult(configuration: configuration, diagnostics: findings.sorted)
  }

  /// The patterns of files in the `include` of a config, each with its line and column. A text that is not valid has
  /// none; reading it reports the errors.
  package static func includes(of source: ConfigSource) -> [(pattern: String, line: Int, column: Int)] {
    let findings = Findings([source])
    guard let document = document(of: withoutMark(source), 0, findings),
      let index = document.children(of: 0).first(where: { document.nodes[$0].key == include })
    else { return [] }
    return ([index] + document.children(of: index)).compactMap { index in
      let node = document.nodes[index]
      guard case .string(let pattern) = node.value else { return nil }
      return (pattern, Int(node.place.line), Int(node.place.column))
    }
  }

  /// The key at the top of a config that includes more files.
  static let include = "include"

  private static func document(of source: ConfigSource, _ file: Int32, _ findings: Findings) -> Document? {
    let start = Position(file: file, line: 1, column: 1)
    guard isText(source.bytes, start, findings) else { return nil }
    do throws(DocumentParser.SyntaxError) {
      var document = try DocumentParser.parse(source.bytes, file: file)
      document.isFragment = source.isFragment
      return document
    } catch {
      SyntaxMessage(source: findings.source(of: error.place), error: error).report(to: findings)
      return nil
    }
  }

  /// Removes the byte order mark that some editors write before UTF-8.
  private static func withoutMark(_ source: ConfigSource) -> ConfigSource {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard source.bytes.starts(with: mark) else { return source }
    return ConfigSource(
      name: source.name, bytes: Array(source.bytes.dropFirst(mark.count)), isFragment: source.isFragment)
  }

  private static func isText(_ bytes: [UInt8], _ start: Position, _ findings: Findings) -> Bool {
    guard bytes.count <= Limits.maxConfigBytes else {
      findings.error("the file has \(bytes.count) bytes; the limit is \(Limits.maxConfigBytes)", at: start)
      return false
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      findings.error("the file is UTF-16; a config must be UTF-8", at: start, hint: "save it as UTF-8")
      return false
    }
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
      return true
    } catch {
      let offset = error.byteOffsets.lowerBound
      let byte = String(bytes[offset], radix: 16, uppercase: true)
      findings.error(
        "the byte 0x\(byte.utf8.count < 2 ? "0" : "")\(byte) is not valid UTF-8; a config must be UTF-8",
        at: findings.source(of: start).place(of: offset), hint: "save the file as UTF-8")
      return false
    }
  }
}
