internal import Rotation

/// What calls, replies and errors are made of. All four of its flags are false when they are missing.
struct VarlinkEnvelope<Parameters: WireValue>: WireStruct {
  var method: String?
  var error: String?
  var parameters: Parameters?
  var oneway: Bool?
  var more: Bool?
  var upgrade: Bool?
  var continues: Bool?

  mutating func fields(_ each: inout some FieldVisitor) {
    each("method", &method, "")
    each("error", &error, "")
    each("parameters", &parameters, "")
    each("oneway", &oneway, "")
    each("more", &more, "")
    each("upgrade", &upgrade, "")
    each("continues", &continues, "")
  }

  func append(to writer: inout JSONWriter) {
    write(to: &writer)
    writer.endText(with: 0)
  }
}

extension VarlinkEnvelope<JSON> {
  /// What a message holds, and the names in it.
  static func open(_ message: [UInt8]) throws(VarlinkFault) -> (content: Self, names: [ExactText]) {
    let json: JSON
    do throws(JSONError) { json = try JSONReader.read(message) } catch {
      throw VarlinkFault(reason: "at byte \(error.offset) of a message: \(error.reason)")
    }
    guard case .object(let members) = json else { throw VarlinkFault(reason: "a message is an object") }
    do throws(WireError) {
      let content = try read(json)
      switch content.parameters {
      case nil, .object: return (content, members.map(\.name))
      default: throw WireError("an object belongs here", at: "parameters")
      }
    } catch {
      throw VarlinkFault(reason: "\(error.place) of a message: \(error.reason)")
    }
  }
}

/// A call of a method.
package struct VarlinkCall: Hashable, Sendable {
  /// `org.rotated.Manager`, and `List`.
  package var interface: String
  package var method: String
  /// An object; missing parameters and `null` are an empty one.
  package var parameters: JSON
  /// The call is not answered, whatever comes of it.
  package var isOneway: Bool
  /// The client takes several replies.
  package var wantsMore: Bool
  /// A flag that is not known here, `upgrade` among them: the call is refused, since it would not get what it asks for.
  package var unknownFlag: String?

  /// Reads a message of a client.
  package init(_ message: [UInt8]) throws(VarlinkFault) {
    let (content, names) = try VarlinkEnvelope.open(message)
    parameters = content.parameters ?? .object([])
    isOneway = content.oneway ?? false
    wantsMore = content.more ?? false
    let known: [ExactText] = ["method", "parameters", "oneway", "more", "upgrade"]
    unknownFlag = names.first { !known.contains($0) }?.printable ?? (content.upgrade == true ? "upgrade" : nil)
    guard let name = content.method, let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex,
      name.utf8.index(after: dot) < name.endIndex, !(isOneway && wantsMore)
    else { throw VarlinkFault(reason: "a call has a method with its interface, and is not both oneway and more") }
    interface = String(name[..<dot])
    method = String(name[name.utf8.index(after: dot)...])
  }

  /// The message of a call.
  package static func message(
    _ method: String, _ parameters: some WireStruct, wantsMore: Bool = false, isOneway: Bool = false
  ) -> [UInt8] {
    var writer = JSONWriter()
    VarlinkEnvelope(
      method: method, parameters: parameters, oneway: isOneway ? true : nil, more: wantsMore ? true : nil
    ).append(to: &writer)
    return writer.take()
  }
}

/// A reply, as a client reads it.
package struct VarlinkReply: Hashable, Sendable {
  package var parameters: JSON
  /// Whether another one follows.
  package var continues: Bool
  package var error: VarlinkError?

  /// Reads a message of a daemon.
  package init(_ message: [UInt8]) throws(VarlinkFault) {
    let (content, _) = try VarlinkEnvelope.open(message)
    let parameters = content.parameters ?? .object([])
    self.parameters = parameters
    continues = content.continues ?? false
    error = content.error.map { VarlinkError(name: $0, parameters: parameters) }
  }
}

/// What a method answers instead of its reply.
package struct VarlinkError: Error, Hashable, Sendable {
  /// `org.varlink.service.MethodNotFound`.
  package var name: String
  /// What it says beside its name: an object.
  package var parameters = JSON.object([])
}

extension VarlinkError {
  /// The client may not call the method.
  package static let permissionDenied = VarlinkError(name: "org.varlink.service.PermissionDenied")
  /// The method is to be called with `more`.
  package static let expectedMore = VarlinkError(name: "org.varlink.service.ExpectedMore")

  /// There is no such interface here.
  package static func interfaceNotFound(_ name: String) -> VarlinkError {
    VarlinkError(name: "org.varlink.service.InterfaceNotFound", parameters: .object(["interface": name]))
  }

  /// The interface has no such method.
  package static func methodNotFound(_ name: String) -> VarlinkError {
    VarlinkError(name: "org.varlink.service.MethodNotFound", parameters: .object(["method": name]))
  }

  /// The method is described, and this daemon does not have it.
  package static func methodNotImplemented(_ name: String) -> VarlinkError {
    VarlinkError(name: "org.varlink.service.MethodNotImplemented", parameters: .object(["method": name]))
  }

  /// A parameter, by its name, is missing, unknown or of another type.
  package static func invalidParameter(_ name: String) -> VarlinkError {
    VarlinkError(name: "org.varlink.service.InvalidParameter", parameters: .object(["parameter": name]))
  }
}

extension JSON {
  /// An object whose values are texts.
  static func object(_ members: KeyValuePairs<String, String>) -> JSON {
    .object(members.map { Member(ExactText($0.key), .string(ExactText($0.value))) })
  }
}
