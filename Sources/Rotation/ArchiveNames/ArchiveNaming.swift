// The names of a log's archives, in both directions: a base and a version make a name, and a name in a directory is
// split into a base, a version and the suffix of a compressor.
//
//     app.log.3.gz               numbered
//     app.3.log.gz               numbered, the extension kept last
//     app.log-20261122           dated
//     app-20261122~1.log.gz      dated, the extension kept last; the second archive of that date
//
// A name is an archive's only if this naming would write it in exactly the same bytes. Everything works on bytes. A
// date begins with a separator that is no digit and contains no `~`, so a name can be read in only one way.

package import Timekeeping

/// The names of the archives of a job's logs; pure.
package struct ArchiveNaming: Hashable, Sendable {
  /// The separator between a date and the number of another archive of that date. A date format cannot contain it.
  static let sequenceSeparator = UInt8(ascii: "~")
  /// The suffixes of compressors, dot included.
  package static let standardSuffixes = [".gz", ".zst", ".xz", ".bz2", ".lz4"]
  /// `app.log.1`, without a compressor of the job's own.
  package static let numbered = ArchiveNaming()

  /// Numbers or dates, and what follows them.
  package let naming: Naming
  /// The possible suffixes, dot included: the standard ones, and that of the job's own compressor.
  package let suffixes: [String]

  package init(_ naming: Naming = Naming(), suffix: String? = nil) {
    self.naming = naming
    let isOwn = suffix.map { !Self.standardSuffixes.contains($0) } ?? false
    self.suffixes = Self.standardSuffixes + (isOwn ? [suffix ?? ""] : [])
  }

  /// The parts of an archive's name.
  package struct Archive: Hashable, Sendable {
    /// The name of the log.
    package var base: FileName
    package var key: VersionKey
    /// Empty for an uncompressed archive.
    package var suffix: String

    package init(base: FileName, key: VersionKey, suffix: String) {
      self.base = base
      self.key = key
      self.suffix = suffix
    }
  }

  /// Whether the directory must be listed to find the archives of a log.
  package var isDated: Bool { if case .dated = naming.style { true } else { false } }
}

// MARK: - From a version to a name

extension ArchiveNaming {
  /// The name of an archive of the log `base`.
  package func name(of base: FileName, _ key: VersionKey, suffix: String = "") -> FileName {
    let bytes = base.bytes
    let ending = ending(of: bytes)
    var name = Array(bytes.dropLast(ending.count))
    write(key, to: &name)
    name += ending
    name += suffix.utf8
    return FileName(bytes: name)
  }

  /// The version of an archive that is made now. `newest` is the newest that exists: a later archive never gets an
  /// older date, whatever the clock says; otherwise it would be removed first.
  package func next(after newest: VersionKey?, at time: WallTime, in zone: Zone) -> VersionKey {
    guard case .dated(let format) = naming.style else { return .number(1) }
    let date = format.date(of: time, in: zone)
    guard case .date(let last, let sequence) = newest, last >= date else { return .date(date, sequence: 0) }
    return .date(last, sequence: sequence + 1)
  }

  /// The name that an archive of this log may have.
  package func example(of base: FileName) -> FileName {
    // A morning: 22 November 2026.
    name(of: base, next(after: nil, at: WallTime(seconds: 1_795_305_600), in: .utc))
  }

  private func write(_ key: VersionKey, to name: inout [UInt8]) {
    switch (key, naming.style) {
    case (.number(let number), _):
      name.append(UInt8(ascii: "."))
      name += String(number + naming.first - 1).utf8
    case (.date(let date, let sequence), .dated(let format)):
      format.write(date, to: &name)
      guard sequence > 0 else { return }
      name.append(Self.sequenceSeparator)
      name += String(sequence).utf8
    case (.date, .numbered): preconditionFailure("a numbered archive has no date")
    }
  }

  /// The end of a log's name that stays last in the names of its archives.
  private func ending(of base: [UInt8]) -> ArraySlice<UInt8> {
    switch naming.ending {
    case .none: return []
    case .suffix(let text):
      let count = text.bytes.count
      return base.count > count && base.suffix(count) == text.bytes[...] ? base.suffix(count) : []
    case .extension_:
      guard let dot = base.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return [] }
      // The archives of `app.gz` would look like compressed ones of `app`.
      let ending = base[dot...]
      return suffixes.contains { ending.elementsEqual($0.utf8) } ? [] : ending
    }
  }
}

// MARK: - From a name to a version

