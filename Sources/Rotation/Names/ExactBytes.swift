internal import Timekeeping

/// Bytes that the kernel compares one by one: a name or a path.
///
/// A name is not text. Two spellings that are equal in Unicode (`ü` as one scalar, or as `u` and a diaeresis) are equal
/// as `String`, but two files on disk; and a name need not be UTF-8. So names and paths are compared, hashed, sorted
/// and stored by their bytes, and become a `String` only to be shown.
package protocol ExactBytes: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringInterpolation
where StringInterpolation == ExactBytesInterpolation {
  /// The bytes for the kernel, without the final NUL.
  var bytes: [UInt8] { get }

  /// Takes bytes unchanged.
  init(bytes: [UInt8])
}

extension ExactBytes {
  /// Takes some bytes unchanged.
  @inlinable
  package init(_ bytes: some Sequence<UInt8>) {
    self.init(bytes: Array(bytes))
  }

  /// Takes a text of the config or the command line as UTF-8.
  @inlinable
  package init(_ text: some StringProtocol) {
    self.init(bytes: Array(text.utf8))
  }

  package init(stringLiteral text: String) {
    self.init(text)
  }

  package init(stringInterpolation: ExactBytesInterpolation) {
    self.init(bytes: stringInterpolation.bytes)
  }

  /// Whether there are no bytes.
  package var isEmpty: Bool { bytes.isEmpty }

  package static func < (one: Self, other: Self) -> Bool { one.bytes.lexicographicallyPrecedes(other.bytes) }

  /// The bytes, and their number.
  package func hash(into hasher: inout Hasher) {
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hasher.combine(bytes.count)
  }

  /// The text for people: control characters and bytes that are not UTF-8 are escaped.
  package var printable: String { String.printable(bytes) }

  /// The text for people, as `printable`.
  package var description: String { printable }
}

/// Joins names and paths byte for byte, whatever they contain: `".\(log).rotated"` is the name of a file, not a text
/// about one.
package struct ExactBytesInterpolation: StringInterpolationProtocol {
  fileprivate(set) var bytes: [UInt8] = []

  package init(literalCapacity: Int, interpolationCount: Int) {
    bytes.reserveCapacity(literalCapacity + 16 * interpolationCount)
  }

  /// Text of the program, as UTF-8.
  package mutating func appendLiteral(_ text: String) {
    bytes += text.utf8
  }

  /// A name or a path, unchanged.
  @inlinable
  package mutating func appendInterpolation(_ part: some ExactBytes) {
    append(part.bytes)
  }

  package mutating func append(_ part: [UInt8]) {
    bytes += part
  }

  /// Text of the config, as UTF-8.
  package mutating func appendInterpolation(_ text: String) {
    bytes += text.utf8
  }

  /// A number in decimal.
  @inlinable
  package mutating func appendInterpolation(_ number: some BinaryInteger) {
    append(decimal: UInt64(number.magnitude), isNegative: number < 0)
  }

  package mutating func append(decimal magnitude: UInt64, isNegative: Bool) {
    if isNegative { bytes.append(UInt8(ascii: "-")) }
    bytes.append(decimal: magnitude)
  }
}

/// The name of a file in its directory: one component of a path.
package struct FileName: ExactBytes {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }
}

/// A path of a file, absolute or relative.
package struct FilePath: ExactBytes {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A path that is only a name: a file in the directory to which the path is relative.
  package init(_ name: FileName) {
    self.bytes = name.bytes
  }

  /// The path of a file in this directory.
  package func appending(_ name: FileName) -> FilePath {
    var joined: [UInt8] = []
    joined.reserveCapacity(bytes.count + 1 + name.bytes.count)
    joined += bytes
    if bytes.last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
    joined += name.bytes
    return FilePath(bytes: joined)
  }

  /// A path relative to this directory: `path` itself if it is absolute, this directory if it is nil.
  package func resolving(_ path: FilePath?) -> FilePath {
    guard let path else { return self }
    return path.isAbsolute ? path : appending(FileName(bytes: path.bytes))
  }

  /// The directory relative to which `path` leads here; nil if there is none. The inverse of `resolving`.
  package func removing(suffix path: FilePath) -> FilePath? {
    let above = bytes.count - path.bytes.count - 1
    guard above >= 0, bytes[above] == UInt8(ascii: "/"), bytes[(above + 1)...] == path.bytes[...] else { return nil }
    return above == 0 ? "/" : FilePath(bytes[..<above])
  }

  /// The names in it, without empty ones.
  package var components: [FileName] { bytes.split(separator: UInt8(ascii: "/")).map { FileName($0) } }

  /// Whether it begins at the root.
  package var isAbsolute: Bool { bytes.first == UInt8(ascii: "/") }

  /// The directory of the file and its name in it; the directory of a name alone is `.`.
  package var split: (directory: FilePath, name: FileName) {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", FileName(bytes: bytes)) }
    return (slash == 0 ? "/" : FilePath(bytes[..<slash]), FileName(bytes[(slash + 1)...]))
  }
}

/// An argument or an environment variable of another program.
package struct ExactText: ExactBytes {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A path, unchanged.
  package init(_ path: FilePath) {
    self.bytes = path.bytes
  }
}

extension [UInt8] {
  /// Appends a number in decimal.
  package mutating func append(decimal number: UInt64) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}

extension Swift.Span<UInt8> {
  /// Whether both have the same bytes.
  package func isEqual(to other: Swift.Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// Whether the last bytes are those of a text.
  func ends(with text: String) -> Bool {
    let ending = text.utf8.span
    return count >= ending.count && extracting(last: ending.count).isEqual(to: ending)
  }
}
