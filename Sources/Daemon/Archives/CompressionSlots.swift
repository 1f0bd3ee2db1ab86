internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Limits how many compressions run at a time. The others wait, and the slots are shared fairly between the owners of
/// the archives: each owner gets about the same number of bytes compressed, so an owner who fills a disk delays only
/// his own archives. While a disk is low on space, the smallest archive goes first: its output needs the least room,
/// and it frees space soonest.
///
/// The order is start-time fair queueing (Goyal, Vin and Cheng, 1996): an archive starts in virtual time where the
/// previous one of the same owner ends, its duration is its bytes, and the earliest start goes first.
package final class CompressionSlots {
  /// One compression, from its wait to its end.
  package final class Pass {
    fileprivate let owner: UInt32
    fileprivate let bytes: Int64
    fileprivate var start: Int64 = 0
    /// Whether its slot was given to another compression while it continues.
    fileprivate var isBeside = false

    fileprivate init(owner: UInt32, bytes: Int64) {
      self.owner = owner
      self.bytes = bytes
    }
  }

  /// The bounds of what an archive counts for: many empty archives are work too, and a file system may report any size.
  private static let counted: ClosedRange<Int64> = (1 << 20)...(1 << 40)

  private let gate: Gate<Pass>
  private var limit: Int
  /// The number of compressions that continue without a slot.
  private var beside = 0
  /// The virtual start of the compression that began last, and the virtual end of the last archive of each owner.
  private var virtualTime: Int64 = 0
  private var ends: [UInt32: Int64] = [:]
  /// Whether the smallest archive goes first now.
  private let smallestFirst: () -> Bool

  package init(limit: Int, smallestFirst: @escaping () -> Bool = { false }) {
    gate = Gate(limit: limit)
    self.limit = limit
    self.smallestFirst = smallestFirst
  }

  /// Changes the number of slots. A compression that has a slot keeps it.
  package func change(limit: Int) {
    gate.add(limit - self.limit)
    self.limit = limit
    while gate.free > 0, let next = nextWaiter() { begin(next) }
  }

  /// Waits until an archive of this owner, which takes `bytes` on disk, may be compressed, and takes a slot.
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

  /// Gives the slot to the next waiter, or back.
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

  /// Lets an archive of another owner begin beside a compression that has had its slot for long, if one waits. At most
  /// as many compressions continue in this way as there are slots.
  package func share(_ pass: Pass) {
    guard !pass.isBeside, beside < limit, let next = nextWaiter(besides: pass.owner) else { return }
    pass.isBeside = true
    beside += 1
    gate.add(1)
    if gate.free > 0 { begin(next) }
  }

  private func begin(_ next: Int) {
    virtualTime = max(virtualTime, gate.admit(next).start)
    // An end in the past of virtual time has no effect any more.
    ends = ends.filter { $0.value > virtualTime }
  }

  /// The index in the queue of the next waiter.
  private func nextWaiter(besides owner: UInt32? = nil) -> Int? {
    let candidates = gate.tickets.enumerated().lazy.filter { $0.element.owner != owner }
    guard smallestFirst() else { return candidates.min { $0.element.start < $1.element.start }?.offset }
    return candidates.min { $0.element.bytes < $1.element.bytes }?.offset
  }
}
