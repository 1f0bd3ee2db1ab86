package import Rotation

/// The names in an included directory that are passed over: `tabooext` and `taboopat`.
package struct TabooPatterns {
  private static let builtIn = [
    ",v", ".bak", ".cfsaved", ".disabled", ".dpkg-bak", ".dpkg-del", ".dpkg-dist", ".dpkg-new", ".dpkg-old",
    ".dpkg-tmp",
    ".new", ".old", ".orig", ".pacnew", ".pacorig", ".pacsave", ".rhn-cfg-tmp-*", ".rpmnew", ".rpmorig", ".rpmsave",
    ".swp",
    ".ucf-dist", ".ucf-new", ".ucf-old", "~",
  ]

  private var patterns = Self.builtIn.map { NamePattern(Array("*\($0)".utf8)) }

  /// Those that logrotate has where nothing is said.
  package init() {}

  /// Takes the value of a directive: a list of names or endings, divided by blanks or commas, which replaces what was there, or
  /// extends it after a `+`. Endings are patterns with a `*` before them.
  mutating func take(_ value: ArraySlice<UInt8>, areEndings: Bool) {
    var rest = value
    if rest.first == UInt8(ascii: "+") { rest.removeFirst() } else { patterns = [] }
    for item in rest.split(whereSeparator: { $0.isLogrotateBlank || $0 == UInt8(ascii: ",") }) {
      patterns.append(NamePattern((areEndings ? [UInt8(ascii: "*")] : []) + item))
    }
  }

  /// Whether a file of this name is passed over. As in logrotate, `*` does not match a dot at the start of a name.
  package func matches(_ name: FileName) -> Bool {
    patterns.contains { $0.matches(name) }
  }
}
