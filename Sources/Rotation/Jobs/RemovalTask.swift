package import Timekeeping

/// What is done with an archive before it is removed. An archive for which it fails stays, and it is done again. After a crash it is
/// done again, too.
package enum RemovalTask: Hashable, Sendable {
  /// Its content is mailed.
  case mail(Mail, limit: Span)
  /// A script is run, which gets the path of the archive as its last argument.
  case script(Command, limit: Span)
  /// shred(1) overwrites its content, this often or as often as it does by itself. If it cannot, the archive is removed all the same.
  case overwrite(cycles: Int64?)
}

/// To whom the content of archives is mailed, and by which programs.
package struct Mail: Hashable, Sendable {
  /// The program that mails its standard input. Its arguments are those of mail(1): `-s SUBJECT ADDRESS`.
  package var program: ExactText
  /// One address, without blanks.
  package var address: ExactText
  /// The program that uncompresses its standard input; nil for the one that belongs to the suffix of an archive.
  package var uncompressor: ExactText?

  package init(program: ExactText, address: ExactText, uncompressor: ExactText? = nil) {
    (self.program, self.address, self.uncompressor) = (program, address, uncompressor)
  }

  private static let uncompressors: [String: ExactText] = [
    ".gz": "gunzip", ".bz2": "bunzip2", ".xz": "unxz", ".zst": "unzstd", ".lz4": "unlz4", ".Z": "uncompress",
  ]

  /// The program for archives with this suffix.
  package func uncompressor(of suffix: String) -> ExactText {
    uncompressor ?? Self.uncompressors[suffix] ?? "gunzip"
  }

  /// Mails what the program in $4 makes of standard input, by the program in $1, with the subject in $2 to the address in $3. Fails
  /// if one of the two does: a mail of half an archive is none.
  package static let uncompressing = """
    { code=$({ { "$4" 3>&- 4>&-; echo $? >&3; } | "$1" -s "$2" "$3" 3>&- >&4 4>&-; } 3>&1); mailed=$?; } 4>&1
    [ "$mailed" -eq 0 ] || exit "$mailed"
    [ "$code" = 0 ] || { echo "$4 ended with exit code $code" >&2; exit 1; }
    """

  /// The command that mails its standard input, the content of an archive with this suffix.
  package func command(subject: ExactText, suffix: String) -> Command {
    guard !suffix.isEmpty else { return .program([program, "-s", subject, address]) }
    return .program([
      "/bin/sh", "-c", ExactText(Self.uncompressing), "mail", program, subject, address, uncompressor(of: suffix),
    ])
  }
}
