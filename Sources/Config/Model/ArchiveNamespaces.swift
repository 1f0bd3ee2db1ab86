package import Rotation

/// The names and directories that archives of all jobs may have. They prevent that a pattern which also matches
/// archives treats these as logs.
struct ArchiveNamespaces: Sendable {
  /// A naming, and the path of the archive directory as in the config; nil if archives are beside the log.
  private struct Namespace: Hashable {
    var naming: ArchiveNaming
    var path: FilePath?
  }

  private var beside: [ArchiveNaming] = [.numbered]
  /// For directories below the log's own.
  private var below: [Namespace] = []
  /// The jobs that send their archives to a directory, by its absolute path.
  private var shared: [FilePath: [Int]] = [:]

  init(_ jobs: [Claims.Claimer]) {
    var known: Set<Namespace> = [Namespace(naming: .numbered, path: nil)]
    var last: Namespace?
    for (index, job) in jobs.enumerated() {
      let path = job.policy.archiveDirectory?.path
      if let path, path.isAbsolute { shared[path, default: []].append(index) }
      let namespace = Namespace(naming: job.policy.naming, path: path)
      // Most of a hundred thousand jobs have the same namespace, and share its memory.
      guard namespace != last else { continue }
      last = namespace
      if let path, !path.isAbsolute, known.insert(namespace).inserted { below.append(namespace) }
      if known.insert(Namespace(naming: namespace.naming, path: nil)).inserted { beside.append(namespace.naming) }
    }
  }

  /// The absolute path of the log that a name in a directory is an archive of; nil if it is not an archive of a log of
  /// any job. `owner` returns the index of the job that has a log.
  func log(
    ofArchive name: FileName, in directory: FilePath, _ jobs: [Claims.Claimer], owner: (FilePath) -> Int?
  ) -> (FilePath, VersionKey)? {
    for naming in beside {
      guard let archive = naming.parse(name) else { continue }
      let log = directory.appending(archive.base)
      // Numbered archives stay archives when a job changes to another naming.
      if let job = owner(log), naming == .numbered || jobs[job].policy.naming == naming { return (log, archive.key) }
    }
    for namespace in below {
      guard let path = namespace.path, let above = directory.removing(suffix: path),
        let archive = namespace.naming.parse(name)
      else { continue }
      let log = above.appending(archive.base)
      guard let job = owner(log), jobs[job].policy.naming == namespace.naming,
        jobs[job].policy.archiveDirectory?.path == path
      else { continue }
      return (log, archive.key)
    }
    for index in shared[directory] ?? [] {
      guard let archive = jobs[index].policy.naming.parse(name) else { continue }
      for pattern in jobs[index].logs where pattern.components.last?.matches(archive.base) == true {
        return (pattern.fixedDirectory.appending(archive.base), archive.key)
      }
    }
    return nil
  }

}

extension Claims {
  /// The naming of the archives of a job's logs.
  package func naming(ofJob index: Int) -> ArchiveNaming { jobs[index].policy.naming }

  /// The log that a name in a directory is an archive of, whichever job has the log; nil if there is none.
  package func log(ofArchive name: FileName, in directory: FilePath) -> FilePath? {
    namespaces.log(ofArchive: name, in: directory, jobs) { owner(of: $0) }?.0
  }
}
