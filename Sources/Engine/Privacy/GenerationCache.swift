/// A bounded cache in two generations: when the young one is full, it becomes the old one, and the old one is
/// forgotten. What is used again moves to the young one, so hot entries stay, without the links of a
/// least-recently-used list.
struct GenerationCache<Key: Hashable, Value> {
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]
  private let generationSize: Int

  /// At most `limit` entries.
  init(limit: Int) {
    generationSize = max(1, limit / 2)
  }

  var count: Int { young.count + old.count }

  subscript(key: Key) -> Value? {
    mutating get {
      if let value = young[key] { return value }
      guard let value = old.removeValue(forKey: key) else { return nil }
      insert(value, for: key)
      return value
    }
  }

  mutating func insert(_ value: Value, for key: Key) {
    if young.count >= generationSize {
      old = young
      young = Dictionary(minimumCapacity: generationSize)
    }
    young[key] = value
  }

  mutating func remove(_ key: Key) {
    young[key] = nil
    old[key] = nil
  }

  mutating func removeAll() {
    young = [:]
    old = [:]
  }

  mutating func removeAll(where isGone: (Value) -> Bool) {
    young = young.filter { !isGone($0.value) }
    old = old.filter { !isGone($0.value) }
  }
}
