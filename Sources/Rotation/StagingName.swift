/// The name under which the new live log is prepared, and under which the old one stands for the moment between
/// the exchange and its move to version 1: `.NAME.rotated`. Hidden, so that no pattern of a reader matches it.
package enum StagingName {
  private static let suffix = ".rotated"
  private static let spentSuffix = ".rotated-spent"
  private static let outputSuffix = ".rotated-output"

  /// The staging name of a log.
  package static func of(_ log: FileName) -> FileName { ".\(log)\(suffix)" }

  /// The hidden name of an archive that its compressed copy has replaced, for the moment before it is removed.
  package static func ofSpent(_ archive: FileName) -> FileName { ".\(archive)\(spentSuffix)" }

  /// The archive whose hidden name this is; nil for every other name.
  package static func spentArchive(of name: FileName) -> FileName? { inner(name, spentSuffix) }

  /// The hidden name of what is being made of an archive, where files without a name cannot be had.
  package static func ofOutput(_ archive: FileName) -> FileName { ".\(archive)\(outputSuffix)" }

  /// The archive that this is the hidden output of; nil for every other name.
  package static func outputArchive(of name: FileName) -> FileName? { inner(name, outputSuffix) }

  /// The log whose staging name this is; nil for every other name.
  package static func log(of name: FileName) -> FileName? { inner(name, suffix) }

  private static func inner(_ name: FileName, _ suffix: String) -> FileName? {
    let bytes = name.bytes
    guard bytes.first == UInt8(ascii: "."), bytes.count > suffix.utf8.count + 1,
      bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    else { return nil }
    return FileName(bytes.dropFirst().dropLast(suffix.utf8.count))
  }
}
