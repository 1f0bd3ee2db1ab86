/// A name as the kernel tells it from others: by its bytes. To String, two spellings that Unicode holds to be equal
/// (`é` as one scalar, or as `e` and an accent) are one key of a dictionary; on disk they are two files.
package struct ExactName: Hashable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (left: ExactName, right: ExactName) -> Bool {
    left.text.utf8.span.isEqual(to: right.text.utf8.span)
  }

  /// The bytes, and how many they are.
  package func hash(into hasher: inout Hasher) {
    unsafe text.utf8.span.withUnsafeBufferPointer { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
    hasher.combine(text.utf8.count)
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
