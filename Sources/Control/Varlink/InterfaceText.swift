/// The text of an interface in Varlink's language, made from the very values that are written and read: text and program cannot
/// differ.
package struct InterfaceText: FieldVisitor {
  /// The types that the fields described so far are made of, those that others need first.
  private(set) var types: [String] = []
  private var known: Set<String> = []
  /// The fields of the structure that is being described, and which of them it has; nil for all.
  private var fields: [String] = []
  private var chosen: [String]?

  init() {}

  /// The fields of a value, or some of them, in parentheses.
  mutating func structure<Value: WireStruct>(_ type: Value.Type, only chosen: [String]? = nil) -> String {
    let outer = (fields, self.chosen)
    (fields, self.chosen) = ([], chosen)
    defer { (fields, self.chosen) = outer }
    var value = Value()
    value.fields(&self)
    return fields.isEmpty ? "()" : "(\n" + fields.joined(separator: ",\n") + "\n)"
  }

  mutating func define(_ type: (some WireStruct).Type) {
    guard known.insert(type.wireType).inserted else { return }
    let structure = structure(type)
    types.append("\(Self.comment(type.about))type \(type.wireType) \(structure)")
  }

  mutating func define(_ name: String, about: String, words: [String]) {
    guard known.insert(name).inserted else { return }
    types.append("\(Self.comment(about))type \(name) (\(words.joined(separator: ", ")))")
  }

  package mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
    guard chosen?.contains(name) ?? true else { return }
    Value.define(in: &self)
    fields.append("\(Self.comment(about, indent: "  "))  \(name): \(Value.wireType)")
  }

  static func comment(_ text: String, indent: String = "") -> String {
    text.split(separator: "\n").map { "\(indent)# \($0)\n" }.joined()
  }
}
