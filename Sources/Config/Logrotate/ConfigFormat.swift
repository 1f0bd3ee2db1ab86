/// The languages of a config.
package enum ConfigFormat: String, CaseIterable, Sendable {
  case toml, logrotate

  /// The language of a text, by its first line that is neither empty nor a comment, and by those that follow as long as a line
  /// may be of either: `size = 10M` may, `daily` and `/var/log/app.log {` may not. TOML where nothing decides.
  package static func of(_ bytes: some Collection<UInt8>) -> ConfigFormat {
    var last = ConfigFormat.toml
    for line in bytes.split(separator: UInt8.newline) {
      let text = line.drop(while: \.isLogrotateBlank)
      guard let first = text.first, first != UInt8(ascii: "#") else { continue }
      if first == UInt8(ascii: "/") || first == UInt8(ascii: "~") { return .logrotate }
      if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
        let second = text.dropFirst().first
        return second == UInt8(ascii: "/") || second == UInt8(ascii: "~") ? .logrotate : .toml
      }
      let word = text.prefix(while: \.isLetter)
      guard !word.isEmpty else { return .toml }
      let rest = text[word.endIndex...].drop(while: \.isLogrotateBlank)
      guard LogrotateDirective(rawValue: String(decoding: word, as: UTF8.self)) != nil else {
        // A word that neither language has: TOML has `=` or `.` behind it.
        guard rest.first == UInt8(ascii: "=") || rest.first == UInt8(ascii: ".") else { return .logrotate }
        return .toml
      }
      guard rest.first == UInt8(ascii: "=") else { return .logrotate }
      let value = rest.dropFirst().drop(while: \.isLogrotateBlank)
      if let quote = value.first, "\"'[{".utf8.contains(quote) { return .toml }
      last = .logrotate
    }
    return last
  }
}
