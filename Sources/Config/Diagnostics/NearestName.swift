/// Finds the name that was probably meant.
package enum NearestName {
  /// The candidate with the fewest edits (insert, delete, replace, exchange of neighbours), if the number is small
  /// enough for a typing error: one edit for a short name, one more for every three letters. Case, and `_` for `-`, do
  /// not count. For the names in `risky` only one edit is accepted: `max-days` does not mean `max-age`.
  package static func of(_ name: String, among candidates: [String], risky: Set<String> = []) -> String? {
    let written = folded(name)
    // A typing error does not double the length of a name. This also bounds the work for any config.
    guard !written.isEmpty, written.count <= 64 else { return nil }
    let nearest =
      candidates
      .map { (name: $0, distance: distance(written, folded($0))) }
      .min { $0.distance < $1.distance }
    if let nearest, nearest.distance > 1, risky.contains(nearest.name) { return nil }
    guard let nearest, nearest.distance <= max(1, min(written.count, nearest.name.utf8.count) / 3) else { return nil }
    return nearest.name
  }

  private static func folded(_ name: String) -> [UInt8] {
    name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      case UInt8(ascii: "_"): UInt8(ascii: "-")
      default: byte
      }
    }
  }

  /// Optimal string alignment distance.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        var best = min(last[column] + (left[row] == right[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      beforeLast = last
      last = current
    }
    return last[right.count]
  }
}
