internal import EventLoop
package import Rotation
package import Timekeeping

/// What is wrong now. Each problem is reported when it is new or has changed, and its end may be reported; in between
/// it is kept as a value, for the status.
package final class Problems {
  /// What a problem prevents.
  package enum Concern: Int, CaseIterable, Hashable, Sendable {
    case space, directory, rotation, before, rotators, hook, archive, removal, config, state
    /// What goes on in another, lesser way.
    case names, foreign, surplus, watch, lease, room, measure, metrics

    /// The concerns of a job's runs, which report such problems again after a change of the job.
    package static let ofRuns: [Concern] = [.directory, .rotation, .before, .names, .foreign, .surplus]
    /// All concerns that belong to a job.
    package static let ofJobs = ofRuns + [.archive, .removal, .rotators]

    /// The heading of such problems in the status line: empty for those that need none, nil for those that the line
    /// does not show.
    package var heading: String? {
      switch self {
      case .space: "low on space"
      case .directory, .rotation, .before: "failing"
      case .rotators: "rotated by logrotate, too"
      case .hook: "not notified"
      case .archive: "archives still open"
      case .removal: "archives not removed"
      case .config, .state: ""
      case .names, .foreign, .surplus, .watch, .lease, .room, .measure, .metrics: nil
      }
    }

    /// A log that is rightly left alone is no failure.
    fileprivate func isListed(_ priority: Report.Priority) -> Bool {
      heading != nil && (heading != "failing" || priority == .error)
    }
  }

  /// Problems of one concern and one owner, which begin and end together in the status.
  package struct Topic: Hashable, Sendable {
    package var concern: Concern
    /// The name of a job, a hook in words, a path; empty for the daemon itself.
    package var owner: String

    package init(_ concern: Concern, of owner: String = "") {
      self.concern = concern
      self.owner = owner
    }
  }

  /// What one problem is about.
  package struct Subject: Hashable, Sendable {
    package var topic: Topic
    /// A log, an archive or a directory; empty if the topic is enough.
    package var path: FilePath
    /// Distinguishes problems with the same path.
    package var part: String

    package init(_ topic: Topic, _ path: FilePath = "", part: String = "") {
      self.topic = topic
      self.path = path
      self.part = part
    }

    package init(_ concern: Concern, of owner: String = "", _ path: FilePath = "", part: String = "") {
      self.init(Topic(concern, of: owner), path, part: part)
    }
  }

  /// A problem as it is now.
  package struct Problem: Hashable, Sendable {
    package var subject: Subject
    /// The message of the report.
    package var what: String
    package var priority: Report.Priority
    package var since: WallTime
    /// When it is tried again; nil if that is unknown, or if nothing is tried.
    package var nextTry: MonotonicTime?
    /// How often it was noted: each try that has failed is one.
    package var tries = 1
    /// The error of the kernel, if it is one.
    package var errno: Errno?
    /// The job that the report names.
    package var job: String?
    /// How the status line names it.
    fileprivate var name: String
    /// The problem is reported again when this changes.
    fileprivate var key: String

    /// Whether it is worse, or as bad for longer; else by concern, owner and path.
    package func precedes(_ other: Problem) -> Bool {
      let (left, right) = (subject, other.subject)
      if (priority.rawValue, since) != (other.priority.rawValue, other.since) {
        return (priority.rawValue, since) < (other.priority.rawValue, other.since)
      }
      return (left.topic.concern.rawValue, left.topic.owner, left.path, left.part)
        < (right.topic.concern.rawValue, right.topic.owner, right.path, right.part)
    }
  }

  /// The problems of a topic, and how many of them count for the status line.
  private struct Group {
    var problems: [Subject: Problem] = [:]
    var listed = 0
  }

  /// Called when the status line has changed.
  package var onChange: () -> Void = {}
  /// Called when a problem begins that the status line counts.
  package var onBegin: (Problem) -> Void = { _ in }
  private var groups: [Topic: Group] = [:]
  private let now: () -> WallTime
  var report: (Report) -> Void

  package init(now: @escaping () -> WallTime, report: @escaping (Report) -> Void) {
    self.now = now
    self.report = report
  }

  // MARK: Changes

  /// Records a problem, and reports it if it is new or has changed: that is returned. `isOneOfMany`: with the priority `debug`, since
  /// another report has their number.
  ///
  /// `key` identifies the message where its words change without a change of meaning; `name` is its name in the status
  /// line, if that is not its owner.
  @discardableResult
  package func note(
    _ subject: Subject, _ report: Report, key: String? = nil, name: String? = nil, nextTry: MonotonicTime? = nil,
    isOneOfMany: Bool = false
  ) -> Bool {
    let known = groups[subject.topic]?.problems[subject]
    var problem = Problem(
      subject: subject, what: report.message, priority: report.priority, since: known?.since ?? now(), nextTry: nextTry,
      tries: (known?.tries ?? 0) + 1, errno: report.errno, job: report.job, name: name ?? subject.topic.owner,
      key: key ?? report.message)
    let isNews = known?.key != problem.key
    if let known, !isNews { problem.what = known.what }
    if isNews { self.report(report.one(ofMany: isOneOfMany)) }
    set(subject, to: problem)
    if known == nil, subject.topic.concern.isListed(problem.priority) { onBegin(problem) }
    return isNews
  }

  /// Ends a problem. Returns whether there was one; if so, `good` is reported.
  @discardableResult
  package func clear(_ subject: Subject, _ good: @autoclosure () -> Report? = nil) -> Bool {
    guard groups[subject.topic]?.problems[subject] != nil else { return false }
    set(subject, to: nil)
    if let good = good() { report(good) }
    return true
  }

  /// Ends the problems of a topic, except those with the paths in `kept`; `good` makes the report for each.
  package func clear(_ topic: Topic, except kept: Set<FilePath> = [], _ good: (FilePath) -> Report? = { _ in nil }) {
    guard let group = groups[topic] else { return }
    for subject in group.problems.keys.filter({ !kept.contains($0.path) }).sorted(by: { $0.path < $1.path }) {
      clear(subject, good(subject.path))
    }
  }

  /// Ends the problems of a job with these concerns.
  package func forget(job: String, _ concerns: [Concern]) {
    for concern in concerns { clear(Topic(concern, of: job)) }
  }

  /// Sets the time of the next try for all problems of a topic.
  package func retry(_ topic: Topic, at time: MonotonicTime?) {
    guard let subjects = groups[topic]?.problems.keys else { return }
    for subject in Array(subjects) { groups[topic]?.problems[subject]?.nextTry = time }
  }

  /// Changes the name of a problem in the status line; it stays the same problem.
  package func rename(_ subject: Subject, _ name: String) {
    guard var problem = self[subject], problem.name != name else { return }
    problem.name = name
    set(subject, to: problem)
  }

  private func set(_ subject: Subject, to problem: Problem?) {
    let topic = subject.topic
    let before = self[subject]
    let wasListed = (groups[topic]?.listed ?? 0) > 0
    func count(_ problem: Problem?) -> Int { problem.map { topic.concern.isListed($0.priority) } == true ? 1 : 0 }
    groups[topic, default: Group()].problems[subject] = problem
    groups[topic]?.listed += count(problem) - count(before)
    if groups[topic]?.problems.isEmpty == true { groups[topic] = nil }
    let isListed = (groups[topic]?.listed ?? 0) > 0
    let isRenamed = problem.map { $0.name != before?.name ?? topic.owner } ?? false
    if wasListed != isListed || isListed && isRenamed { onChange() }
  }

  // MARK: Values

  /// The problem of a subject; nil if there is none.
  package subscript(_ subject: Subject) -> Problem? { groups[subject.topic]?.problems[subject] }

  /// Whether a topic has any problem.
  package func has(_ topic: Topic) -> Bool { groups[topic] != nil }

  /// The number of problems of a job.
  func count(of job: String) -> Int {
    Concern.ofJobs.reduce(0) { $0 + (groups[Topic($1, of: job)]?.problems.count ?? 0) }
  }

  /// The jobs whose logs cannot be rotated, and the hooks that have failed.
  var failing: Set<String> {
    let concerns: Set<Concern> = [.directory, .rotation, .before, .hook]
    return Set(groups.lazy.filter { concerns.contains($0.key.concern) && $0.value.listed > 0 }.map(\.key.owner))
  }

  /// Whether logs of a job cannot be rotated.
  func isFailing(_ job: String) -> Bool {
    [.directory, .rotation, .before].contains { (groups[Topic($0, of: job)]?.listed ?? 0) > 0 }
  }

  /// What all problems are about, in no particular order.
  package var subjects: [Subject] { groups.values.flatMap(\.problems.keys) }

  /// The part of the status line that lists problems: `; failing: a, b; not notified: nginx.service (reload)`.
  package var line: String {
    var names: [String: Set<String>] = [:]
    for (topic, group) in groups where group.listed > 0 {
      guard let heading = topic.concern.heading, let first = group.problems.values.first else { continue }
      names[heading, default: []].insert(first.name)
    }
    var headings: [String] = []
    for heading in Concern.allCases.compactMap(\.heading) where !headings.contains(heading) { headings.append(heading) }
    return headings.map { Self.list($0, names[$0].map { $0.sorted() } ?? []) }.joined()
  }

  /// The first three names, and the number of the others.
  private static func list(_ what: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return (what.isEmpty ? "; " : "; \(what): ") + names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}
