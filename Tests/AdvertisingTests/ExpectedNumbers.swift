import Foundation
import TestSupport

@testable import Advertising

/// The table that Tests/Peers/advertising_numbers.py worked out with NumPy and SciPy.
struct ExpectedNumbers: Decodable {
  struct Path: Decodable {
    var channels: [Int]
    var seconds: [Int64]
    var converted: Bool
    var revenue: Int64
  }
  struct Credit: Decodable {
    var conversions: [Double]
    var revenue: [Double]
  }
  struct Chain: Decodable {
    var probability: Double
    var removal: [Double]
  }
  struct AttributionCase: Decodable {
    var channels: Int
    var halfLife: Int64
    var paths: [Path]
    var rules: [String: Credit]
    var markov: Chain
    var shapley: Credit

    var attributionPaths: [AttributionPath] {
      paths.map { path in
        AttributionPath(
          touches: zip(path.channels, path.seconds).map { .init(channel: $0, seconds: $1) },
          converted: path.converted, revenueMinor: path.revenue)
      }
    }
  }
  struct Shape: Decodable {
    var family: String
    var kappa: Double
    var exponent: Double
    var threshold: Double
    var base: Double
    var levels: [Double]
    var response: [Double]
  }
  struct Posterior: Decodable {
    var counts: [Double]
    var priorMean: Double
    var precision: Double
    var profiles: [[Double]]
    var weights: [Double]
    var amplitudes: [Double]
  }
  struct Dilution: Decodable {
    var weeks: Int
    var spend: [Int64]
    var visitors: [Int64]
    var conversions: [Double]
    var delta: Double
  }
  struct Pooling: Decodable {
    var company: [Double]
    var elasticity: [Double]
    var scores: [Double]
    var groups: [Int]
    var commonShare: Double
    var likelihoods: [[Double]]
    var priors: [[Double]]
  }
  struct DesignEffect: Decodable {
    var correlation: Double
    var count: Int
    var effect: Double
  }
  struct Allocation: Decodable {
    struct Row: Decodable {
      var spend: [Double]
      var value: [Double]
      var minimum: Int64
      var maximum: Int64
    }
    var total: Int64
    var units: Int
    var rows: [Row]
    var gridValue: Double
    var upperBound: Double
  }
  struct Smooth: Decodable {
    var weights: [Double]
    var total: Int64
    var amounts: [Double]
    var value: Double
  }

  var attribution: [AttributionCase]
  var shapes: [Shape]
  var posterior: Posterior
  var dilution: Dilution
  var pooling: Pooling
  var designEffects: [DesignEffect]
  var allocation: [Allocation]
  var smoothAllocation: Smooth

  static func load() throws -> ExpectedNumbers {
    let file = URL(fileURLWithPath: "\(Place.root)/Tests/Golden/advertising/numbers.json")
    return try JSONDecoder().decode(ExpectedNumbers.self, from: Data(contentsOf: file))
  }
}

/// Relative difference, absolute below 1.
func difference(_ left: Double, _ right: Double) -> Double { abs(left - right) / max(1, abs(left), abs(right)) }
