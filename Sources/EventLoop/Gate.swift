/// A semaphore: a limited number of tasks are inside at a time; the others wait, each with a ticket. It is first come,
/// first served, unless the owner of the gate chooses by the tickets.
///
/// It limits the work in progress, and so the memory: of a hundred thousand jobs that are due at the same time, a few run at
/// a time. It is used only on the loop's thread.
@safe package final class Gate<Ticket> {
  @safe private struct Waiter {
    var ticket: Ticket
    var task: UnsafeContinuation<Void, Never>
  }

  /// The number of free places; negative if places were removed while tasks are inside.
  package private(set) var free: Int
  private var waiting: ArraySlice<Waiter> = []

  /// A gate with this number of places.
  package init(limit: Int) {
    precondition(limit > 0, "A gate that lets nobody through is a wall.")
    free = limit
  }

  /// Waits until fewer than `limit` tasks are inside, and enters. The ticket is made when the task comes to the gate.
  package func enter(_ makeTicket: () -> Ticket) async {
    await unsafe withUnsafeContinuation { continuation in
      // Checked in here: the task may have been queued on its way here, and others may have left meanwhile.
      let ticket = makeTicket()
      guard free <= 0 else {
        free -= 1
        return unsafe continuation.resume()
      }
      waiting.append(unsafe Waiter(ticket: ticket, task: continuation))
    }
  }

  /// Leaves, and lets the task enter that has waited longest.
  package func leave() {
    add(1)
    if free > 0, !waiting.isEmpty { admit(0) }
  }

  // MARK: Choice

  /// The tickets of the waiting tasks, in order of arrival.
  package var tickets: some Collection<Ticket> { waiting.lazy.map(\.ticket) }

  /// Adds or removes places, and admits nobody.
  package func add(_ places: Int) { free += places }

  /// Admits the task whose ticket has this offset in `tickets`, and returns the ticket.
  @discardableResult
  package func admit(_ offset: Int) -> Ticket {
    free -= 1
    let next = offset == 0 ? waiting.removeFirst() : waiting.remove(at: waiting.startIndex + offset)
    // The slice keeps the memory of what was removed from its front.
    if waiting.isEmpty { waiting = [] }
    unsafe next.task.resume()
    return next.ticket
  }
}

extension Gate where Ticket == Void {
  /// Waits until fewer than `limit` tasks are inside, and enters.
  package func enter() async { await enter {} }
}
