internal import EventLoop
internal import Rotation

/// Lets so many compressions run at a time; the others wait their turn, first come, first served. While a disk is low the
/// smallest goes first: it needs the least room for its output, and gives back what it takes soonest.
final class CompressionPlaces {
  private struct Waiter {
    var bytes: Int64
    var alarm: Alarm
  }

  private var free: Int
  private var waiting: [Waiter] = []
  private let loop: LoopExecutor
  /// Whether the smallest goes first now.
  var smallestFirst: () -> Bool = { false }

  init(limit: Int, on loop: LoopExecutor) {
    self.free = limit
    self.loop = loop
  }

  /// Waits until there is room for the compression of an archive of that size, and takes a place.
  func enter(bytes: Int64) async {
    guard free == 0 else {
      free -= 1
      return
    }
    let alarm = Alarm(on: loop)
    waiting.append(Waiter(bytes: bytes, alarm: alarm))
    _ = await alarm.wait(until: .never)
  }

  /// Gives the place on, or back.
  func leave() {
    let next = smallestFirst() ? waiting.indices.min { waiting[$0].bytes < waiting[$1].bytes } : waiting.indices.first
    guard let next else {
      free += 1
      return
    }
    waiting.remove(at: next).alarm.ring()
  }
}
