import Rotation

/// Gives equal handlings one box: of a hundred thousand jobs most have the same.
final class HandlingCache {
  private var boxes: [Handling: Policy.Box] = [:]
  private var last = Policy.Box.standard

  /// The box that all jobs with this handling share.
  func box(_ handling: Handling) -> Policy.Box {
    if handling == last.handling { return last }
    if handling == Policy.Box.standard.handling { return .standard }
    last = boxes[handling] ?? Policy.Box(handling)
    boxes[handling] = last
    return last
  }
}
