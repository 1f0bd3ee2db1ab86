internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// The control server: lets clients in, as many as `Limits.maxClients`; further ones wait in the kernel's queue until one leaves.
///
/// A client that says nothing has no task and no buffer. Nothing is awaited for one client that another could notice.
final class ControlServer {
  private let socket: any ControlSocket
  private let loop: LoopExecutor
  private let report: (Report) -> Void
  private let worker: Worker
  private var clients: [ObjectIdentifier: ControlClient] = [:]
  private var hasFailed = false
  /// Called when the last client has gone after `stop`.
  private let onIdle: () -> Void
  let operators: Operators
  let service = VarlinkService(
    vendor: "rotated", product: "rotated", version: ProgramVersion.number, url: ProgramVersion.url,
    interfaces: [(OperatorInterface.name, OperatorInterface.text)])
  private(set) var isStopping = false

  init(
    _ socket: any ControlSocket, _ operators: Operators, on loop: LoopExecutor, report: @escaping (Report) -> Void,
    onIdle: @escaping () -> Void
  ) {
    self.socket = socket
    self.operators = operators
    self.loop = loop
    self.report = report
    self.onIdle = onIdle
    worker = Worker(on: loop)
  }

  /// Whether no client is connected.
  var isIdle: Bool { clients.isEmpty }

  /// Lets clients in from now on.
  func start() {
    socket.onClient = { [weak self] in self?.letIn() }
    letIn()
  }

  /// Lets nobody in any more, and ends the connections: a call that is under way is answered with `Stopping`.
  func stop() {
    isStopping = true
    socket.onClient = nil
    socket.close()
    worker.stop()
    for client in Array(clients.values) { client.stop() }
  }

  private func letIn() {
    worker.start(self) { $0.accept() }
  }

  private func accept() -> Worker.Next {
    for _ in 0..<Limits.clientSlice {
      guard !isStopping, clients.count < Limits.maxClients else { return .end }
      switch socket.accept() {
      case .nobody:
        hasFailed = false
        return .end
      case .client(let connection):
        let client = ControlClient(connection, of: self, on: loop)
        clients[ObjectIdentifier(client)] = client
        client.start()
      case .failed(let errno):
        if !hasFailed {
          let what = "cannot let in a client of the control socket: \(errno); trying again"
          report(Report(.note, .warning, what, errno: errno))
        }
        hasFailed = true
        return .sleep(until: .monotonic(loop.now().advanced(by: Limits.clientRetry)))
      }
    }
    return .again
  }

  /// A client has gone: another one may come in its place.
  func forget(_ client: ControlClient) {
    let wasFull = clients.count >= Limits.maxClients
    guard clients.removeValue(forKey: ObjectIdentifier(client)) != nil else { return }
    if isStopping, isIdle { onIdle() }
    if wasFull, !isStopping { letIn() }
  }
}
