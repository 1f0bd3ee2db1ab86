/// The table whose keys are read, as in messages. The text is made only for a message, not for each of many jobs.
enum Owner: CustomStringConvertible {
  case config, defaults
  case job(String)
  case create, notify, before, onFailure, compress, archiveDirectory, daemon, metrics, logrotate

  var description: String {
    switch self {
    case .config: "the config"
    case .defaults: "`[defaults]`"
    case .job(let name): "job \(Wording.code(name))"
    case .create: "`create`"
    case .notify: "`notify`"
    case .before: "`before`"
    case .onFailure: "`on-failure`"
    case .compress: "`compress`"
    case .archiveDirectory: "`archive-dir`"
    case .daemon: "`[daemon]`"
    case .metrics: "`[metrics]`"
    case .logrotate: "`[logrotate]`"
    }
  }
}
