/// A path, or the beginning of one, as a key of a dictionary: the same only if all its bytes are. (To String, two
/// spellings of "é" are one; to the kernel they are two files.)
struct PathKey: Hashable {
  let text: Substring

  init(_ text: Substring) {
    self.text = text
  }

  static func == (left: PathKey, right: PathKey) -> Bool {
    let (one, other) = (left.text.utf8.span, right.text.utf8.span)
    return one.count == other.count && one.indices.allSatisfy { one[$0] == other[$0] }
  }

  func hash(into hasher: inout Hasher) {
    unsafe text.utf8.span.withUnsafeBufferPointer { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
  }
}
