internal import Rotation

/// The interface that every service has, and what this one answers to it.
package struct VarlinkService: Sendable {
  /// Its name.
  package static let name = "org.varlink.service"

  private let about: [(name: String, value: String)]
  private let interfaces: [(name: String, text: String)]

  /// A service that says so much about itself, with its interfaces and their texts.
  package init(
    vendor: String, product: String, version: String, url: String, interfaces: [(name: String, text: String)]
  ) {
    about = [("vendor", vendor), ("product", product), ("version", version), ("url", url)]
    self.interfaces = [(Self.name, Self.text)] + interfaces
  }

  /// The parameters of the answer to a call of this interface.
  package func answer(_ call: VarlinkCall) throws(VarlinkError) -> JSON {
    guard case .object(let parameters) = call.parameters else { throw .invalidParameter("") }
    let isDescription = call.method == "GetInterfaceDescription"
    guard isDescription || call.method == "GetInfo" else { throw .methodNotFound(call.method) }
    if let unknown = parameters.first(where: { !isDescription || $0.name != "interface" }) {
      throw .invalidParameter(unknown.name.printable)
    }
    guard isDescription else {
      return .object(
        about.map { JSON.Member(ExactText($0.name), .string(ExactText($0.value))) }
          + [JSON.Member("interfaces", .array(interfaces.map { .string(ExactText($0.name)) }))])
    }
    guard case .string(let wanted)? = parameters.first?.value else { throw .invalidParameter("interface") }
    guard let found = interfaces.first(where: { ExactText($0.name) == wanted }) else {
      throw .interfaceNotFound(String(decoding: wanted.bytes, as: UTF8.self))
    }
    return .object(["description": found.text])
  }

  /// The text of the interface, as the standard has it.
  package static let text = """
    # What every service answers.
    interface org.varlink.service

    # Who answers here, and by which interfaces.
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # The text of an interface.
    method GetInterfaceDescription(interface: string) -> (description: string)

    # There is no such interface here.
    error InterfaceNotFound (interface: string)

    # The interface has no such method.
    error MethodNotFound (method: string)

    # The method is described, and this service does not have it.
    error MethodNotImplemented (method: string)

    # A parameter is missing, unknown or of another type.
    error InvalidParameter (parameter: string)

    # The client may not call the method.
    error PermissionDenied ()

    # The method is to be called with `more`.
    error ExpectedMore ()

    """
}
