package import Rotation
package import Timekeeping

extension Wire {
  /// What a job is doing.
  package enum JobState: String, WireWord {
    case waiting, running, paused, failing
    package static let about =
      "What a job is doing; `failing`: a log of it could not be rotated, and it is tried again."
  }

  /// A job and the sums over its logs.
  package struct Job: WireStruct {
    package static let about = "A job, and sums over its logs."
    package var name = ""
    package var state = JobState.waiting
    package var pausedUntil: WallTime?
    package var patterns: [String] = []
    package var schedule: String?
    package var last: Rotated?
    package var next: Due?
    package var logs: Int64 = 0
    package var largest: FilePath?
    package var largestBytes: Int64?
    package var limitBytes: Int64?
    package var archives: Int64 = 0
    package var archiveBytes: Int64 = 0
    package var budgetBytes: Int64?
    package var heldArchives: Int64 = 0
    package var holders: [Holder] = []
    package var hooksOwed: Int64 = 0
    package var problems: Int64 = 0
    package var isUnconfirmed = false

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("name", &name, "Its name.")
      each("state", &state, "What it is doing.")
      each("pausedUntil", &pausedUntil, "When a pause ends; missing in one that lasts until `Resume`.")
      each("patterns", &patterns, "Its `logs`, as the config has them, at most 1,000.")
      each("schedule", &schedule, "Its times: `daily 00:00`, `every 30s`.")
      each("last", &last, "Its last rotation.")
      each("next", &next, "Its next rotation.")
      each("logs", &logs, "Logs that there are now.")
      each("largest", &largest, "The log that is nearest to its limit, or the largest.")
      each("largestBytes", &largestBytes, "Its size.")
      each("limitBytes", &limitBytes, "The size at which a log is rotated.")
      each("archives", &archives, "Archives.")
      each("archiveBytes", &archiveBytes, "Their room on disk.")
      each("budgetBytes", &budgetBytes, "The room that they may take (`max-total`).")
      each("heldArchives", &heldArchives, "Archives that may still have a writer, and so stay as they are.")
      each("holders", &holders, "The processes that have these archives open, at most 1,000. Only with withHolders.")
      each("hooksOwed", &hooksOwed, "Hooks that are still to be run, or to be run again.")
      each("problems", &problems, "Problems.")
      each("isUnconfirmed", &isUnconfirmed, "Whether it would remove files of `retain`, and is not confirmed.")
    }
  }

  /// A log.
  package struct Log: WireStruct {
    package static let about = "A log."
    package var path: FilePath = ""
    package var job = ""
    package var bytes: Int64?
    package var limitBytes: Int64?
    package var last: Rotated?
    package var next: Due?
    package var refusal: String?
    package var archives: Int64 = 0
    package var archiveBytes: Int64 = 0

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "Where it is.")
      each("job", &job, "The job that has it.")
      each("bytes", &bytes, "Its size; missing when there is no such file now.")
      each("limitBytes", &limitBytes, "The size at which it is rotated.")
      each("last", &last, "Its last rotation.")
      each("next", &next, "Its next rotation.")
      each("refusal", &refusal, "Why it was not rotated when it was last due.")
      each("archives", &archives, "Archives.")
      each("archiveBytes", &archiveBytes, "Their room on disk.")
    }
  }

  /// Something that happened.
  package struct Event: WireStruct {
    package static let about = "Something that happened, with the words of the journal, or what came of an order."
    package var at = WallTime(nanoseconds: 0)
    package var kind = ""
    package var severity = Severity.info
    package var message = ""
    package var job: String?
    package var path: FilePath?
    package var archive: FilePath?
    package var bytes: Int64?
    package var reason: String?
    package var removed: Int64?
    package var errno: String?
    package var missed: Int64?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("at", &at, "When.")
      each("kind", &kind, "What: `rotated`, `skipped`, `failed`, `removed`, and others that the journal's catalog has.")
      each("severity", &severity, "How bad it is.")
      each("message", &message, "In one line.")
      each("job", &job, "The job.")
      each("path", &path, "The log.")
      each("archive", &archive, "The archive.")
      each("bytes", &bytes, "Bytes of the log or the archive.")
      each("reason", &reason, "Why.")
      each("removed", &removed, "Archives that a rotation has removed by `keep`.")
      each("errno", &errno, "The kernel's error: `ENOSPC`.")
      each("missed", &missed, "Events before this one that the client was too slow for.")
    }
  }
}
