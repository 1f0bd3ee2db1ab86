/// A name as the kernel tells it from others: by its bytes. To String, two spellings that Unicode holds to be equal
/// (`é` as one scalar, or as `e` and an accent) are one key of a dictionary; on disk they are two files.
package struct ExactName: Hashable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (left: ExactName, right: ExactName) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// The bytes, and an end that no text has.
  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}
