import Glibc

/// The package's own tree, found from where this file lies.
enum SourceTree {
  /// The folder that holds Package.swift.
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/")
  }()

  /// Every Swift file below `Sources` and `Tests`, sorted by path.
  static let files: [SourceFile] = ["Sources", "Tests"].flatMap { paths(below: $0) }
    .filter { $0.hasSuffix(".swift") }
    .map { path in
      guard let text = read(path) else { preconditionFailure("\(path) was listed, but cannot be read") }
      return SourceFile(path: path, text: text)
    }

  /// The names that protocols of the program require, and CustomStringConvertible.
  static let requirements = Set(
    files.filter { $0.path.hasPrefix("Sources/") }.flatMap(\.requirements) + ["description"])

  /// The content of a file by its path below the root; nil when it cannot be read.
  static func read(_ path: String) -> String? {
    let descriptor = unsafe open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 else { return nil }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// All files below a folder, as paths below the root, sorted; hidden ones are left out.
  private static func paths(below folder: String) -> [String] {
    guard let stream = unsafe opendir("\(root)/\(folder)") else { return [] }
    defer { unsafe closedir(stream) }
    var found: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(".") { continue }
      let path = "\(folder)/\(name)"
      found += unsafe entry.pointee.d_type == DT_DIR ? paths(below: path) : [path]
    }
    return found.sorted()
  }
}
