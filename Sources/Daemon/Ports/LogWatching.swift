package import Rotation

/// A change of something that is watched.
package enum WatchEvent: Hashable, Sendable {
  /// The log of this watch was written to; the watch has ended.
  case written(watch: Int32)
  /// The watched log or directory was moved or removed, or has got or lost a name. The watch of a log has ended.
  case moved(watch: Int32)
  /// A name has appeared in the directory of this watch.
  case named(watch: Int32, name: FileName, isDirectory: Bool)
  /// Events were lost: anything may have changed.
  case lost
}

/// The part of the file system port that reports changes (inotify(7)): one queue for all watches, and no cost for a
/// watch without events.
///
/// The watch of a log reports one event and ends: watching each write would cost the writer a third of its speed or
/// more. Where several paths lead to one file, they share one watch with one number.
package protocol LogWatching: AnyObject {
  /// Called on the loop's thread with the events, in their order.
  var onWatchEvents: (([WatchEvent]) -> Void)? { get set }

  /// Watches the file at this path, of any kind and not through a link, until its next event.
  ///
  /// `Errno.noEntry` if there is none, `Errno.noSpace` and `Errno.tooManyFiles` at the limits of the user.
  func watchLog(_ path: FilePath) throws(Errno) -> Int32

  /// Watches a directory until it is gone; with `names`, also reports names that appear in it. A second call for the
  /// same directory changes what is reported and returns the same number. `Errno.notSupported` if the file system does
  /// not see every change, because other machines make some (NFS, FUSE and the like).
  func watchDirectory(_ path: FilePath, names: Bool) throws(Errno) -> Int32

  /// Ends a watch; no effect on one that has ended.
  func unwatch(_ watch: Int32)
}
