internal import Glibc
internal import Rotation
package import Timekeeping

/// The time zones in the system's tzdata, by name, each read once.
///
/// An object serves one reading of a config, so that a reload sees an update of tzdata.
package final class SystemZones {
  /// Far more bytes than any zone file has.
  static let limit = 1 << 20

  private let directory: String
  private let failure: LookUpFailure?
  private var known: [String: Zone?] = [:]

  /// The zones below a directory; a file that cannot be read now is recorded.
  package init(directory: String = "/usr/share/zoneinfo", noting failure: LookUpFailure? = nil) {
    self.directory = directory
    self.failure = failure
  }

  /// The zone with a name such as `Europe/Berlin`; nil if there is none, or its file cannot be read.
  package func zone(_ name: String) -> Zone? {
    if let zone = known[name] { return zone }
    let zone = Self.isName(name) ? try? Zone(name: name, tzif: read(name)) : nil
    known[name] = .some(zone)
    return zone
  }

  private func read(_ name: String) throws(Errno) -> [UInt8] {
    do throws(Errno) {
      return try FileContent.read("\(directory)/\(name)", limit: Self.limit)
    } catch {
      failure?.note(error)
      throw error
    }
  }

  /// Whether a text has the form of a zone name, so that a config cannot lead to another file: components of letters,
  /// digits and `_`, `+`, `-`, and the first character a letter.
  static func isName(_ text: String) -> Bool {
    guard text.utf8.count <= 255, let first = text.utf8.first, isLetter(first) else { return false }
    let components = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return components.allSatisfy { component in
      !component.isEmpty
        && component.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "_+-".utf8.contains($0) }
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
