import Rotation
import Timekeeping

/// What one table says about the handling of a job's logs; nil is "nothing said".
struct HandlingSettings {
  /// What `compress` says.
  enum Compress {
    case off
    case tool(Compressor)
    case command([ExactText], suffix: String)
  }

  var truncates: Bool?
  var truncateWay: TruncateWay?
  var isDated: Bool?
  var dateFormat: DateFormat?
  var ending: Naming.Ending?
  var archiveDirectory: ArchiveDirectory?
  var before: [Command]?
  var notices: [Notice]?
  var reopenTimeout: Span?
  var undoesWhenStuck: Bool?
  var compress: Compress?
  var level: Int?
  var compressAfter: Span?
  var compressFrom: Int?
  var maxAge: Span?
  var maxTotal: Int64?
  var keepMin: Int?
  var actsAsOwner: Bool?

  /// These settings, and those of `base` where these say nothing. A `compress` of its own takes no level from there.
  func over(_ base: HandlingSettings) -> HandlingSettings {
    HandlingSettings(
      truncates: truncates ?? base.truncates, truncateWay: truncateWay ?? base.truncateWay,
      isDated: isDated ?? base.isDated, dateFormat: dateFormat ?? base.dateFormat, ending: ending ?? base.ending,
      archiveDirectory: archiveDirectory ?? base.archiveDirectory, before: before ?? base.before,
      notices: notices ?? base.notices, reopenTimeout: reopenTimeout ?? base.reopenTimeout,
      undoesWhenStuck: undoesWhenStuck ?? base.undoesWhenStuck, compress: compress ?? base.compress,
      level: level ?? (compress == nil ? base.level : nil), compressAfter: compressAfter ?? base.compressAfter,
      compressFrom: compressFrom ?? base.compressFrom, maxAge: maxAge ?? base.maxAge,
      maxTotal: maxTotal ?? base.maxTotal, keepMin: keepMin ?? base.keepMin,
      actsAsOwner: actsAsOwner ?? base.actsAsOwner)
  }

  /// The handling that these settings make, with the program's own defaults where they say nothing.
  func handling(schedule: Schedule?, sizeLimit: SizeLimit?) -> Handling {
    var handling = Handling()
    if truncates == true { handling.method = .truncate(by: truncateWay ?? .auto) }
    if isDated == true {
      handling.naming.style = .dated(dateFormat ?? .standard(for: schedule, sizeLimit: sizeLimit))
    }
    handling.naming.ending = ending ?? handling.naming.ending
    handling.archiveDirectory = archiveDirectory.flatMap { $0.path == "." ? nil : $0 }
    handling.before = before ?? handling.before
    handling.notices = notices ?? handling.notices
    handling.reopenTimeout = reopenTimeout ?? handling.reopenTimeout
    handling.undoesWhenStuck = undoesWhenStuck ?? handling.undoesWhenStuck
    handling.compression = compression
    handling.maxAge = maxAge
    handling.maxTotal = maxTotal
    handling.keepMin = keepMin ?? handling.keepMin
    handling.actsAsOwner = actsAsOwner ?? handling.actsAsOwner
    return handling
  }

  private var compression: Compression? {
    switch compress {
    case .tool(let tool):
      Compression(
        command: tool.command(level: level), suffix: tool.suffix, after: compressAfter ?? .zero,
        from: compressFrom ?? 1)
    case .command(let command, let suffix):
      Compression(command: command, suffix: suffix, after: compressAfter ?? .zero, from: compressFrom ?? 1)
    case .off, nil: nil
    }
  }
}

/// Gives equal handlings one box: of a hundred thousand jobs most have the same.
final class HandlingCache {
  private var boxes: [Handling: Policy.Box] = [:]

  /// The box that all jobs with this handling share.
  func box(_ handling: Handling) -> Policy.Box {
    if handling == Policy.Box.standard.handling { return .standard }
    if let known = boxes[handling] { return known }
    let box = Policy.Box(handling)
    boxes[handling] = box
    return box
  }
}
