internal import Entity
internal import Events
internal import Money
internal import Projections

/// What one version of an order says of when the order was closed, that is cancelled or returned.
///
/// The newest version is not enough: any later edit has a later `updated_at`, and a closed month would change. So all
/// closed versions are kept, and of the open ones the newest, which says where the last closing can have begun at the
/// earliest. All that is a function of the set of versions seen, whatever their order.
struct ClosingMark: Equatable {
  /// How much the version knows of the change of state.
  enum Knowledge: Int64 {
    /// The order has the state here; it may have got it before.
    case state = 0
    /// A change that does not say what was before.
    case update = 1
    /// The order came with the state.
    case create = 2
    /// The state before was another one.
    case change = 3
  }

  var version: StateVersion
  var status: Int64
  /// Milliseconds since 1970.
  var at: Int64
  var knowledge: Knowledge

  init(version: StateVersion, status: Int64, at: Int64, knowledge: Knowledge) {
    self.version = version
    self.status = status
    self.at = at
    self.knowledge = knowledge
  }

  /// nil: the version is not closed.
  init?(_ change: Change<Order<PersonToken>>, _ operation: EventOperation, _ version: StateVersion) {
    guard let order = change.after, Self.isClosed(order.status) else { return nil }
    self.init(version: version, status: Int64(order.status.rawValue), at: order.updatedAt.millis, knowledge: .state)
    if let before = change.before {
      if before.status != order.status {
        knowledge = .change
      } else {
        // The row as it was is nearer to the change than the row as it became.
        at = before.updatedAt.millis
      }
    } else if operation == .create {
      knowledge = .create
    } else if operation == .update {
      knowledge = .update
    }
  }

  /// Of a version that is open.
  init(open order: Order<PersonToken>, _ version: StateVersion) {
    self.init(version: version, status: Int64(order.status.rawValue), at: order.updatedAt.millis, knowledge: .state)
  }

  static func isClosed(_ status: OrderStatus) -> Bool { status == .cancelled || status == .returned }

  static func isClosed(_ status: Int64) -> Bool { isClosed(OrderStatus(rawValue: Int32(truncatingIfNeeded: status))) }
}

/// When an order was cancelled or returned.
struct Closing: Equatable {
  /// Milliseconds since 1970.
  var at: Int64
  /// Whether the change itself was seen, and not only the state after it.
  var isSeen: Bool

  /// As it stands in the table.
  var stored: Int64 { isSeen ? 1 : 0 }

  /// Of an order in state `status`, from the marks of all its versions: the newest change to that state in the unbroken
  /// run of versions that have it; where none was seen, the oldest of these versions. nil: no version has the state.
  init?(of status: Int64, _ marks: [ClosingMark]) {
    let newest = marks.sorted { $0.version > $1.version }
    let run = newest.prefix { $0.status == status }
    guard let begin = run.first(where: { $0.knowledge == .change }) ?? run.last else { return nil }
    at = begin.at
    isSeen =
      switch begin.knowledge {
      case .change, .create: true
      case .update: newest.count > run.count
      case .state: false
      }
  }

  init(at: Int64, isSeen: Bool) {
    self.at = at
    self.isSeen = isSeen
  }
}
