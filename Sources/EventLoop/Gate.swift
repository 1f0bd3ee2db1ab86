/// A semaphore: a number of tasks have a place at a time, and the others wait, each with a ticket. First come, first served, unless
/// the owner of the gate chooses by the tickets.
///
/// It bounds what is in progress at once, and with it memory: a hundred thousand jobs that are due at one moment pass
/// a few at a time. Used on the loop's thread alone.
@safe package final class Gate<Ticket> {
  @safe private struct Waiter {
    var ticket: Ticket
    var task: UnsafeContinuation<Void, Never>
  }

  /// Places that nobody has; below zero when places were taken away from under those who have one.
  package private(set) var free: Int
  private var waiting: ArraySlice<Waiter> = []

  /// A gate with this number of places.
  package init(limit: Int) {
    precondition(limit > 0, "A gate that lets nobody through is a wall.")
    free = limit
  }

  /// Waits until there is room, and takes a place. The ticket is made when the task comes to the gate.
  package func enter(_ makeTicket: () -> Ticket) async {
    await unsafe withUnsafeContinuation { continuation in
      // Looked at in here: on the way a task may have gone through the queue, and others have left meanwhile.
      let ticket = makeTicket()
      guard free <= 0 else {
        free -= 1
        return unsafe continuation.resume()
      }
      waiting.append(unsafe Waiter(ticket: ticket, task: continuation))
    }
  }

  /// Gives the place to the one who has waited longest, or back.
  package func leave() {
    add(1)
    if free > 0, !waiting.isEmpty { admit(0) }
  }

  // MARK: Choice

  /// The tickets of those who wait, first come first.
  package var tickets: some Collection<Ticket> { waiting.lazy.map(\.ticket) }

  /// Makes more places, or fewer, without giving them away.
  package func add(_ places: Int) { free += places }

  /// Gives a place to the one whose ticket has this offset in `tickets`, and returns the ticket.
  @discardableResult
  package func admit(_ offset: Int) -> Ticket {
    free -= 1
    let next = offset == 0 ? waiting.removeFirst() : waiting.remove(at: waiting.startIndex + offset)
    // The array keeps what was taken from its front.
    if waiting.isEmpty { waiting = [] }
    unsafe next.task.resume()
    return next.ticket
  }
}

extension Gate where Ticket == Void {
  /// Waits until there is room, and takes a place.
  package func enter() async { await enter {} }
}
