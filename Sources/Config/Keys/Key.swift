/// One key of a table. It is described only here.
///
/// Reading, `[defaults]`, the names in messages, the rules between keys and the text of config/rotated.toml come from
/// it.
struct Key<Target>: Sendable {
  /// The text about a key in config/rotated.toml.
  let text: KeyText
  /// Whether a table must have the key.
  let isRequired: Bool
  /// Whether each job has its own, so that `[defaults]` cannot have it.
  let isOwn: Bool
  /// Whether archives are removed because of it. If so, a misspelt key is not read as this one.
  let removes: Bool
  /// The former name of the key; using it is an error whose hint is the new name.
  let formerName: String?
  /// The rules about the key together with others. A default value breaks no rule.
  let rules: [Rule<Target>]
  /// Reads a value and sets it in the target; an invalid one is reported, and changes nothing.
  let read: @Sendable (SettingsReader, Field, inout Target) -> Void
  /// Whether both targets have the same value of the key.
  let isSame: @Sendable (Target, Target) -> Bool

  /// The name in the config.
  var name: String { text.name }

  /// A key that sets a field of the target. `default` and `example` are written as in a config; a key without a
  /// `default` has none. If the field is an optional, an invalid value leaves nil.
  init<Value: Equatable & SendableMetatype>(
    _ name: String, _ field: any WritableKeyPath<Target, Value> & Sendable, default value: String? = nil,
    example: String = "", isRequired: Bool = false, isOwn: Bool = false, removes: Bool = false,
    formerName: String? = nil, parts: [KeyText] = [], rules: [Rule<Target>] = [], _ sentence: String = "",
    read: @escaping @Sendable (SettingsReader, Field) -> Value?
  ) {
    self.text = KeyText(
      name: name, absence: isRequired ? .required : value.map { .value($0) } ?? .none, sentence: sentence,
      example: example, parts: parts)
    self.isRequired = isRequired
    self.isOwn = isOwn || isRequired
    self.removes = removes
    self.formerName = formerName
    self.rules = rules
    self.read = { reader, node, target in
      if let value = read(reader, node) { target[keyPath: field] = value }
    }
    self.isSame = { $0[keyPath: field] == $1[keyPath: field] }
  }
}

/// The text about a key in config/rotated.toml.
struct KeyText {
  /// What an absent key means.
  enum Absence {
    /// The key is required.
    case required
    /// The feature is off, or the value is that of the old log.
    case none
    /// The key has this value, as it would be written in a config.
    case value(String)
  }

  let name: String
  let absence: Absence
  /// One sentence or more, in one paragraph.
  let sentence: String
  /// Lines of a config that show the key.
  let example: String
  /// The keys of the table that the key may have as its value.
  let parts: [KeyText]
}

/// A rule about what a key cannot be used with.
struct Rule<Target>: Sendable {
  /// Follows "job `x` has `key`" in the message.
  let message: String
  /// What to add so that the key has an effect, other than removing it.
  private let adding: String?
  private let hint: String?
  let isBroken: @Sendable (Target) -> Bool

  private init(
    message: String, adding: String?, hint: String?, isBroken: @escaping @Sendable (Target) -> Bool
  ) {
    self.message = message
    self.adding = adding
    self.hint = hint
    self.isBroken = isBroken
  }

  /// A key that contradicts others; without a hint, the message suggests to remove it.
  init(_ message: String, hint: String? = nil, _ isBroken: @escaping @Sendable (Target) -> Bool) {
    self.init(message: message, adding: nil, hint: hint, isBroken: isBroken)
  }

  /// A key that has no effect without another; `adding` is what to add.
  static func needs(
    _ other: String, _ reason: String? = nil, adding: String, _ isMet: @escaping @Sendable (Target) -> Bool
  ) -> Rule {
    Rule(message: "without \(other)\(reason.map { ": \($0)" } ?? "")", adding: adding, hint: nil) { !isMet($0) }
  }

  /// How to correct a config that breaks the rule.
  func hint(for key: String) -> String { hint ?? "\(adding.map { "add \($0), or " } ?? "")remove `\(key)`" }
}
