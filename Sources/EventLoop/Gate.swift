/// Lets so many tasks pass at a time; the others wait their turn, first come, first served.
///
/// It bounds what is in progress at once, and with it memory: a hundred thousand jobs that are due at one moment pass
/// a few at a time. Used on the loop's thread alone.
@safe package final class Gate {
  private var free: Int
  private var waiting: [UnsafeContinuation<Void, Never>] = unsafe []
  /// The first of `waiting` that has not been let through.
  private var head = 0

  /// A gate that lets `limit` tasks through before the first has left.
  package init(limit: Int) {
    precondition(limit > 0, "A gate that lets nobody through is a wall.")
    free = limit
  }

  /// Waits until there is room, and takes a place.
  package func enter() async {
    guard free == 0 else {
      free -= 1
      return
    }
    await unsafe withUnsafeContinuation { continuation in
      // A task without an actor may take a turn on its way here, in which somebody may have left.
      if free > 0 {
        free -= 1
        return unsafe continuation.resume()
      }
      unsafe waiting.append(continuation)
    }
  }

  /// Gives the place to the one who has waited longest, or back.
  package func leave() {
    guard unsafe head < waiting.count else {
      free += 1
      return
    }
    let next = unsafe waiting[head]
    head += 1
    if unsafe head == waiting.count {
      unsafe waiting.removeAll()
      head = 0
    }
    unsafe next.resume()
  }
}
