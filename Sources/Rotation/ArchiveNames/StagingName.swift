/// The name under which the new live log is prepared, and which the old one has between the exchange and its move to
/// version 1: `.NAME.rotated`. It is hidden, so that no pattern of a reader matches it.
///
/// Where others can write to the directory, another user may have taken that name. A foreign file stays, and the next
/// free name of `.NAME.rotated-1` and so on is used instead.
package enum StagingName {
  private static let suffix = ".rotated"
  private static let supersededSuffix = ".rotated-spent"
  private static let outputSuffix = ".rotated-output"

  /// The number of names for one log, and for one archive.
  package static let count = 10

  /// A staging name of a log: the first, or a later one.
  package static func of(_ log: FileName, _ index: Int = 0) -> FileName { ".\(log)\(suffix)\(ending(index))" }

  /// A hidden name of an archive that its compressed copy has replaced, until it is removed.
  package static func ofSuperseded(_ archive: FileName, _ index: Int = 0) -> FileName {
    ".\(archive)\(supersededSuffix)\(ending(index))"
  }

  /// The archive whose hidden name this is; nil for every other name.
  package static func supersededArchive(of name: FileName) -> FileName? { numbered(name, supersededSuffix) }

  /// The hidden name of an unfinished copy of an archive, where files without a name are not possible.
  package static func ofOutput(_ archive: FileName, _ index: Int = 0) -> FileName {
    ".\(archive)\(outputSuffix)\(ending(index))"
  }

  /// The archive whose unfinished copy has this hidden name; nil for every other name.
  package static func outputArchive(of name: FileName) -> FileName? { numbered(name, outputSuffix) }

  /// The log whose staging name this is; nil for every other name.
  package static func log(of name: FileName) -> FileName? { numbered(name, suffix) }

  private static func ending(_ index: Int) -> String { index == 0 ? "" : "-\(index)" }

  private static func numbered(_ name: FileName, _ suffix: String) -> FileName? {
    let bytes = name.bytes
    guard let last = bytes.last, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(last),
      bytes.dropLast().last == UInt8(ascii: "-")
    else { return inner(name, suffix) }
    return inner(FileName(bytes.dropLast(2)), suffix)
  }

  private static func inner(_ name: FileName, _ suffix: String) -> FileName? {
    let bytes = name.bytes
    guard bytes.first == UInt8(ascii: "."), bytes.count > suffix.utf8.count + 1,
      bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    else { return nil }
    return FileName(bytes.dropFirst().dropLast(suffix.utf8.count))
  }
}
