internal import Rotation

/// The logs found so far, by directory, each once; taken in some at a time, in constant time for each.
struct LogGroups {
  /// What is being taken in: its first names are.
  private struct Taking {
    let group: LogGroup
    let place: Int
    var taken = 0
  }

  private(set) var all: [LogGroup]
  private var places = SpreadDictionary<FilePath, Int>()
  /// How many of `all` are in `places`.
  private var placed = 0
  /// Names of the groups that several patterns have contributed to.
  private var known: [Int: SpreadDictionary<FileName, Bool>] = [:]
  private var next: LogGroup?
  private var taking: Taking?

  /// Begins with groups of different directories.
  init(_ groups: [LogGroup] = []) { all = groups }

  /// Begins to take in a group of a directory that another may be of; `step` does it.
  mutating func add(_ group: LogGroup) { next = group }

  /// Takes in about so many names; returns how many, and nil when nothing is left.
  mutating func step(_ count: Int) -> Int? {
    if let group = next {
      let end = min(all.count, placed + count)
      let done = end - placed
      for place in placed..<end { places[all[place].directory] = place }
      placed = end
      guard placed == all.count else { return done }
      next = nil
      guard let place = places[group.directory] else {
        all.append(group)
        return done + 1
      }
      taking = Taking(group: group, place: place)
      all[place].listing = all[place].listing ?? group.listing
      return done + 1
    }
    guard var current = taking.take() else { return nil }
    let place = current.place
    var known = self.known.removeValue(forKey: place) ?? SpreadDictionary()
    // All names of a group are different.
    let noted = all[place].names.dropFirst(known.count).prefix(count)
    for name in noted { known[name] = true }
    let names = noted.isEmpty ? current.group.names.dropFirst(current.taken).prefix(count) : []
    for name in names where known[name] == nil {
      known[name] = true
      all[place].names.append(name)
    }
    current.taken += names.count
    self.known[place] = known
    if current.taken < current.group.names.count { taking = current }
    return noted.count + names.count
  }
}
