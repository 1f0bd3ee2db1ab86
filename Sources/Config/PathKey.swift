internal import Rotation

/// A path, or the beginning of one, as a key of a dictionary: the same only if all its bytes are. (To String, two
/// spellings of "é" are one; to the kernel they are two files.)
struct PathKey: Hashable {
  let text: Substring

  init(_ text: Substring) {
    self.text = text
  }

  static func == (left: PathKey, right: PathKey) -> Bool {
    left.text.utf8.span.isEqual(to: right.text.utf8.span)
  }

  func hash(into hasher: inout Hasher) {
    unsafe text.utf8.span.withUnsafeBufferPointer { bytes in
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
    }
  }
}
