package import Rotation
package import Timekeeping

/// A value that goes over the control socket, and what its type is called there.
package protocol WireValue: Hashable, Sendable {
  /// The type in Varlink's interface language: `int`, `?[]string`, `Job`.
  static var wireType: String { get }
  /// What a missing or null value stands for; nil where one is required.
  static var whenMissing: Self? { get }
  /// Whether the value is left out of its object.
  var isMissing: Bool { get }
  /// Describes the types with names that it is made of.
  static func define(in text: inout InterfaceText)
  /// Writes the value at the end of a text.
  func write(to writer: inout JSONWriter)
  /// The value that a JSON value stands for.
  static func read(_ json: JSON) throws(WireError) -> Self
}

extension WireValue {
  package static var whenMissing: Self? { nil }
  package var isMissing: Bool { false }
  package static func define(in text: inout InterfaceText) {}
}

/// Why JSON is no value of a type.
package struct WireError: Error, Hashable, Sendable {
  /// Where: `jobs[2].name`; empty for the value itself.
  package var place: String
  /// What is wrong, as the end of a sentence.
  package var reason: String

  init(_ reason: String, at place: String = "") {
    self.place = place
    self.reason = reason
  }

  /// The same error as seen from the value around it.
  func within(_ name: String) -> WireError {
    WireError(reason, at: place.isEmpty || place.hasPrefix("[") ? name + place : "\(name).\(place)")
  }
}

extension String: WireValue {
  package static var wireType: String { "string" }
  package func write(to writer: inout JSONWriter) { writer.string(self) }
  package static func read(_ json: JSON) throws(WireError) -> String {
    guard case .string(let text) = json else { throw WireError("a string belongs here") }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}

extension Bool: WireValue {
  package static var wireType: String { "bool" }
  package func write(to writer: inout JSONWriter) { writer.bool(self) }
  package static func read(_ json: JSON) throws(WireError) -> Bool {
    guard case .bool(let value) = json else { throw WireError("true or false belongs here") }
    return value
  }
}

extension Int64: WireValue {
  package static var wireType: String { "int" }
  package func write(to writer: inout JSONWriter) { writer.integer(self) }
  package static func read(_ json: JSON) throws(WireError) -> Int64 {
    guard case .integer(let value) = json else { throw WireError("a whole number belongs here") }
    return value
  }
}

/// In whole microseconds; the name of such a field ends in `USec`.
extension Timekeeping.Span: WireValue {
  package static var wireType: String { "int" }
  package func write(to writer: inout JSONWriter) { writer.integer(nanoseconds / 1000) }
  package static func read(_ json: JSON) throws(WireError) -> Timekeeping.Span {
    Timekeeping.Span(nanoseconds: try Int64.read(json).saturatingMultiply(1000))
  }
}

/// In the form of RFC 3339, in UTC.
extension WallTime: WireValue {
  package static var wireType: String { "string" }
  package func write(to writer: inout JSONWriter) { writer.string(InternetTime.text(self)) }
  package static func read(_ json: JSON) throws(WireError) -> WallTime {
    guard case .string(let text) = json, let time = InternetTime.read(text.bytes) else {
      throw WireError("a time belongs here, such as 2026-11-23T22:30:00Z")
    }
    return time
  }
}

/// In the form of `ExactBytes.escaped`.
extension FilePath: WireValue {
  package static var wireType: String { "string" }
  package func write(to writer: inout JSONWriter) { writer.path(self) }
  package static func read(_ json: JSON) throws(WireError) -> FilePath {
    guard case .string(let text) = json, let path = FilePath(escaped: text.bytes) else {
      throw WireError("a path belongs here")
    }
    return path
  }
}

extension Optional: WireValue where Wrapped: WireValue {
  package static var wireType: String { "?" + Wrapped.wireType }
  package static var whenMissing: Wrapped?? { .some(nil) }
  package var isMissing: Bool { self == nil }
  package static func define(in text: inout InterfaceText) { Wrapped.define(in: &text) }
  package func write(to writer: inout JSONWriter) {
    if let self { self.write(to: &writer) } else { writer.null() }
  }
  package static func read(_ json: JSON) throws(WireError) -> Wrapped? { json == .null ? nil : try Wrapped.read(json) }
}

/// A missing list is an empty one.
extension Array: WireValue where Element: WireValue {
  package static var wireType: String { "[]" + Element.wireType }
  package static var whenMissing: [Element]? { [] }
  package static func define(in text: inout InterfaceText) { Element.define(in: &text) }
  package func write(to writer: inout JSONWriter) {
    writer.beginArray()
    for element in self { element.write(to: &writer) }
    writer.endArray()
  }
  package static func read(_ json: JSON) throws(WireError) -> [Element] {
    guard case .array(let elements) = json else { throw WireError("a list belongs here") }
    var values: [Element] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(WireError) { values.append(try Element.read(element)) } catch { throw error.within("[\(index)]") }
    }
    return values
  }
}

/// Any object.
extension JSON: WireValue {
  package static var wireType: String { "object" }
  package func write(to writer: inout JSONWriter) { writer.value(self) }
  package static func read(_ json: JSON) throws(WireError) -> JSON { json }
}

/// One of a few words.
package protocol WireWord: WireValue, RawRepresentable<String>, CaseIterable {
  /// What the words are about, for the text of the interface.
  static var about: String { get }
}

extension WireWord {
  package static var wireType: String { "\(Self.self)" }
  package static func define(in text: inout InterfaceText) {
    text.define(wireType, about: about, words: allCases.map(\.rawValue))
  }
  package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
  package static func read(_ json: JSON) throws(WireError) -> Self {
    guard let value = Self(rawValue: try String.read(json)) else {
      throw WireError("one of \(allCases.map(\.rawValue).joined(separator: ", ")) belongs here")
    }
    return value
  }
}
