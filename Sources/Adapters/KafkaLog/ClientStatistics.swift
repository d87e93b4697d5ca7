internal import Foundation
internal import Telemetry

/// The few figures of librdkafka's statistics that a person looks at. It gives them where the property
/// `statistics.interval.ms` asks for them.
struct ClientStatistics: Decodable, Equatable {
  struct Broker: Decodable, Equatable {
    /// Requests sent again, and requests that were not answered in time.
    var txretries: Int64
    var reqTimeouts: Int64

    enum CodingKeys: String, CodingKey {
      case txretries
      case reqTimeouts = "req_timeouts"
    }
  }

  /// "producer" or "consumer".
  var type: String
  /// Records and their bytes since the client was made: sent, with repetitions, and received.
  var txmsgs: Int64
  var txbytes: Int64
  var rxmsgs: Int64
  var rxbytes: Int64
  /// Records waiting for their acknowledgement now.
  var queued: Int64
  var brokers: [String: Broker]

  enum CodingKeys: String, CodingKey {
    case type, txmsgs, rxmsgs, brokers
    case txbytes = "txmsg_bytes"
    case rxbytes = "rxmsg_bytes"
    case queued = "msg_cnt"
  }

  /// nil: it cannot be read; a later librdkafka may write other figures.
  init?(json: [UInt8]) {
    guard let decoded = try? JSONDecoder().decode(ClientStatistics.self, from: Data(json)) else { return nil }
    self = decoded
  }

  var requestsRepeated: Int64 { brokers.values.reduce(0) { $0 &+ max($1.txretries, 0) } }
  var requestsTimedOut: Int64 { brokers.values.reduce(0) { $0 &+ max($1.reqTimeouts, 0) } }
}