extension ArchiveNaming {
  /// Splits a name in a directory; nil if it is not that of an archive.
  package func parse(_ name: FileName) -> Archive? {
    // Most names in a directory fail here, before anything is copied.
    guard let last = name.bytes.last, last.isASCIIDigit || naming.ending != .none || mayEndOther(last) else {
      return nil
    }
    if naming == Naming() { return parseNumbered(name) }
    let bytes = name.bytes
    if let archive = parse(bytes[...], suffix: "", of: bytes) { return archive }
    for suffix in suffixes where bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) {
      if let archive = parse(bytes.dropLast(suffix.utf8.count), suffix: suffix, of: bytes) { return archive }
    }
    return nil
  }

  /// The version of a name among the archives of one log; nil if it is none of them.
  package func version(_ name: FileName, of base: FileName) -> (key: VersionKey, suffix: String)? {
    guard let archive = parse(name), archive.base == base else { return nil }
    return (archive.key, archive.suffix)
  }

  /// The same for `app.log.3.gz`, the most frequent form. It needs no copy of the name, and no comparison with a name
  /// that is written again: the parts are read exactly as they would be written.
  private func parseNumbered(_ name: FileName) -> Archive? {
    let bytes = name.bytes.span
    if let archive = parseNumbered(name, plain: bytes.count, suffix: "") { return archive }
    for suffix in suffixes where bytes.ends(with: suffix) {
      if let archive = parseNumbered(name, plain: bytes.count - suffix.utf8.count, suffix: suffix) { return archive }
    }
    return nil
  }

  /// `plain` is the length of the name without the suffix of a compressor.
  private func parseNumbered(_ name: FileName, plain: Int, suffix: String) -> Archive? {
    let bytes = name.bytes.span
    var start = plain
    while start > 0, bytes[start - 1].isASCIIDigit { start -= 1 }
    // At least 1 and without leading zeros; an Int has room for any number with as many digits as the greatest.
    guard start > 1, bytes[start - 1] == UInt8(ascii: "."), start < plain, bytes[start] != UInt8(ascii: "0"),
      plain - start < 18
    else { return nil }
    var number = 0
    for index in start..<plain { number = number * 10 + Int(bytes[index] - UInt8(ascii: "0")) }
    guard number <= Limits.maxVersion else { return nil }
    return Archive(base: FileName(name.bytes[..<(start - 1)]), key: .number(number), suffix: suffix)
  }

  /// Whether a suffix ends with this byte, or a date whose format ends with literal text.
  private func mayEndOther(_ byte: UInt8) -> Bool {
    if case .dated(let format) = naming.style, case .literal(let text) = format.parts.last, text.last == byte {
      return true
    }
    return suffixes.contains { $0.utf8.last == byte }
  }

  /// `plain` is the name without the suffix of a compressor.
  private func parse(_ plain: ArraySlice<UInt8>, suffix: String, of name: [UInt8]) -> Archive? {
    for ending in endings(of: plain) {
      guard let (stem, key) = keyAtEnd(of: plain.dropLast(ending.count)) else { continue }
      let base = FileName(stem + ending)
      // A name that this naming would not write is somebody else's, however similar it looks.
      guard !stem.isEmpty, self.name(of: base, key, suffix: suffix).bytes == name else { continue }
      return Archive(base: base, key: key, suffix: suffix)
    }
    return nil
  }

  /// The possible ends of the log's name, the longest first.
  private func endings(of plain: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    switch naming.ending {
    case .none: return [[]]
    case .suffix(let text):
      let ending = plain.suffix(text.bytes.count)
      return ending == text.bytes[...] ? [ending, []] : [[]]
    case .extension_:
      guard let dot = plain.lastIndex(of: UInt8(ascii: ".")) else { return [[]] }
      return [plain[dot...], []]
    }
  }

  private func keyAtEnd(of bytes: ArraySlice<UInt8>) -> (stem: ArraySlice<UInt8>, key: VersionKey)? {
    guard case .dated(let format) = naming.style else {
      let offset = naming.first - 1
      if offset < 0, bytes.suffix(2).elementsEqual(".0".utf8) { return (bytes.dropLast(2), .number(1)) }
      guard let (before, number) = numberAtEnd(of: bytes, limit: Limits.maxVersion + offset), number > offset,
        before.last == UInt8(ascii: ".")
      else { return nil }
      return (before.dropLast(), .number(number - offset))
    }
    if let date = format.dateAtEnd(of: bytes) { return (bytes.dropLast(format.width), .date(date, sequence: 0)) }
    guard let (before, sequence) = numberAtEnd(of: bytes, limit: Limits.maxSequence),
      before.last == Self.sequenceSeparator,
      let date = format.dateAtEnd(of: before.dropLast())
    else { return nil }
    return (before.dropLast(1 + format.width), .date(date, sequence: sequence))
  }

  /// The decimal number at the end, from 1 to the limit and without leading zeros.
  private func numberAtEnd(of bytes: ArraySlice<UInt8>, limit: Int) -> (before: ArraySlice<UInt8>, number: Int)? {
    var before = bytes
    var number = 0
    var place = 1
    while let byte = before.last, byte.isASCIIDigit {
      // More digits than the limit has are irrelevant, and must not overflow.
      guard place <= limit else { return nil }
      number += Int(byte - UInt8(ascii: "0")) * place
      place *= 10
      before = before.dropLast()
    }
    guard before.endIndex < bytes.endIndex, bytes[before.endIndex] != UInt8(ascii: "0"), number <= limit else {
      return nil
    }
    return (before, number)
  }
}
