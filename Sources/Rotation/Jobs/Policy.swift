/// What a rotation does with a log that is due.
package struct Policy: Hashable, Sendable {
  /// How many versions stay; 0 drops the content on purpose.
  package var keep: Int
  /// Whether an empty log is rotated too.
  package var rotatesEmpty: Bool
  /// What takes the place of the live log.
  package var creation: Creation
  /// The rest, in a box that jobs share: most of a hundred thousand have the same.
  package var box: Box

  package init(
    keep: Int, rotatesEmpty: Bool = false, creation: Creation = .likeOldLog, handling: Box = .standard
  ) {
    self.keep = keep
    self.rotatesEmpty = rotatesEmpty
    self.creation = creation
    self.box = handling
  }

  /// How the content is taken, archives are named, writers told, and so on.
  package var handling: Handling {
    get { box.handling }
    set { box = Box(newValue) }
  }

  /// Whether the rules that remove archives are in some point less strict than those of another policy.
  package func keepsMore(than other: Policy) -> Bool {
    let (mine, others) = (handling, other.handling)
    return keep > other.keep || mine.keepMin > others.keepMin
      || others.maxAge.map { age in mine.maxAge.map { $0 > age } ?? true } ?? false
      || others.maxTotal.map { total in mine.maxTotal.map { $0 > total } ?? true } ?? false
  }

  /// What the archives are called.
  package var naming: ArchiveNaming { box.naming }

  /// What has to be remembered to find them under another config.
  package var names: ArchiveNames { box.names }

  /// A `Handling` that several policies share; equal by value.
  package final class Box: Hashable, Sendable {
    /// That of a job that says nothing.
    package static let standard = Box(Handling())

    /// What is shared.
    package let handling: Handling
    /// What follows from it for the names of archives.
    package let naming: ArchiveNaming
    /// What is to be remembered of it.
    package let names: ArchiveNames

    package init(_ handling: Handling) {
      self.handling = handling
      self.naming = ArchiveNaming(handling.naming, suffix: handling.compression?.suffix)
      self.names = ArchiveNames(handling)
    }

    package static func == (one: Box, other: Box) -> Bool { one === other || one.handling == other.handling }

    /// By value, as `==` is.
    package func hash(into hasher: inout Hasher) {
      hasher.combine(handling)
    }
  }
}

/// Who makes the new live log, and with which attributes.
package enum Creation: Hashable, Sendable {
  /// The name is left to the writer, and is absent until it opens its log again.
  case leftToWriter
  /// rotated makes it; what is nil is taken over from the old log.
  case create(mode: UInt32?, user: UInt32?, group: UInt32?)

  /// rotated makes it with mode, owner and group of the old log.
  package static let likeOldLog = Creation.create(mode: nil, user: nil, group: nil)
}
