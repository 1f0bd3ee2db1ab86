/// What rotations can expect of a file system: what was tried there, else what its kind can do. What is nil depends on its version or
/// server.
struct FileSystemKind: Hashable, Sendable {
  var name: String
  /// RENAME_EXCHANGE and RENAME_NOREPLACE (renameat2(2)).
  var exchanges: Bool? = true
  /// F_SETLEASE (fcntl(2)).
  var leases: Bool? = true
  /// FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_PUNCH_HOLE (fallocate(2)).
  var collapses: Bool? = true
  var punches: Bool? = true

  /// The one that a directory is on; nil where nothing is known of it.
  init?(_ place: PlaceFacts) {
    let known = Self.known[place.type]
    guard known != nil || place.tried != nil else { return nil }
    self = known ?? FileSystemKind(name: "the file system", exchanges: nil)
    guard let tried = place.tried else { return }
    (leases, collapses, punches) = (tried.leases, tried.cuts.collapses, tried.cuts.punches)
  }

  init(
    name: String, exchanges: Bool? = true, leases: Bool? = true, collapses: Bool? = true, punches: Bool? = true
  ) {
    (self.name, self.exchanges, self.leases) = (name, exchanges, leases)
    (self.collapses, self.punches) = (collapses, punches)
  }

  /// Those that are known; numbers of linux/magic.h and of the file systems' sources.
  static let known: [UInt32: FileSystemKind] = [
    0xEF53: FileSystemKind(name: "ext4"),
    0x5846_5342: FileSystemKind(name: "xfs"),
    0xF2F5_2010: FileSystemKind(name: "f2fs"),
    0x9123_683E: FileSystemKind(name: "btrfs", collapses: false),
    0x0102_1994: FileSystemKind(name: "tmpfs", collapses: false),
    0x794C_7630: FileSystemKind(name: "overlay", collapses: nil),
    0x2FC1_2FC1: FileSystemKind(name: "zfs", exchanges: nil, collapses: false),
    0x4D44: FileSystemKind(name: "vfat", exchanges: nil, collapses: false, punches: false),
    0x6969: FileSystemKind(name: "nfs", exchanges: false, leases: false, collapses: false, punches: nil),
    0xFF53_4D42: FileSystemKind(name: "cifs", exchanges: false, leases: false, collapses: nil, punches: nil),
    0xFE53_4D42: FileSystemKind(name: "smb", exchanges: false, leases: false, collapses: nil, punches: nil),
    0x00C3_6400: FileSystemKind(name: "ceph", exchanges: false, leases: false, collapses: false),
    0x0102_1997: FileSystemKind(name: "9p", exchanges: false, leases: false, collapses: false, punches: false),
    0x6573_5546: FileSystemKind(name: "fuse", exchanges: nil, leases: nil, collapses: nil, punches: nil),
  ]
}
