import Rotation

/// The result of reading a config.
package struct ConfigResult: Hashable, Sendable {
  /// nil if there is any error.
  package var configuration: Configuration?
  /// Errors and warnings, by place.
  package var diagnostics: [Diagnostic]

  package init(configuration: Configuration?, diagnostics: [Diagnostic]) {
    self.configuration = configuration
    self.diagnostics = diagnostics
  }
}

/// Reads a config: bytes in; jobs, errors and warnings out. Pure.
///
/// A text that is not valid TOML gives one error, where the parser stopped; any other text gives all its errors at
/// once. The tree of the text is freed when the configuration is returned.
package enum ConfigReader {
  /// Reads the bytes of a config for a system; `file` is its name in messages.
  package static func read(_ bytes: [UInt8], file: String, system: SystemFacts) -> ConfigResult {
    let text = bytes.starts(with: utf8Mark) ? Array(bytes.dropFirst(utf8Mark.count)) : bytes
    let findings = Findings(file: file, bytes: text)
    var configuration: Configuration?
    if isText(text, findings), let document = parse(text, findings) {
      configuration = ConfigCompiler(document: document, findings: findings, system: system).compile()
    }
    return ConfigResult(configuration: configuration, diagnostics: findings.sorted)
  }

  /// The byte order mark that some editors write before UTF-8.
  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private static func isText(_ bytes: [UInt8], _ findings: Findings) -> Bool {
    guard bytes.count <= Limits.maxConfigBytes else {
      findings.error(
        "the file has \(bytes.count) bytes; the limit is \(Limits.maxConfigBytes)", at: .start)
      return false
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      findings.error("the file is UTF-16; a config must be UTF-8", at: .start, hint: "save it as UTF-8")
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
        at: findings.source.place(of: offset), hint: "save the file as UTF-8")
      return false
    }
  }

  private static func parse(_ bytes: [UInt8], _ findings: Findings) -> Document? {
    do throws(DocumentParser.SyntaxError) {
      return try DocumentParser.parse(bytes)
    } catch {
      SyntaxMessage(source: findings.source, error: error).report(to: findings)
      return nil
    }
  }
}
