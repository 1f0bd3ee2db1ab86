package import EventLoop

/// The outside world of a daemon: its ports, in one place.
package struct Platform {
  package var loop: LoopExecutor
  package var fileSystem: any FileSystem
  package var serviceManager: any ServiceManager
  /// Where reports go; never blocks for long, never fails.
  package var report: (Report) -> Void

  package init(
    loop: LoopExecutor, fileSystem: any FileSystem, serviceManager: any ServiceManager,
    report: @escaping (Report) -> Void
  ) {
    self.loop = loop
    self.fileSystem = fileSystem
    self.serviceManager = serviceManager
    self.report = report
  }
}
