internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Lets so many compressions run at a time. The others wait, and the places are shared fairly between the owners of the
/// archives: each owner gets about as many bytes compressed as any other, so that one who fills a disk delays his own
/// archives and no other's. While a disk is low the smallest goes first: it needs the least room for its output, and gives
/// back what it takes soonest.
///
/// The order is start-time fair queueing (Goyal, Vin and Cheng, 1996): an archive starts in virtual time where the one
/// before it of the same owner ends, its bytes being its duration, and the earliest start goes first.
package final class CompressionSlots {
  /// One compression, from its wait to its end.
  package final class Pass {
    fileprivate let owner: UInt32
    fileprivate let bytes: Int64
    fileprivate var start: Int64 = 0
    /// Whether its place was given to another while it goes on.
    fileprivate var isBeside = false

    fileprivate init(owner: UInt32, bytes: Int64) {
      self.owner = owner
      self.bytes = bytes
    }
  }

  /// The least and the most that an archive counts for: many empty ones are work as well, and a file system may say anything.
  private static let counted: ClosedRange<Int64> = (1 << 20)...(1 << 40)

  private let gate: Gate<Pass>
  private var limit: Int
  /// Compressions that go on without a place.
  private var beside = 0
  /// Where the last compression that was begun starts in virtual time, and where the last of each owner ends.
  private var virtualTime: Int64 = 0
  private var ends: [UInt32: Int64] = [:]
  /// Whether the smallest goes first now.
  private let smallestFirst: () -> Bool

  package init(limit: Int, smallestFirst: @escaping () -> Bool = { false }) {
    gate = Gate(limit: limit)
    self.limit = limit
    self.smallestFirst = smallestFirst
  }

  /// Gives more or fewer places from now on. A compression that has a place keeps it.
  package func change(limit: Int) {
    gate.add(limit - self.limit)
    self.limit = limit
    while gate.free > 0, let next = nextWaiter() { begin(next) }
  }

  /// Waits until an archive of this owner, which takes so many bytes on disk, may be compressed, and takes a place.
  package func enter(bytes: Int64, owner: UInt32) async -> Pass {
    let pass = Pass(owner: owner, bytes: bytes)
    await gate.enter {
      pass.start = max(virtualTime, ends[owner] ?? 0)
      let length = min(max(bytes, Self.counted.lowerBound), Self.counted.upperBound)
      ends[owner] = pass.start.saturatingAdd(length)
      if gate.free > 0 { virtualTime = pass.start }
      return pass
    }
    return pass
  }

  /// Gives the place on, or back.
  package func leave(_ pass: Pass) {
    if pass.isBeside {
      beside -= 1
    } else {
      gate.add(1)
      if gate.free > 0, let next = nextWaiter() { begin(next) }
    }
    guard gate.tickets.isEmpty, gate.free == limit, beside == 0 else { return }
    virtualTime = 0
    ends = [:]
  }

  /// A compression that has its place for long lets another owner's archive begin beside it, if one waits. As many do so at
  /// a time as there are places.
  package func share(_ pass: Pass) {
    guard !pass.isBeside, beside < limit, let next = nextWaiter(besides: pass.owner) else { return }
    pass.isBeside = true
    beside += 1
    gate.add(1)
    if gate.free > 0 { begin(next) }
  }

  private func begin(_ next: Int) {
    virtualTime = max(virtualTime, gate.admit(next).start)
    // What ended before now counts no more.
    ends = ends.filter { $0.value > virtualTime }
  }

  /// Who is next, by the place in the queue.
  private func nextWaiter(besides owner: UInt32? = nil) -> Int? {
    let candidates = gate.tickets.enumerated().lazy.filter { $0.element.owner != owner }
    guard smallestFirst() else { return candidates.min { $0.element.start < $1.element.start }?.offset }
    return candidates.min { $0.element.bytes < $1.element.bytes }?.offset
  }
}
