package import EventLog

extension KafkaLog {
  /// Sends the records and waits until all copies in sync have them. Throws `.unavailable` when that takes longer than
  /// `appendSeconds`; some records may be stored then, and the same bytes may be sent again.
  package func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] {
    try inTurn { () throws(LogError) in
      if batches.isEmpty { return [] }
      var shipments: [ProducerConnection.Shipment] = []
      shipments.reserveCapacity(batches.count)
      // Before anything is sent: bytes damaged in memory or in the outbox must not enter the log.
      for batch in batches {
        try StoredBatch.check(batch.bytes, count: batch.count, partition: batch.partition, operation: "append")
        shipments.append(
          .init(
            topic: physical(batch.partition.topic),
            batch: try RecordBatch(decoding: batch.bytes, partition: batch.partition, baseOffset: .first),
            keepsOffsets: false))
      }
      return try send(shipments)
    }
  }

  /// `mayResend`: what a client that failed has not acknowledged is sent again by a new one, perhaps twice.
  func send(
    _ shipments: [ProducerConnection.Shipment], mayResend: Bool = true
  ) throws(LogError) -> [AppendedRange] {
    for shipment in shipments { try demand(shipment.batch.partition, "append") }
    let offsets = try deliver(shipments, clients: mayResend ? KafkaLimits.clientsPerAppend : 1)
    var ranges: [AppendedRange] = []
    var first = 0
    for shipment in shipments {
      let count = shipment.batch.records.count
      defer { first += count }
      guard count > 0 else { continue }
      ranges.append(try range(of: shipment, Array(offsets[first..<first + count])))
    }
    return ranges
  }

  /// What `DeliveryBoard.offsets` says of each record.
  func deliver(_ shipments: [ProducerConnection.Shipment], clients: Int) throws(LogError) -> [Int64] {
    let total = shipments.reduce(0) { $0 + $1.batch.records.count }
    let patience = patience(settings.appendSeconds)
    var before: DeliveryBoard?
    for attempt in 1...clients {
      let producer = try producer()
      let board = producer.board
      board.begin(records: total)
      if let before {
        board.adopt(before)
        noteResent(board.offsets.indices.count { !board.isAcknowledged($0) })
      }
      do throws(ProducerConnection.Obstacle) {
        try producer.send(shipments, patience)
        guard board.isComplete else {
          throw ProducerConnection.Obstacle.client(
            LogError(.unavailable, operation: "append", cause: "some records were not reported on", hint: "try again"))
        }
        return board.offsets
      } catch {
        // What this client still holds must not reach the broker behind what the next one sends.
        dropProducer()
        switch error {
        case .error(let error): throw error
        case .client(let error):
          guard attempt < clients, !patience.isOver else {
            throw error.kind == .unavailable
              ? error
              : LogError(
                .unavailable, operation: "append", partition: error.partition, cause: error.cause, hint: error.hint)
          }
          before = board
          patience.pause()
        }
      }
    }
    throw LogError(.unavailable, operation: "append", cause: "no client got through", hint: "try again")
  }

  private func range(
    of shipment: ProducerConnection.Shipment, _ offsets: [Int64]
  ) throws(LogError) -> AppendedRange {
    let partition = shipment.batch.partition
    guard let lastRecord = shipment.batch.records.last else {
      return AppendedRange(partition: partition, baseOffset: .first, nextOffset: .first, anchor: nil)
    }
    let proof = RecordDigest.proof(of: lastRecord, in: shipment.batch)
    let told = offsets.last.flatMap(DeliveryBoard.offset)
    let last = if let told { told } else { try find(proof, in: partition) }
    let source = try consumer().source(partition, topic: physical(partition.topic))
    source.knownEnd = max(source.knownEnd, last.next)
    return AppendedRange(
      partition: partition,
      baseOffset: offsets.first.flatMap(DeliveryBoard.offset) ?? max(.first, last.next - Int64(offsets.count)),
      nextOffset: last.next,
      anchor: LogAnchor(nextOffset: last.next, proof: proof))
  }

  /// Where a record stands that the broker has stored but did not give an offset for. It is among the newest.
  private func find(_ proof: [UInt8], in partition: TopicPartition) throws(LogError) -> Offset {
    let bounds = try freshBounds(partition, "append")
    for step in KafkaLimits.holeSteps {
      var offset = max(bounds.earliest, bounds.next - step)
      while offset < bounds.next, let record = try firstRecord(of: partition, from: offset) {
        if record.proof == proof { return record.offset }
        offset = record.offset.next
      }
    }
    throw LogError(
      .unavailable, operation: "append", partition: partition,
      cause: "the broker acknowledged a record that is not among the newest", hint: "it will be sent again")
  }
}
