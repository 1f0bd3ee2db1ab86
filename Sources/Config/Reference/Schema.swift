import Rotation

/// config/rotated.schema.json, what editors need to complete and check a config (JSON Schema, draft 7), made from the key table.
///
/// It refuses nothing that rotated takes. It knows neither the rules between keys nor the grammar of calendars; what it finds,
/// `rotatectl check` finds, too.
package enum Schema {
  /// The text of the file.
  package static var text: String {
    root.text + "\n"
  }

  /// The keys that have no shape yet: none, or the schema would refuse them.
  package static var missing: [String] {
    let tables: [([String], [String: KeyShape])] = [
      (Tables.job.keys.map(\.name), KeyShape.job), (Tables.daemon.keys.map(\.name), KeyShape.daemon),
      (Tables.metrics.keys.map(\.name), KeyShape.metrics), (Tables.logrotate.keys.map(\.name), KeyShape.logrotate),
    ]
    return tables.flatMap { names, shapes in
      names.filter { shapes[$0] == nil } + shapes.keys.filter { !names.contains($0) }
    }
  }

  private static var root: JSONText {
    .object([
      ("$schema", .string("http://json-schema.org/draft-07/schema#")),
      ("title", .string("rotated.toml")),
      ("description", .string("The config of the log rotation daemon rotated, see rotated.toml(5).")),
      ("type", .string("object")), ("additionalProperties", .boolean(false)),
      (
        "properties",
        .object([
          (ConfigReader.include, described(Reference.severalFiles, .oneOrMore(.text))),
          ("defaults", table(Tables.job, KeyShape.job, Reference.defaultsSentence) { !$0.isOwn }),
          ("daemon", table(Tables.daemon, KeyShape.daemon, "Keys of the daemon as a whole.")),
          ("metrics", table(Tables.metrics, KeyShape.metrics, "Metrics for Prometheus.")),
          ("logrotate", table(Tables.logrotate, KeyShape.logrotate, "Files in logrotate's language.")),
          (
            "job",
            .object([
              ("description", .string(oneLine(Reference.introduction[0]))), ("type", .string("object")),
              (
                "propertyNames",
                .object([("minLength", .integer(1)), ("maxLength", .integer(Limits.maxJobNameBytes))])
              ),
              ("additionalProperties", table(Tables.job, KeyShape.job, "A job.", anyOf: ["logs", "retain"])),
            ])
          ),
        ])
      ),
    ])
  }

  private static func table<Target>(
    _ table: Table<Target>, _ shapes: [String: KeyShape], _ sentence: String, anyOf choice: [String] = [],
    where isAllowed: (Key<Target>) -> Bool = { _ in true }
  ) -> JSONText {
    let keys = table.keys.filter(isAllowed)
    let properties = keys.map { key in (key.name, described(key.text, shapes[key.name] ?? .any([]))) }
    let required = keys.filter { $0.isRequired && !choice.contains($0.name) }.map { JSONText.string($0.name) }
    let choices = choice.map { JSONText.object([("required", .array([.string($0)]))]) }
    return .object(
      [
        ("description", .string(oneLine(sentence))), ("type", .string("object")),
        ("additionalProperties", .boolean(false)), ("properties", .object(properties)),
      ] + (required.isEmpty ? [] : [("required", .array(required))])
        + (choices.isEmpty ? [] : [("anyOf", .array(choices))]))
  }

  private static func described(_ key: KeyText, _ shape: KeyShape) -> JSONText {
    var sentence = key.sentence.prefix(1).uppercased() + key.sentence.dropFirst()
    if case .value(let value) = key.absence { sentence += " Default: \(value)." }
    return described(sentence, shape)
  }

  private static func described(_ sentence: String, _ shape: KeyShape) -> JSONText {
    .object([("description", .string(oneLine(sentence)))] + members(of: shape))
  }

  private static func oneLine(_ paragraph: String) -> String {
    paragraph.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func members(of shape: KeyShape) -> [(String, JSONText)] {
    switch shape {
    case .flag: [("type", .string("boolean"))]
    case .count(let bounds):
      [("type", .string("integer")), ("minimum", .integer(bounds.lowerBound))]
        + (bounds.upperBound == .max ? [] : [("maximum", .integer(bounds.upperBound))])
    case .text(let pattern): [("type", .string("string")), ("pattern", .string(pattern))]
    case .words(let words): [("type", .string("string")), ("enum", .array(words.map { .string($0) }))]
    case .list(let shape, let least):
      [("type", .string("array")), ("items", .object(members(of: shape)))]
        + (least == 0 ? [] : [("minItems", .integer(least))])
    case .any(let shapes): [("anyOf", .array(shapes.map { .object(members(of: $0)) }))]
    case .table(let keys, let required):
      [
        ("type", .string("object")), ("additionalProperties", .boolean(false)),
        ("properties", .object(keys.map { ($0.name, .object(members(of: $0.shape))) })),
      ] + (required.isEmpty ? [] : [("required", .array(required.map { .string($0) }))])
    }
  }
}

/// A value of JSON (RFC 8259) that is written as people read it.
private enum JSONText {
  case string(String), integer(Int), boolean(Bool), array([JSONText]), object([(name: String, value: JSONText)])

  var text: String { text(indent: "") }

  private func text(indent: String) -> String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .integer(let number): "\(number)"
    case .boolean(let flag): "\(flag)"
    case .array(let values): Self.block("[", values.map { $0.text(indent: indent + "  ") }, "]", indent)
    case .object(let members):
      Self.block(
        "{", members.map { "\(Self.quoted($0.name)): \($0.value.text(indent: indent + "  "))" }, "}", indent)
    }
  }

  /// On one line where it fits.
  private static func block(_ begin: String, _ parts: [String], _ end: String, _ indent: String) -> String {
    let line = begin + parts.joined(separator: ", ") + end
    if line.utf8.count + indent.utf8.count <= 110, !line.contains("\n") { return line }
    return begin + "\n" + parts.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(end)"
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
