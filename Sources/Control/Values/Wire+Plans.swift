package import Rotation
package import Timekeeping

extension Wire {
  /// What a step does.
  package enum Action: String, WireWord {
    case run, create, rename, exchange, link, copy, truncate, compress, transfer, restore, remove, notify, mail,
      overwrite
    package static let about = "What a step does."
  }

  /// A step of a plan.
  package struct Step: WireStruct {
    package static let about = "A step of a plan."
    package var action = Action.rename
    package var text = ""
    package var path: FilePath?
    package var to: FilePath?
    package var reason: String?
    package var bytes: Int64?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("action", &action, "What it does.")
      each("text", &text, "The step in words.")
      each("path", &path, "The file that it is about, seen from the log's directory.")
      each("to", &to, "The name that the file gets, or its content; of a mail, the address.")
      each("reason", &reason, "Why: `shift`, `publish`, `keep`, `max-age`.")
      each("bytes", &bytes, "Bytes that it copies, compresses or removes.")
    }
  }

  /// What a rotation of a log now would do.
  package struct LogPlan: WireStruct {
    package static let about = "What a rotation of a log now would do."
    package var path: FilePath = ""
    package var job = ""
    package var due: Due?
    package var refusal: String?
    package var now: [Step] = []
    package var later: [Step] = []

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "The log.")
      each("job", &job, "The job that has it.")
      each("due", &due, "When and by which rule it comes by itself.")
      each("refusal", &refusal, "Why there would be no rotation.")
      each("now", &now, "The steps in their order: commands, the rotation, hooks; at most 1,000.")
      each("later", &later, "What waits for a writer's release or for an age: compression, removal; at most 1,000.")
    }
  }

  /// What a path is to the jobs.
  package enum Standing: String, WireWord {
    case log, archive, excluded, unclaimed, missing, symbolicLink, notRegular, retained
    package static let about = "What a path is to the jobs."
  }

  /// A job that wanted a log.
  package struct Claim: WireStruct {
    package static let about = "Another job whose patterns match the log, and why it does not have it."
    package var job = ""
    package var pattern = ""
    package var reason = ""

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("job", &job, "The job.")
      each("pattern", &pattern, "Its pattern.")
      each("reason", &reason, "Why it does not have the log.")
    }
  }

  /// A condition of a rotation.
  package struct Condition: WireStruct {
    package static let about = "A condition of a rotation, with its value now."
    package var name = ""
    package var wanted = ""
    package var value = ""
    package var holds = false

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("name", &name, "The key of the config: `size`, `min-age`.")
      each("wanted", &wanted, "What the config asks for.")
      each("value", &value, "What is.")
      each("holds", &holds, "Whether that is enough.")
    }
  }

  /// An archive.
  package struct Archive: WireStruct {
    package static let about = "An archive."
    package var path: FilePath = ""
    package var modified = WallTime(nanoseconds: 0)
    package var bytes: Int64 = 0
    package var isCompressed = false
    package var holders: [Holder] = []
    package var removal: Due?

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "Where it is.")
      each("modified", &modified, "When its last line was written.")
      each("bytes", &bytes, "Its room on disk.")
      each("isCompressed", &isCompressed, "Whether it is compressed.")
      each("holders", &holders, "The processes that have it open (not mapped), at most 1,000.")
      each("removal", &removal, "When and by which rule it goes.")
    }
  }

  /// Everything about one path.
  package struct Explanation: WireStruct {
    package static let about = "Everything about one path."
    package var path: FilePath = ""
    package var standing = Standing.unclaimed
    package var remark: String?
    package var pattern: String?
    package var claims: [Claim] = []
    package var conditions: [Condition] = []
    package var log: Log?
    package var holders: [Holder] = []
    package var isPartial = false
    package var plan: LogPlan?
    package var archives: [Archive] = []

    /// Whether no job has it, neither as a log nor as an archive.
    package var isUnclaimed: Bool {
      switch standing {
      case .unclaimed, .excluded: true
      case .symbolicLink: pattern == nil
      case .log, .archive, .missing, .notRegular, .retained: false
      }
    }

    package init() {}
    package mutating func fields(_ each: inout some FieldVisitor) {
      each("path", &path, "The path that was asked about.")
      each("standing", &standing, "What it is.")
      each("remark", &remark, "That in a sentence, where there is more to say.")
      each("pattern", &pattern, "The pattern by which the job has it.")
      each("claims", &claims, "Who else wanted it, at most 1,000.")
      each("conditions", &conditions, "What a rotation depends on.")
      each("log", &log, "The log.")
      each("holders", &holders, "The processes that have the log open, at most 1,000.")
      each("isPartial", &isPartial, "Some processes could not be looked at, and may have these files open, too.")
      each("plan", &plan, "What a rotation now would do.")
      each("archives", &archives, "Its archives, newest first, at most 1,000; `log.archives` counts them all.")
    }
  }
}
