package import Rotation

/// What archives may be called and where they may lie, over all jobs: by it a pattern that matches archives is kept from
/// taking them for logs.
struct ArchiveFamilies: Sendable {
  /// A naming, and the path of the archives' directory as the config has it; nil is beside the log.
  private struct Family: Hashable {
    var naming: ArchiveNaming
    var path: FilePath?
  }

  private var beside: [ArchiveNaming] = [.numbered]
  /// Below the log's own directory.
  private var below: [Family] = []
  /// By absolute path: the jobs that send their archives there.
  private var shared: [FilePath: [Int]] = [:]

  init(_ jobs: [Claims.Claimer]) {
    var known: Set<Family> = [Family(naming: .numbered, path: nil)]
    var last: Family?
    for (index, job) in jobs.enumerated() {
      let path = job.box.handling.archiveDirectory?.path
      if let path, path.isAbsolute { shared[path, default: []].append(index) }
      let family = Family(naming: job.box.naming, path: path)
      // Of a hundred thousand jobs most have one, in memory that they share.
      guard family != last else { continue }
      last = family
      if let path, !path.isAbsolute, known.insert(family).inserted { below.append(family) }
      if known.insert(Family(naming: family.naming, path: nil)).inserted { beside.append(family.naming) }
    }
  }

  /// The log, by its absolute path, whose archive a name in a directory is; nil when it is none of a log that a job has.
  /// `owner` gives the index of the job that has a log.
  func log(
    ofArchive name: FileName, in directory: FilePath, _ jobs: [Claims.Claimer], owner: (FilePath) -> Int?
  ) -> (FilePath, VersionKey)? {
    for naming in beside {
      guard let archive = naming.parse(name) else { continue }
      let log = directory.appending(archive.base)
      // Numbered archives stay archives when a job has taken to another naming.
      if let job = owner(log), naming == .numbered || jobs[job].box.naming == naming { return (log, archive.key) }
    }
    for family in below {
      guard let path = family.path, let above = directory.removing(suffix: path),
        let archive = family.naming.parse(name)
      else { continue }
      let log = above.appending(archive.base)
      guard let job = owner(log), jobs[job].box.naming == family.naming,
        jobs[job].box.handling.archiveDirectory?.path == path
      else { continue }
      return (log, archive.key)
    }
    for index in shared[directory] ?? [] {
      guard let archive = jobs[index].box.naming.parse(name) else { continue }
      for pattern in jobs[index].logs where pattern.components.last?.matches(archive.base) == true {
        return (pattern.fixedDirectory.appending(archive.base), archive.key)
      }
    }
    return nil
  }

}

extension Claims {
  /// What the archives of a job's logs are called.
  package func naming(ofJob index: Int) -> ArchiveNaming { jobs[index].box.naming }

  /// The log whose archive a name in a directory is, whichever job has the log; nil when it is none.
  package func log(ofArchive name: FileName, in directory: FilePath) -> FilePath? {
    families.log(ofArchive: name, in: directory, jobs) { owner(of: $0) }?.0
  }
}
