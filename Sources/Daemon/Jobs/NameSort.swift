internal import Rotation

/// Names that are put in order in steps: each portion as it comes, then two portions to one, some names at a time.
struct NameSort {
  private struct Merge {
    let one: [FileName]
    let other: [FileName]
    /// How many names of each are merged.
    var first = 0
    var second = 0
    var result: [FileName] = []

    var rest: Int { one.count - first + other.count - second }

    mutating func step(_ count: Int, _ precedes: (FileName, FileName) -> Bool) {
      for _ in 0..<min(count, rest) {
        let takesOther = first == one.count || second < other.count && precedes(other[second], one[first])
        let name = takesOther ? other[second] : one[first]
        if takesOther { second += 1 } else { first += 1 }
        // A name that is changed while a directory is read may come twice.
        if result.last != name { result.append(name) }
      }
    }
  }

  private let precedes: (FileName, FileName) -> Bool
  /// Each in order.
  private var portions: ArraySlice<[FileName]> = []
  private var merge: Merge?

  init(by precedes: @escaping (FileName, FileName) -> Bool = { $0 < $1 }) { self.precedes = precedes }

  /// All names, in order once `step` has nothing left to do.
  var names: [FileName] { portions.first ?? [] }

  /// Whether a name is among them, once they are in order.
  func has(_ name: FileName) -> Bool {
    var (first, end) = (names.startIndex, names.endIndex)
    while first < end {
      let middle = first + (end - first) / 2
      if precedes(names[middle], name) { first = middle + 1 } else { end = middle }
    }
    return first < names.endIndex && names[first] == name
  }

  /// Adds a portion, which is put in order at once.
  mutating func add(_ names: [FileName]) {
    if !names.isEmpty { portions.append(names.sorted(by: precedes)) }
  }

  /// Merges so many names; false when all are in order.
  mutating func step(_ count: Int) -> Bool {
    if merge == nil {
      guard portions.count > 1, let one = portions.popFirst(), let other = portions.popFirst() else { return false }
      merge = Merge(one: one, other: other)
    }
    merge?.step(count, precedes)
    if let done = merge, done.rest == 0 {
      portions.append(done.result)
      merge = nil
    }
    return true
  }
}
