package import Timekeeping

/// One change of a log's directories. Those of a rotation are one system call each that another process could see, or none;
/// `compress`, `transfer` and `truncate` are several, with an order of their own.
package enum Step: Hashable, Sendable {
  /// Why a name is given to a file; for people.
  package enum Purpose: String, Hashable, Sendable {
    case shift, stage, publish, setAside = "set aside", restore
  }

  /// Make the new live log, empty and with its final attributes, under its staging name.
  case prepare(FileName, Attributes)
  /// renameat2(2), RENAME_NOREPLACE.
  case rename(Location, to: Location, Purpose)
  /// renameat2(2), RENAME_EXCHANGE: the two names exchange their files.
  case exchange(FileName, with: FileName)
  /// link(2), where the file system knows no RENAME_NOREPLACE or RENAME_EXCHANGE.
  case link(Location, to: Location, Purpose)
  /// rename(2) of the staging name over the live name, whose file has a version's name already.
  case replace(live: FileName, staging: FileName)
  /// Give what was copied from the live log its name, which must be free.
  case publishCopy(FileName, to: Location)
  /// Cut off the live log what this archive holds of it.
  case truncate(FileName, archivedIn: Location)
  /// unlink(2) of the archive that a rotation by exchanges has pushed out, and that has the staging name now. If a process
  /// writes to it, it gets the name that a shift would have given it.
  case retire(FileName, as: Location)
  /// What the job wants done with an archive before it is removed for this reason.
  case perform(RemovalTask, Location, RemovalReason)
  /// unlink(2).
  case remove(Location, RemovalReason)
  /// Put a compressed copy in the place of an archive.
  case compress(Location, to: Location)
  /// Put a copy on another file system in the place of an archive.
  case transfer(Location, to: Location)
}

/// Why a name is removed.
package enum RemovalReason: Hashable, Sendable {
  /// There are more archives than `keep`.
  case keep
  /// The archive is older than this.
  case age(Span)
  /// The archives and live logs of its job take more than these bytes.
  case total(Int64)
  /// Less than this is free: `5%`, `10G`; and on the file system of which directory.
  case free(String, of: FilePath)
  /// It is a copy of this archive, and may be unfinished; the archive has every byte.
  case copy(of: Location)
  /// This copy has taken its place, and is on disk.
  case replaced(by: Location)
  /// The file has another name, which it keeps.
  case secondName
  /// It is a new log that never came to be live, and is empty.
  case leftover
  /// A compressor was killed while it wrote it.
  case unfinished
  /// It is the new, empty log of a rotation that was undone.
  case undone
}

/// A step that waits until no process has an archive open for writing.
package struct PendingStep: Hashable, Sendable {
  /// As it is when the step is planned.
  package var archive: Version
  package var step: Step

  package init(_ archive: Version, _ step: Step) {
    self.archive = archive
    self.step = step
  }

  /// Whether the archive goes, or is about to go, and nothing takes its place.
  package var isRemoval: Bool { step.isRemoval }
}

extension Step {
  /// Whether it is the removal of a file, or what comes before that.
  package var isRemoval: Bool {
    switch self {
    case .remove, .perform: true
    default: false
    }
  }

  /// The names that it is about.
  package var locations: [Location] {
    switch self {
    case .prepare(let name, _): [Location(name)]
    case .rename(let old, let new, _), .link(let old, let new, _), .compress(let old, let new),
      .transfer(let old, let new):
      [old, new]
    case .exchange(let one, let other), .replace(let one, let other): [Location(one), Location(other)]
    case .publishCopy(let live, let archive), .truncate(let live, let archive): [Location(live), archive]
    case .retire(let staging, as: let archive): [Location(staging), archive]
    case .remove(let copy, .copy(let source)): [copy, source]
    case .remove(let name, _), .perform(_, let name, _): [name]
    }
  }
}

extension Step: CustomStringConvertible {
  /// The step as `rotatectl plan` prints it.
  package var description: String {
    switch self {
    case .prepare(let name, let attributes):
      let mode = String(attributes.mode, radix: 8)
      return "create \(name), mode 0\(mode), owner \(attributes.user):\(attributes.group)"
    case .rename(let old, let new, let purpose): return "rename \(old) to \(new) (\(purpose.rawValue))"
    case .exchange(let one, let other): return "exchange \(one) with \(other)"
    case .link(let old, let new, let purpose): return "link \(old) to \(new) (\(purpose.rawValue))"
    case .replace(let live, let staging): return "rename \(staging) over \(live)"
    case .publishCopy(let live, let archive): return "copy \(live) to \(archive)"
    case .truncate(let live, let archive): return "remove from \(live) what \(archive) holds"
    case .retire(let staging, as: let archive):
      return "remove \(staging), or rename it to \(archive) while a process writes to it (\(RemovalReason.keep))"
    case .perform(.mail(let mail, _), let archive, _): return "mail \(archive) to \(mail.address)"
    case .perform(.script, let archive, _): return "run the `preremove` script for \(archive)"
    case .perform(.overwrite, let archive, _): return "overwrite \(archive)"
    case .remove(let name, let reason): return "remove \(name) (\(reason))"
    case .compress(let archive, let copy): return "compress \(archive) to \(copy)"
    case .transfer(let archive, let copy): return "move \(archive) to \(copy), on another file system"
    }
  }
}

extension RemovalReason: CustomStringConvertible {
  /// The reason as it follows "removed app.log.7: ".
  package var description: String {
    switch self {
    case .keep: "more archives than `keep`"
    case .age(let span): "older than \(TimeSpan.show(span))"
    case .total(let bytes): "the job has more than \(ByteSize.describe(bytes))"
    case .free(let bound, let directory): "less than \(bound) is free on the file system of \(directory)"
    case .copy(let source): "unfinished copy of \(source)"
    case .replaced(let copy): "replaced by \(copy)"
    case .secondName: "second name"
    case .leftover: "leftover"
    case .unfinished: "unfinished output"
    case .undone: "the rotation was undone"
    }
  }
}
