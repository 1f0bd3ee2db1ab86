internal import Control
internal import Daemon
internal import Glibc
internal import Rotation

/// Finds the other processes that have some files open, in /proc (proc(5)). Of a file that nobody asked for, nothing is read but
/// its status.
final class LinuxHolderSearch: HolderSearch {
  private let inodes: Set<UInt64>
  private let walk = DescriptorWalk()
  private var left = Limits.mostDescriptors
  private(set) var found: [UInt64: [FileHolder]] = [:]

  init(_ inodes: Set<UInt64>) {
    self.inodes = inodes
  }

  var isWhole: Bool { walk.isWhole && left > 0 }

  func step() -> Bool {
    guard left > 0, let seen = walk.next() else { return false }
    left -= seen.count
    for (process, descriptor, status) in seen
    where status.st_mode & S_IFMT == S_IFREG && inodes.contains(UInt64(status.st_ino)) {
      add(process, descriptor, status)
    }
    return true
  }

  private func add(_ process: String, _ descriptor: String, _ status: stat) {
    let inode = UInt64(status.st_ino)
    // A process without a name has ended, and so has nothing open.
    guard let number = Int64(process), let name = OpenFiles.name(of: process) else { return }
    let (flags, position) = OpenFiles.state(process, descriptor)
    let holder = FileHolder(
      process: number, user: OpenFiles.user(of: process), name: name,
      // If the flags are unknown, it counts as a writer.
      isWriter: flags.map { $0 & O_ACCMODE != O_RDONLY } ?? true, position: position, volume: UInt64(status.st_dev))
    var holders = found[inode] ?? []
    // Of several descriptors of a process, the one that has come furthest counts.
    if let same = holders.firstIndex(where: {
      $0.process == number && $0.isWriter == holder.isWriter && $0.volume == holder.volume
    }) {
      holders[same].position = [holders[same].position, position].compactMap(\.self).max()
    } else if holders.count < Limits.maxShown {
      holders.append(holder)
    }
    found[inode] = holders
  }
}
