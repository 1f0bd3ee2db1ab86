package import Rotation

/// Something that was watched has changed.
package enum WatchEvent: Hashable, Sendable {
  /// The log of this watch was written to; the watch is gone.
  case written(watch: Int32)
  /// What is watched, a log or a directory, was moved, removed, or has got or lost a name. The watch of a log is gone.
  case moved(watch: Int32)
  /// A name has come into the directory of this watch.
  case named(watch: Int32, name: FileName, isDirectory: Bool)
  /// Events were lost: anything may have happened.
  case lost
}

/// The part of the disk's port that tells of changes (inotify(7)): one queue for all watches, and nothing to pay for one
/// of which nothing is to be told.
///
/// A log's watch tells one event and is gone: watching each write would cost the writer a third of its speed and more.
/// A watch may stand for several paths, where they lead to one file; it has one number then.
package protocol LogWatching: AnyObject {
  /// Called on the loop's thread with what has happened, in its order.
  var onWatchEvents: (([WatchEvent]) -> Void)? { get set }

  /// Watches the file of this path, of whatever kind and not through a link, until its next event.
  ///
  /// `Errno.noEntry` when there is none, `Errno.noSpace` and `Errno.tooManyFiles` at the limits of the user.
  func watchLog(_ path: FilePath) throws(Errno) -> Int32

  /// Watches a directory until it goes; `names`: tells of names that come into it, too. A second call for the same
  /// directory changes what is told and gives the same number. `Errno.notSupported` where the file system does not see
  /// every change, since other machines make some (NFS, FUSE and their like).
  func watchDirectory(_ path: FilePath, names: Bool) throws(Errno) -> Int32

  /// Ends a watch; one that has ended is left alone.
  func unwatch(_ watch: Int32)
}
