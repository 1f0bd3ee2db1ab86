import Rotation

/// Gives jobs that say the same one policy: of a hundred thousand jobs most do.
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
