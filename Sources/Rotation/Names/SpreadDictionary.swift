/// A dictionary that grows without a long piece of work: with many keys it consists of parts, and only one of them is
/// put in order anew at a time.
package struct SpreadDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// With more keys the one part becomes so many, a power of two.
  private static var mostInOne: Int { 1_024 }
  private static var partCount: Int { 256 }

  /// None as long as there are no keys.
  private var parts: [[Key: Value]] = []
  /// The number of keys.
  package private(set) var count = 0

  /// One without keys.
  package init() {}

  /// By the high bits of the hash: the parts use the low ones.
  private func part(of key: Key) -> Int {
    parts.count <= 1
      ? 0 : Int(UInt(bitPattern: key.hashValue) >> UInt(UInt.bitWidth - Self.partCount.trailingZeroBitCount))
  }

  /// The value of a key; nil removes the key.
  package subscript(key: Key) -> Value? {
    get { parts.isEmpty ? nil : parts[part(of: key)][key] }
    set {
      if newValue != nil { makeRoom() } else if parts.isEmpty { return }
      let part = part(of: key)
      let before = parts[part].count
      parts[part][key] = newValue
      count += parts[part].count - before
    }
  }

  /// The value of a key, made where there is none; changed in place.
  package subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
    get { self[key] ?? value() }
    _modify {
      makeRoom()
      let part = part(of: key)
      let before = parts[part].count
      yield &parts[part][key, default: value()]
      count += parts[part].count - before
    }
  }

  /// The value of a key, which gets this one where it has none.
  package mutating func value(of key: Key, orNew value: Value) -> Value {
    func read(_ known: inout Value) -> Value { known }
    return read(&self[key, default: value])
  }

  /// Takes out all keys of one part, with their values; nil when none is left.
  package mutating func popPart() -> [Key: Value]? {
    guard let index = parts.lastIndex(where: { !$0.isEmpty }) else { return nil }
    let part = parts[index]
    parts[index] = [:]
    count -= part.count
    return part
  }

  /// The values, in no particular order.
  package var values: some Sequence<Value> { parts.lazy.flatMap(\.values) }

  private mutating func makeRoom() {
    if parts.isEmpty { parts = [[:]] }
    if parts.count == 1, count >= Self.mostInOne { spread() }
  }

  private mutating func spread() {
    let all = parts[0]
    parts = Array(repeating: [:], count: Self.partCount)
    for (key, value) in all { parts[part(of: key)][key] = value }
  }
}
