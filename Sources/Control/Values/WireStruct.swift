internal import Rotation

/// A value with fields. Each field is named once, in `fields`: what writes it, what reads it and the text of the interface all go
/// by that.
package protocol WireStruct: WireValue {
  /// Nothing yet in any field.
  init()
  /// What the value is, for the text of the interface.
  static var about: String { get }
  /// Visits each field, with its name on the wire and a sentence about it.
  mutating func fields(_ each: inout some FieldVisitor)
}

/// Something that is done to each field of a value.
package protocol FieldVisitor {
  /// Visits one field.
  mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String)
}

extension WireStruct {
  package static var about: String { "" }
  package static var wireType: String { "\(Self.self)" }
  package static func define(in text: inout InterfaceText) { text.define(Self.self) }

  package func write(to writer: inout JSONWriter) {
    writer.beginObject()
    var copy = self
    copy.fields(&writer)
    writer.endObject()
  }

  /// Names that are not known are passed over: a newer daemon may say more.
  package static func read(_ json: JSON) throws(WireError) -> Self {
    guard case .object(let members) = json else { throw WireError("an object belongs here") }
    var reader = FieldReader(members)
    var value = Self()
    value.fields(&reader)
    if let error = reader.error { throw error }
    return value
  }
}

extension JSONWriter: FieldVisitor {
  package mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
    guard !value.isMissing else { return }
    self.name(name)
    value.write(to: &self)
  }
}

/// Fills the fields of a value from an object; the first error stands for all.
private struct FieldReader: FieldVisitor {
  private let members: [JSON.Member]
  /// Where the next field most likely is: writers keep the order.
  private var position = 0
  private(set) var error: WireError?

  init(_ members: [JSON.Member]) {
    self.members = members
  }

  mutating func callAsFunction<Value: WireValue>(_ name: String, _ value: inout Value, _ about: String) {
    guard error == nil else { return }
    do throws(WireError) {
      let json = find(ExactText(name))
      if json == nil || json == .null, let missing = Value.whenMissing {
        value = missing
      } else if let json {
        value = try Value.read(json)
      } else {
        throw WireError("it is missing")
      }
    } catch {
      self.error = error.within(name)
    }
  }

  private mutating func find(_ name: ExactText) -> JSON? {
    for offset in 0..<members.count {
      let index = (position + offset) % members.count
      guard members[index].name == name else { continue }
      position = index + 1
      return members[index].value
    }
    return nil
  }
}
