import Rotation

extension SettingsReader {
  /// The value of `create`: true, false or a table of attributes.
  func creation(_ field: Field) -> Creation? {
    switch field.node.value {
    case .boolean(let isCreated):
      return isCreated ? .likeOldLog : .leftToWriter
    case .table:
      var attributes = FileAttributes()
      readValue(field, as: Tables.creation, .create, into: &attributes)
      return .create(mode: attributes.mode, user: attributes.user, group: attributes.group)
    default:
      refuse(
        field, allowed: "true, false or a table of `mode`, `user` and `group`",
        hint: "write it as `create = { mode = \"0640\", user = \"root\", group = \"adm\" }`")
      return nil
    }
  }

  /// The mode of a file, in octal digits.
  func mode(_ field: Field) -> UInt32? {
    let limit = "0" + String(Limits.maxMode, radix: 8)
    let allowed = "an octal number in quotes, up to \(limit)"
    switch field.node.value {
    case .string(let text):
      let isShort = (3...4).contains(text.utf8.count) && text.utf8.allSatisfy(\.isDigit)
      if isShort, let mode = UInt32(text, radix: 8), mode <= Limits.maxMode { return mode }
      refuse(field, allowed: "three or four octal digits, up to \(limit)")
    case .integer:
      var digits = Substring(findings.source(of: field.node.place).word(at: field.node.place))
      if digits.hasPrefix("0o") { digits = digits.dropFirst(2) }
      let isOctal = UInt32(digits, radix: 8).map { $0 <= Limits.maxMode } ?? false
      let mode = isOctal && digits.utf8.count == 3 ? "0\(digits)" : "0640"
      refuse(field, allowed: allowed, hint: "quote it: `mode = \"\(mode)\"`")
    default:
      refuse(field, allowed: allowed, hint: "write it as `mode = \"0640\"`")
    }
    return nil
  }

  /// A user or group by name, or by number.
  func account(_ field: Field, _ lookUp: (String) -> UInt32?) -> UInt32? {
    guard case .string(let name) = field.node.value else {
      let number = if case .integer(let number) = field.node.value, number >= 0 { "\(number)" } else { "root" }
      refuse(field, allowed: "a name or a number in quotes", hint: "quote it: `\(field.name) = \"\(number)\"`")
      return nil
    }
    if let id = lookUp(name) { return id }
    if !name.isEmpty, name.utf8.allSatisfy(\.isDigit) {
      // The greatest number means "leave as it is" to chown(2).
      if let id = UInt32(name), id != .max { return id }
      refuse(field, allowed: "a number up to \(UInt32.max - 1)")
      return nil
    }
    findings.error("there is no \(field.name) \(Wording.quoted(name)) on this system", at: field.node.place)
    return nil
  }

  /// The value of `archive-dir`: a path, or a table with the path and attributes. `.some(nil)` is the log's own
  /// directory.
  func archiveDirectory(_ field: Field) -> ArchiveDirectory?? {
    var attributes = FileAttributes()
    switch field.node.value {
    case .string: attributes.path = directoryPath(field)
    case .table: readValue(field, as: Tables.directory, .archiveDirectory, into: &attributes)
    default:
      refuse(
        field, allowed: "a path in quotes, or a table of `path`, `mode`, `user` and `group`",
        hint: "write it as `archive-dir = \"old\"`")
    }
    guard let path = attributes.path else { return nil }
    if path == "." { return .some(nil) }
    return ArchiveDirectory(path: path, mode: attributes.mode, user: attributes.user, group: attributes.group)
  }

  /// The path of a directory, absolute or relative to that of a log.
  func directoryPath(_ field: Field) -> FilePath? {
    guard case .string(let text) = field.node.value else {
      refuse(field, allowed: "a path in quotes")
      return nil
    }
    if text == "." { return FilePath(text) }
    let isAbsolute = text.utf8.first == UInt8(ascii: "/")
    let components = text.utf8.dropFirst(isAbsolute ? 1 : 0)
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isSound = components.allSatisfy { component in
      !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
        && component.count <= Limits.maxNameBytes && !component.contains(0)
    }
    if isSound, text.utf8.count <= Limits.maxPathBytes { return FilePath(text) }
    findings.error(
      "`archive-dir` is \(Wording.quoted(text)); expected an absolute path or one from the log's directory, "
        + "without empty components, `.` or `..`", at: field.node.place)
    return nil
  }
}
