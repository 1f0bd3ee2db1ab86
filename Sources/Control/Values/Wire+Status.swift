package import Rotation
package import Timekeeping

/// The values that the daemon makes and commands show. A field that is missing has no value at present. Names of files have the
/// form of `ExactBytes.escaped`.
package enum Wire {
  /// The version of these values. Fields and words may be added under one version; what changes or ends raises it.
  package static let version: Int64 = 1
}

extension Wire {
  /// What the daemon is doing.
  package enum State: String, WireWord {
    case starting, running, reloading, stopping
    package static let about = "What the daemon is doing."
  }

  /// The daemon, its config and its sums.
  package struct Daemon: WireStruct {
    package static let about = "The daemon, its config, and sums over all jobs."
    package var schema = Wire.version
    package var version = ""
    package var state = State.running
    package var pid: Int64 = 0
    package var now = WallTime(nanoseconds: 0)
    package var started = WallTime(nanoseconds: 0)
    package var zone = "UTC"
    package var configPath: FilePath = ""
    package var configSHA256 = ""
    package var configLoaded = WallTime(nanoseconds: 0)
    package var configProblem: String?
    package var trialUntil: WallTime?
    package var jobs: Int64 = 0
    package var logs: Int64 = 0
    package var rotations: Int64 = 0
    package var archives: Int64 = 0
    package var archiveBytes: Int64 = 0
    package var hooksOwed: Int64 = 0
    package var problems: Int64 = 0

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("schema", &schema, "The version of these values: 1.")
      each("version", &version, "The version of the program.")
      each("state", &state, "What it is doing.")
      each("pid", &pid, "Its process.")
      each("now", &now, "Its wall clock.")
      each("started", &started, "When it was started.")
      each("zone", &zone, "The time zone of jobs that name none.")
      each("configPath", &configPath, "The config.")
      each("configSHA256", &configSHA256, "The SHA-256 of the config in force, in hexadecimal digits.")
      each("configLoaded", &configLoaded, "When the config in force was read.")
      each("configProblem", &configProblem, "Why the config on disk is not the one in force.")
      each("trialUntil", &trialUntil, "The config goes back to the one before at this time, unless it is confirmed.")
      each("jobs", &jobs, "Jobs.")
      each("logs", &logs, "Logs that there are now, of the jobs that were asked for.")
      each("rotations", &rotations, "Rotations since the start.")
      each("archives", &archives, "Archives of the same jobs.")
      each("archiveBytes", &archiveBytes, "Their room on disk.")
      each("hooksOwed", &hooksOwed, "Hooks that are still to be run, or to be run again.")
      each("problems", &problems, "Problems, shown here or not.")
    }
  }

  /// How bad it is.
  package enum Severity: String, WireWord {
    case error, warning, notice, info, debug
    package static let about = "How bad it is, as in syslog(3)."
  }

  /// Something that does not work.
  package struct Problem: WireStruct {
    package static let about = "Something that does not work at present."
    package var severity = Severity.error
    package var message = ""
    package var advice: String?
    package var since = WallTime(nanoseconds: 0)
    package var tries: Int64 = 1
    package var nextTry: WallTime?
    package var job: String?
    package var path: FilePath?
    package var step: String?
    package var errno: String?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("severity", &severity, "How bad it is.")
      each("message", &message, "What is wrong, in one line.")
      each("advice", &advice, "What to do.")
      each("since", &since, "When it was first seen.")
      each("tries", &tries, "How often it was tried.")
      each("nextTry", &nextTry, "When it is tried again.")
      each("job", &job, "The job that has it.")
      each("path", &path, "The file or directory that has it.")
      each("step", &step, "What failed, as in the plan.")
      each("errno", &errno, "The kernel's error: `ENOSPC`.")
    }
  }

  /// Why an archive is not free.
  package enum HolderRole: String, WireWord {
    case writer, reader, hook
    package static let about = "Who has a file: a process that may write to it or reads it, or a hook that is owed."
  }

  /// Who has a log or an archive.
  package struct Holder: WireStruct {
    package static let about = "A process that has a log or an archive open, or a hook that an archive waits for."
    package var role = HolderRole.writer
    package var pid: Int64?
    package var uid: Int64?
    package var command: String?
    package var unreadBytes: Int64?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("role", &role, "What it does with it.")
      each("pid", &pid, "The process.")
      each("uid", &uid, "Its effective user.")
      each("command", &command, "The name of its program, at most 15 bytes, or the hook.")
      each("unreadBytes", &unreadBytes, "Of a reader: bytes between its offset and the end of the file.")
    }
  }

  /// A rotation that was done.
  package struct Rotated: WireStruct {
    package static let about = "A rotation that was done."
    package var at = WallTime(nanoseconds: 0)
    package var reason = ""
    package var archive: FilePath?
    package var bytes: Int64 = 0

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("at", &at, "When.")
      each("reason", &reason, "Why: `daily 00:00`, `size 1.1G >= 1G`.")
      each("archive", &archive, "What the log became, by its name at that time.")
      each("bytes", &bytes, "Bytes of the log.")
    }
  }

  /// The next rotation.
  package struct Due: WireStruct {
    package static let about = "A rotation that comes."
    package var at: WallTime?
    package var reason = ""
    package var isPredicted = false

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("at", &at, "When; missing where it cannot be told, as the log does not grow.")
      each("reason", &reason, "By which rule.")
      each("isPredicted", &isPredicted, "The time follows from how fast the log has grown.")
    }
  }
}
