// What of an event's JSON its payload says.

package import Text
package import Entity

extension EventJSON {
  /// Appends an event with its content. A rejected event shows its reason and no content.
  package mutating func append(_ event: Event<PersonToken>, at place: Place, to bytes: inout [UInt8]) {
    if case .rejected(let rejected) = event.payload {
      let rejection = Rejection(
        stage: "capture", reason: rejected.reason, detail: rejected.detail, valueBytes: nil)
      return append(rejection, of: event.envelope, at: place, to: &bytes)
    }
    append(event.envelope, kind: event.payload.kind, at: place, to: &bytes) { event.payload.write(to: &$0) }
  }
}

extension Payload {
  /// The field's name in the contract: "order_line".
  package var kind: String {
    switch self {
    case .order: JSONTables.order.kind
    case .orderLine: JSONTables.orderLine.kind
    case .product: JSONTables.product.kind
    case .company: JSONTables.company.kind
    case .supplierPrice: JSONTables.supplierPrice.kind
    case .customer: JSONTables.customer.kind
    case .store: JSONTables.store.kind
    case .country: JSONTables.country.kind
    case .exchangeRate: JSONTables.exchangeRate.kind
    case .stock: JSONTables.stock.kind
    case .shipment: JSONTables.shipment.kind
    case .lead: JSONTables.lead.kind
    case .webRequest: JSONTables.webRequest.kind
    case .heartbeat: JSONTables.heartbeat.kind
    case .rejected: EventJSON.Rejection.table.kind
    case .spend: JSONTables.spend.kind
    case .decision: JSONTables.decision.kind
    }
  }
}

extension Payload where P == PersonToken {
  /// `before` and `after`.
  package func write(to writer: inout JSONWriter) {
    func write<Row>(_ change: Change<Row>, _ table: JSONTable<Row>) {
      writer.change(before: change.before, after: change.after, table)
    }
    switch self {
    case .order(let change): write(change, JSONTables.order)
    case .orderLine(let change): write(change, JSONTables.orderLine)
    case .product(let change): write(change, JSONTables.product)
    case .company(let change): write(change, JSONTables.company)
    case .supplierPrice(let change): write(change, JSONTables.supplierPrice)
    case .customer(let change): write(change, JSONTables.customer)
    case .store(let change): write(change, JSONTables.store)
    case .country(let change): write(change, JSONTables.country)
    case .exchangeRate(let change): write(change, JSONTables.exchangeRate)
    case .stock(let change): write(change, JSONTables.stock)
    case .shipment(let change): write(change, JSONTables.shipment)
    case .lead(let change): write(change, JSONTables.lead)
    case .webRequest(let request): write(Change(after: request), JSONTables.webRequest)
    case .heartbeat(let heartbeat): write(Change(after: heartbeat), JSONTables.heartbeat)
    case .rejected: write(Change<Heartbeat>(), JSONTables.heartbeat)
    case .spend(let change): write(change, JSONTables.spend)
    case .decision(let decision): write(Change(after: decision), JSONTables.decision)
    }
  }
}
