internal import Daemon
internal import EventLoop
package import Rotation

extension LinuxFileSystem {
  package func watchLog(_ path: FilePath) throws(Errno) -> Int32 { try logWatch().watchLog(path) }

  package func watchDirectory(_ path: FilePath, names: Bool) throws(Errno) -> Int32 {
    let watch = try logWatch().watchDirectory(path, names: names)
    guard LocalChanges.areSeen(at: path) else {
      unwatch(watch)
      throw .notSupported
    }
    return watch
  }

  package func unwatch(_ watch: Int32) { sizeEvents?.unwatch(watch) }

  /// Opened on first use: a config without sizes needs none.
  private func logWatch() throws(Errno) -> LogWatch {
    if let sizeEvents { return sizeEvents }
    guard let driver else { throw .notSupported }
    let watch = try LogWatch(on: driver) { [weak self] in self?.onWatchEvents?($0) }
    sizeEvents = watch
    return watch
  }
}
