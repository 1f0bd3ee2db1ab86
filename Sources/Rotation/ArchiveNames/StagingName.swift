/// The name under which the new live log is prepared, and under which the old one stands for the moment between
/// the exchange and its move to version 1: `.NAME.rotated`. Hidden, so that no pattern of a reader matches it.
///
/// Another user may have taken that name, where others can write to the directory. What is not ours stays, and the next free
/// of `.NAME.rotated-1` and so on is used instead.
package enum StagingName {
  private static let suffix = ".rotated"
  private static let supersededSuffix = ".rotated-spent"
  private static let outputSuffix = ".rotated-output"

  /// How many names there are for one log, and for one archive.
  package static let count = 10

  /// A staging name of a log: the first, or one further on.
  package static func of(_ log: FileName, _ index: Int = 0) -> FileName { ".\(log)\(suffix)\(ending(index))" }

  /// A hidden name of an archive that its compressed copy has replaced, for the moment before it is removed.
  package static func ofSuperseded(_ archive: FileName, _ index: Int = 0) -> FileName {
    ".\(archive)\(supersededSuffix)\(ending(index))"
  }

  /// The archive whose hidden name this is; nil for every other name.
  package static func supersededArchive(of name: FileName) -> FileName? { numbered(name, supersededSuffix) }

  /// The hidden name of what is being made of an archive, where files without a name cannot be had.
  package static func ofOutput(_ archive: FileName, _ index: Int = 0) -> FileName {
    ".\(archive)\(outputSuffix)\(ending(index))"
  }

  /// The archive that this is the hidden output of; nil for every other name.
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
