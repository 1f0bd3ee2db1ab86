package import Rotation
package import Timekeeping

/// What the control socket takes in and what one answer may hold: nothing there depends on a size that a user controls.
extension Limits {
  /// The bytes of one call of a client, without its NUL: the longest path in its longest JSON form, several times.
  package static let maxCallBytes = 64 << 10
  /// The bytes of one reply that a client takes in.
  package static let maxReplyBytes = 16 << 20
  /// The bytes of replies that wait for a slow reader before no more are made.
  package static let maxUnreadBytes = 256 << 10

  /// How deep arrays and objects of JSON may be nested; the reader recurses once for each.
  package static let maxJSONDepth = 32
  /// The members of one object of JSON; names are compared with each other, as two equal ones are an error.
  package static let maxJSONMembers = 100
  /// The bytes of one number of JSON.
  package static let maxNumberBytes = 64

  /// Logs, jobs, archives, problems, processes or names in one list of a reply; a count beside it says how many there are.
  package static let maxShown = 1_000
}

/// What clients of the control server may cost.
extension Limits {
  /// Clients at a time; those beyond wait in the kernel's queue.
  package static let maxClients = 1_200
  /// Clients that are let in between two chances for everything else.
  package static let clientSlice = 64
  /// How long nobody is let in after that has failed.
  package static let clientRetry = Span.seconds(1)
  /// How long a client may read nothing of the replies that wait for it.
  package static let clientPatience = Span.seconds(30)
  /// Events that wait for a subscriber; more are counted, and missed.
  package static let maxUnreadEvents = 256
  /// Kinds of failure, by step and errno, that are counted for a job.
  package static let maxFailureKinds = 64
  /// Logs that are looked at, and jobs that are passed, between two chances for everything else.
  package static let lookSlice = 64
  /// Runs that one order has begun and not ended.
  package static let maxOrdered = 64
}
