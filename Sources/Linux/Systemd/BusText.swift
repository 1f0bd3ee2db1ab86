internal import CSystemd

/// Texts in messages of sd-bus: its own functions for them have variable arguments, which Swift does not call.
enum BusText {
  /// Reads a string (`s`) or an object path (`o`); nil when there is none.
  static func read(_ type: Unicode.Scalar, from message: OpaquePointer) -> String? {
    var text: UnsafePointer<CChar>?
    guard unsafe sd_bus_message_read_basic(message, CChar(type.value), &text) > 0, let text = unsafe text else {
      return nil
    }
    return unsafe String(cString: text)
  }

  /// Appends a string; a negative error number when that fails.
  static func append(_ text: String, to message: OpaquePointer) -> Int32 {
    unsafe text.withCString { unsafe sd_bus_message_append_basic(message, CChar(UInt8(ascii: "s")), $0) }
  }

  /// What an error message says; nil when it is none.
  static func error(of message: OpaquePointer) -> String? {
    guard let error = unsafe sd_bus_message_get_error(message) else { return nil }
    if let text = unsafe error.pointee.message { return unsafe String(cString: text) }
    return unsafe error.pointee.name.map { unsafe String(cString: $0) } ?? "an error without a name"
  }
}
