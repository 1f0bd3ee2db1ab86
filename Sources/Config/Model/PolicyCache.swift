import Rotation

/// Lets jobs with the same rules share one policy: most of a hundred thousand jobs do.
final class PolicyCache {
  private var policies: [Policy.Rules: Policy] = [:]
  private var last: Policy?

  /// The policy that all jobs with these rules share.
  func policy(_ rules: Policy.Rules) -> Policy {
    if let last, last.rules == rules { return last }
    let policy = policies[rules] ?? Policy(rules)
    policies[rules] = policy
    last = policy
    return policy
  }
}
