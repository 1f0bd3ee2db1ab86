import Rotation

extension SettingsReader {
  /// The patterns of `logs` or `exclude`, one string or a list of them, with the position of each. Invalid ones are
  /// reported and left out.
  func patterns(_ field: Field, mayBeEmpty: Bool) -> JobDraft.Logs {
    var logs = JobDraft.Logs()
    func add(_ text: String, _ place: Position) {
      guard isSound(text, place, field.name) else { return }
      logs.patterns.append(LogPattern(FilePath(text)))
      logs.places.append(place)
    }
    switch field.node.value {
    case .string(let text): add(text, field.node.place)
    case .array:
      for element in elements(of: field) {
        if case .string(let text) = element.node.value {
          add(text, element.node.place)
        } else {
          findings.error(
            "`\(field.name)` contains \(Wording.described(element.node.value)); expected paths and patterns in quotes",
            at: element.node.place)
        }
      }
      if Int(field.node.end) == field.index + 1, !mayBeEmpty {
        findings.error(
          "`\(field.name)` is an empty list; expected at least one path or pattern", at: field.node.place)
      }
    default:
      refuse(field, allowed: "a path or pattern in quotes, or a list of them")
    }
    return logs
  }

  /// Whether a text can be the path of a log or a pattern of paths; reports errors.
  private func isSound(_ text: String, _ place: Position, _ key: String) -> Bool {
    guard text.utf8.first == UInt8(ascii: "/") else {
      findings.error(
        text.isEmpty
          ? "`\(key)` contains an empty path" : "\(Wording.quoted(text)) is not an absolute path", at: place,
        hint: "write the path from the root: \"/var/log/app.log\"")
      return false
    }
    func refuse(_ offset: Int, _ reason: String, _ hint: String? = nil) -> Bool {
      findings.error(
        "\(Wording.quoted(text)): \(reason)",
        at: findings.source(of: place).place(inString: text, at: place, offset: offset),
        hint: hint)
      return false
    }
    if let offset = text.utf8.enumerated().first(where: { $0.element == 0 })?.offset {
      return refuse(offset, "a path cannot contain a NUL character")
    }
    if text.utf8.count > Limits.maxPathBytes { return refuse(0, "longer than \(Limits.maxPathBytes) bytes") }
    if text.utf8.last == UInt8(ascii: "/") {
      return refuse(
        text.utf8.count - 1, "this is the path of a directory, not of a log",
        "\(Wording.quoted(text + "*")) means the files in it")
    }
    var offset = 1
    for component in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if component.elementsEqual("..".utf8) { return refuse(offset, "a path cannot contain `..`") }
      if component.isEmpty || component.elementsEqual(".".utf8) {
        return refuse(offset, "a path cannot contain empty components or `.`", "remove them")
      }
      if component.count > Limits.maxNameBytes, !LogPattern(FilePath(text)).hasWildcard {
        return refuse(offset, "a name longer than \(Limits.maxNameBytes) bytes")
      }
      if component.elementsEqual("**".utf8) {
        return refuse(
          offset, "`**` would match one level, like `*`; patterns are not recursive", "write each level: `/*/*`")
      }
      offset += component.count + 1
    }
    if let flaw = LogPattern(FilePath(text)).flaw {
      return refuse(flaw.offset, flaw.reason, escapeHint(flaw, text))
    }
    return true
  }

  /// How to write the character at a flaw if it is not a wildcard.
  private func escapeHint(_ flaw: PatternFlaw, _ text: String) -> String? {
    let sign = String(decoding: text.utf8.dropFirst(flaw.offset).prefix(1), as: UTF8.self)
    guard sign == "[" || sign == "\\" else { return nil }
    return "for the character `\(sign)` itself write `\\\(sign)`, in single quotes"
  }
}
