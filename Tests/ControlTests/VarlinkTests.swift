import Control
import Rotation
import Testing
import Timekeeping

@Suite("Varlink's wire")
struct VarlinkTests {
  private func call(_ text: String) throws(VarlinkFault) -> VarlinkCall { try VarlinkCall(Array(text.utf8)) }

  /// The replies of a session to these bytes, with each of its own calls answered by an empty reply.
  private func answers(_ text: String) throws -> [String] {
    var session = VarlinkSession()
    session.receive(Array(text.utf8))
    while try session.nextCall() != nil { session.reply(Wire.Reply()) }
    return session.takeOutput().split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("a stream is split at its NULs, wherever the reads end")
  func framing() throws {
    let stream = Array("{}\0\0[1,2]\0{\"a\":1}\0".utf8)
    for size in 1...stream.count {
      var framer = VarlinkFramer(limit: 9)
      var messages: [String] = []
      var rest = stream[...]
      while !rest.isEmpty {
        let piece = rest.prefix(min(size, framer.room))
        rest = rest.dropFirst(piece.count)
        framer.append(piece)
        while let message = try framer.next() { messages.append(String(decoding: message, as: UTF8.self)) }
      }
      #expect(messages == ["{}", "", "[1,2]", "{\"a\":1}"])
      #expect(framer.room == 10)
    }
  }

  @Test("a message may have this many bytes and not one more")
  func longMessages() throws {
    var framer = VarlinkFramer(limit: 4)
    framer.append([1, 2, 3, 4])
    #expect(try framer.next() == nil)
    #expect(framer.room == 1)
    framer.append([0])
    #expect(try framer.next() == [1, 2, 3, 4])
    framer.append([1, 2, 3, 4, 5])
    #expect(framer.room == 0)
    #expect(throws: VarlinkFault.self) { try framer.next() }
  }

  @Test("a call has a method of an interface; missing, null and empty parameters are equal")
  func calls() throws {
    let plain = try call(#"{"method":"org.rotated.Manager.Describe"}"#)
    #expect(plain.interface == "org.rotated.Manager" && plain.method == "Describe")
    #expect(try call(#"{"method":"org.rotated.Manager.Describe","parameters":null}"#) == plain)
    #expect(try call(#"{"parameters":{},"method":"org.rotated.Manager.Describe","more":false}"#) == plain)
    let written = VarlinkCall.message("org.rotated.Manager.Describe", Wire.Parameters())
    #expect(try VarlinkCall(Array(written.dropLast())) == plain)
    let more = VarlinkCall.message("a.B", Wire.Parameters(), wantsMore: true)
    #expect(String(decoding: more, as: UTF8.self) == "{\"method\":\"a.B\",\"parameters\":{},\"more\":true}\0")
  }

  @Test(
    "a message that is no call ends the connection",
    arguments: [
      "", "x", "[]", "{}", #"{"method":1}"#, #"{"method":"Describe"}"#, #"{"method":".D"}"#, #"{"method":"a."}"#,
      #"{"method":"a.B","parameters":[]}"#, #"{"method":"a.B","more":1}"#,
      #"{"method":"a.B","more":true,"oneway":true}"#,
      #"{"method":"a.B"}{}"#, #"{"method":"a.B","method":"a.C"}"#, "\"\u{FF}",
    ])
  func noCalls(_ text: String) { #expect(throws: VarlinkFault.self) { try call(text) } }

  @Test("calls are answered in order, one at a time, and a oneway call never")
  func order() throws {
    var session = VarlinkSession()
    session.receive(
      Array(
        "{\"method\":\"a.One\",\"more\":true}\0{\"method\":\"a.Two\",\"oneway\":true}\0{\"method\":\"a.Three\"}\0".utf8)
    )
    #expect(try session.nextCall()?.method == "One")
    #expect(try session.nextCall() == nil)
    #expect(session.room == 0)
    var reply = Wire.Reply()
    reply.hooks = 1
    session.reply(reply, continues: true)
    #expect(try session.nextCall() == nil)
    session.reply(Wire.Reply())
    #expect(try session.nextCall()?.isOneway == true)
    session.reply(reply)
    #expect(try session.nextCall()?.method == "Three")
    session.fail(OperatorError.noTrial.with())
    #expect(try session.nextCall() == nil)
    let replies = try session.takeOutput().split(separator: 0).map { try VarlinkReply(Array($0)) }
    #expect(replies.map(\.continues) == [true, false, false])
    #expect(replies.map(\.error?.name) == [nil, nil, "org.rotated.Manager.NoTrial"])
    #expect(try Wire.Reply.read(replies[0].parameters) == reply)
    #expect(!session.hasOutput && session.room == Limits.maxCallBytes + 1)
  }

  @Test("an unknown flag is refused, upgrade among them, and the connection continues")
  func flags() throws {
    let refusal = #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"upgrade"}}"#
    #expect(
      try answers(
        "{\"method\":\"a.B\",\"upgrade\":true}\0{\"method\":\"a.B\",\"upgrade\":false}\0{\"method\":\"a.B\",\"oneway\":true,\"fly\":1}\0"
      ) == [refusal, #"{"parameters":{}}"#])
    #expect(
      try answers("{\"method\":\"a.B\",\"fly\":1}\0") == [refusal.replacingUpgrade(with: "fly")])
  }

  @Test("nothing is read from a client that does not read")
  func slowReader() throws {
    var session = VarlinkSession()
    let one = Array("{\"method\":\"a.B\"}\0".utf8)
    var reply = Wire.Reply()
    reply.added = Array(repeating: String(repeating: "x", count: 100), count: 100)
    var answered = 0
    while !session.isBehind {
      session.receive(one)
      guard try session.nextCall() != nil else { break }
      session.reply(reply)
      answered += 1
    }
    #expect(session.room == 0 && answered > 20)
    #expect(session.takeOutput().count < Limits.maxUnreadBytes + 12_000)
    #expect(session.room > 0)
  }

  @Test("the service describes itself, and returns the text of its interfaces")
  func service() throws {
    let service = VarlinkService(
      vendor: "rotated", product: "rotated", version: "1", url: "u",
      interfaces: [(OperatorInterface.name, OperatorInterface.text)])
    let info = try service.answer(call(#"{"method":"org.varlink.service.GetInfo"}"#))
    let names = #"["org.varlink.service","org.rotated.Manager"]"#
    #expect(
      try info
        == JSONReader.read(
          Array(#"{"vendor":"rotated","product":"rotated","version":"1","url":"u","interfaces":\#(names)}"#.utf8)))
    let ask = #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"NAME"}}"#
    for (name, text) in [(OperatorInterface.name, OperatorInterface.text), (VarlinkService.name, VarlinkService.text)] {
      let answer = try service.answer(call(ask.split(separator: "NAME").joined(separator: name)))
      #expect(answer == .object([.init("description", .string(ExactText(text)))]))
    }
    #expect(throws: VarlinkError.interfaceNotFound("NAME")) { try service.answer(call(ask)) }
    #expect(throws: VarlinkError.methodNotFound("Fly")) {
      try service.answer(call(#"{"method":"org.varlink.service.Fly"}"#))
    }
    #expect(throws: VarlinkError.invalidParameter("interface")) {
      try service.answer(call(#"{"method":"org.varlink.service.GetInterfaceDescription"}"#))
    }
    #expect(throws: VarlinkError.invalidParameter("a")) {
      try service.answer(call(#"{"method":"org.varlink.service.GetInfo","parameters":{"a":1}}"#))
    }
  }

  @Test("a call of the manager is read with its parameters, or refused with the standard's errors")
  func manager() throws {
    func read(_ method: String, _ parameters: String = "{}", more: Bool = true, mayAct: Bool = true) throws
      -> OperatorCall
    {
      try OperatorCall(
        call(#"{"method":"\#(method)","parameters":\#(parameters),"more":\#(more)}"#), mayAct: mayAct)
    }
    for method in OperatorMethod.allCases {
      let name = "org.rotated.Manager.\(method.rawValue)"
      #expect(try read(name).method == method)
      if method.needsMore { #expect(throws: VarlinkError.expectedMore) { try read(name, more: false) } }
      if method.acts { #expect(throws: VarlinkError.permissionDenied) { try read(name, mayAct: false) } }
      if !method.acts { #expect(try read(name, mayAct: false).method == method) }
    }
    let pause = try read("org.rotated.Manager.Pause", #"{"jobs":["a"],"forUSec":60000000}"#).parameters
    #expect(pause.jobs == ["a"] && pause.forUSec == .seconds(60))
    #expect(throws: VarlinkError.invalidParameter("job")) { try read("org.rotated.Manager.Rotate", #"{"job":"a"}"#) }
    #expect(throws: VarlinkError.invalidParameter("force")) { try read("org.rotated.Manager.List", #"{"force":true}"#) }
    #expect(throws: VarlinkError.invalidParameter("jobs[0]")) { try read("org.rotated.Manager.List", #"{"jobs":[1]}"#) }
    #expect(throws: VarlinkError.methodNotFound("Fly")) { try read("org.rotated.Manager.Fly") }
    #expect(throws: VarlinkError.interfaceNotFound("org.other")) { try read("org.other.List") }
  }

  @Test("an error of the manager names its subject, and no more")
  func managerErrors() {
    var detail = Wire.ErrorDetail()
    detail.path = FilePath(bytes: [0x2F, 0xFF])
    let error = OperatorError.noSuchLog.with(detail)
    #expect(error.name == "org.rotated.Manager.NoSuchLog")
    #expect(error.parameters == .object([.init("path", .string("/\\xff"))]))
  }
}

extension String {
  fileprivate func replacingUpgrade(with other: String) -> String {
    split(separator: "upgrade").joined(separator: other)
  }
}
