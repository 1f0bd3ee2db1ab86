/// A semaphore: at most `limit` tasks are inside at a time; the others wait, first come, first served.
///
/// It limits the work in progress, and so the memory: of a hundred thousand jobs that are due at the same time, a few
/// run at a time. It is used only on the loop's thread.
@safe package final class Gate {
  private var free: Int
  private var waiting: [UnsafeContinuation<Void, Never>] = unsafe []
  /// The first of `waiting` that still waits.
  private var head = 0

  /// A gate for `limit` tasks at a time.
  package init(limit: Int) {
    precondition(limit > 0, "A gate lets at least one task in.")
    free = limit
  }

  /// Waits until fewer than `limit` tasks are inside, and enters.
  package func enter() async {
    await unsafe withUnsafeContinuation { continuation in
      // Checked in here: the task may have been queued on its way here, and others may have left meanwhile.
      guard free == 0 else {
        free -= 1
        return unsafe continuation.resume()
      }
      unsafe waiting.append(continuation)
    }
  }

  /// Leaves, and lets the task enter that has waited longest.
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
