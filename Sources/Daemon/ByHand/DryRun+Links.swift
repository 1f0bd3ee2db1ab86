internal import Config
internal import Rotation

// What symbolic links in the paths of logs and archives mean for a config: for `rotatectl check`.

extension DryRun {
  /// Problems with the symbolic links in the paths of the config.
  package struct LinkFindings {
    /// Links that are not followed, so that nothing behind them is rotated.
    package var refused: [String] = []
    /// Logs to which several paths lead.
    package var doubled: [String] = []

    package init() {}
  }

  /// Checks the directories of every job's logs and archives, as they are now.
  package func linkFindings() -> LinkFindings {
    var findings = LinkFindings()
    let claims = Claims(configuration)
    var known: [FilePath: FilePath] = [:]
    for (index, job) in configuration.jobs.enumerated() {
      let found = finder.find(job, index: index)
      for failure in found.failures where failure.errno == .symbolicLink {
        findings.refused.append("job \(job.name): \(failure.path.printable): \(failure.reason)")
      }
      for group in found.groups {
        guard let directory = open(group.directory, job, &findings) else { continue }
        openArchives(of: directory, job, &findings)
        guard let real = directory.realPath else { continue }
        for name in group.names {
          let (path, file) = (LogFinder.join(group.directory, name), LogFinder.join(real, name))
          guard path != file else { continue }
          let other = claims.owner(of: file) == nil ? known[file] : file
          known[file] = known[file] ?? path
          guard let other else { continue }
          findings.doubled.append("job \(job.name): \(path.printable): not rotated: \(Skip.sameLog(other))")
        }
      }
    }
    return findings
  }

  private func open(_ path: FilePath, _ job: Job, _ findings: inout LinkFindings) -> OpenDirectory? {
    do throws(Errno) {
      return try fileSystem.openDirectory(path)
    } catch {
      guard error == .symbolicLink else { return nil }
      let failure = LookFailure(path: path, errno: error, on: fileSystem)
      findings.refused.append("job \(job.name): \(path.printable): \(failure.reason)")
      return nil
    }
  }

  private func openArchives(of directory: OpenDirectory, _ job: Job, _ findings: inout LinkFindings) {
    guard let wanted = job.policy.archiveDirectory else { return }
    do throws(Errno) {
      _ = try fileSystem.openArchives(wanted, of: directory, makes: false)
    } catch {
      guard error == .symbolicLink else { return }
      let path = wanted.path(of: directory)
      let failure = LookFailure(path: path, errno: error, on: fileSystem)
      let finding = "job \(job.name): archive-dir \(path.printable): \(failure.reason)"
      if !findings.refused.contains(finding) { findings.refused.append(finding) }
    }
  }
}

extension ArchiveDirectory {
  /// Its absolute path for the logs of a directory.
  func path(of log: OpenDirectory) -> FilePath { log.path.resolving(path) }
}
