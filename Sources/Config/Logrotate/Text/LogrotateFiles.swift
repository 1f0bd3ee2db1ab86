package import Rotation

/// How the files that logrotate's configs include are read, passed in so that reading a config stays pure.
package struct LogrotateFiles {
  /// What is at a path.
  package enum Entry {
    /// The bytes of a regular file.
    case file([UInt8])
    /// The names in a directory, in any order.
    case directory([FileName])
    /// Something that is passed over without a word: neither a regular file nor a directory.
    case nothing
    /// Why it cannot be used, as what follows its path: `cannot be read: …`.
    case refused(String)
  }

  /// Reads a path, links followed.
  package var read: (FilePath) -> Entry
  /// The program that mails archives, by name or by path.
  package var mailer: ExactText = "/usr/bin/mail"
  /// What `~/` stands for; nil where it is not known.
  package var home: FilePath?

  package init(home: FilePath? = nil, read: @escaping (FilePath) -> Entry) {
    self.home = home
    self.read = read
  }

  /// No file at all.
  package static var none: LogrotateFiles { LogrotateFiles { _ in .refused("cannot be read here") } }

  /// A path with the `~/` at its start replaced, as logrotate does.
  func expanded(_ path: [UInt8]) -> [UInt8] {
    guard let home, path.starts(with: "~/".utf8) else { return path }
    return home.bytes + path.dropFirst(1)
  }
}
