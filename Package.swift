// swift-tools-version:6.1
import PackageDescription

// Release builds specialise generics across our own modules; by default SwiftPM does not (measured; DESIGN.md, "Not obvious").
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// The floors of the house: folders of `Sources/`. What each may stand on: DESIGN.md, "Floors"; enforced by tools/check-boundaries.
enum Floor: String {
  case base = "Base"
  case engine = "Engine"
  case adapters = "Adapters"
  case shop = "Shop"
  case simulator = "Simulator"
  case app = "App"
}

/// A Swift module of the product.
func module(_ floor: Floor, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(floor.rawValue)/\(name)", swiftSettings: strict)
}

/// A C library of the distribution: a module map and a shim for what Swift cannot import.
func library(_ name: String, pkgConfig: String?, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
  name: "millrace",
  products: [.executable(name: "millrace", targets: ["millrace"])],
  targets: [
    library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    library("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CZip", pkgConfig: "libzip", apt: "libzip-dev"),
    library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
    library("CExpat", pkgConfig: "expat", apt: "libexpat1-dev"),
    library("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    library("CMaxMindDB", pkgConfig: "libmaxminddb", apt: "libmaxminddb-dev"),
    library("CKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    .target(
      name: "CRE2", path: "Sources/CLibraries/CRE2", publicHeadersPath: "include",
      linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CSystem", path: "Sources/CLibraries/CSystem", publicHeadersPath: "include"),

    // Level 0: one concern each, no knowledge of Millrace.
    module(.base, "SQLite", ["CSQLite"]),
    module(.base, "Files", ["CSystem"]),
    module(.base, "Crypto", ["COpenSSL"]),
    module(.base, "Gzip", ["CZlib"]),
    module(.base, "Wire"),
    module(.base, "YAML", ["CYAML"]),
    module(.base, "Money"),
    module(.base, "Text"),
    module(.base, "Hashing"),
    module(.base, "Concurrency"),
    module(.base, "Failures"),

    // Level 1
    module(.base, "Telemetry", ["Text", "Money", "Concurrency"]),
    module(.base, "Spreadsheet", ["CZip", "CExpat", "Money", "Text"]),
    module(.engine, "Entity", ["Wire", "Money", "Text"]),
    module(.engine, "EventLog", ["Crypto", "Text", "Concurrency", "Failures"]),
    module(.engine, "Runs", ["SQLite", "Files", "Concurrency", "Failures"]),

    // Level 2
    module(.shop, "Events", ["Entity", "Wire", "Money", "Text"]),
    module(.engine, "EmbeddedLog", ["EventLog", "SQLite", "Files", "Crypto", "Concurrency", "Telemetry"]),
    module(.adapters, "KafkaLog", ["EventLog", "Telemetry", "Files", "CKafka", "Concurrency"]),
    module(.engine, "Privacy", ["Crypto", "SQLite", "Files", "Hashing", "Entity", "Failures", "Telemetry"]),
    module(
      .engine, "Marts",
      ["SQLite", "Files", "EventLog", "Crypto", "Money", "Text", "Concurrency", "Failures", "Telemetry"]),
    module(.shop, "Enrichment", ["YAML", "Crypto", "CRE2", "CMaxMindDB", "Text", "Hashing", "Failures"]),

    // Level 3
    module(
      .engine, "Capture",
      ["EventLog", "Privacy", "SQLite", "Files", "Money", "Entity", "Telemetry", "Failures", "Concurrency", "Text"]),
    module(.engine, "Reports", ["Marts", "SQLite", "Money", "EventLog", "Spreadsheet", "Text", "Failures"]),
    module(.engine, "Health", ["Marts", "EventLog", "SQLite", "Text"]),

    // Level 4
    module(.engine, "Projections", ["Marts", "Reports", "SQLite", "Money", "Entity", "Hashing"]),
    module(
      .adapters, "SQLiteSource", ["Capture", "Entity", "Files", "Money", "Privacy", "SQLite", "Telemetry", "Text"]),
    module(
      .adapters, "SheetSource", ["Capture", "Entity", "Files", "Money", "Privacy", "Spreadsheet", "Telemetry"]),
    module(
      .shop, "ShopSources",
      [
        "Capture", "Enrichment", "Entity", "EventLog", "Events", "Files", "Gzip", "Hashing", "Money", "Privacy", "Text",
      ]),

    // Level 5
    module(
      .shop, "ShopMarts", ["Projections", "Marts", "Reports", "Events", "Enrichment", "SQLite", "Money", "Entity"]),
    module(
      .engine, "Pipeline",
      [
        "Projections", "Marts", "EventLog", "Privacy", "Crypto", "Money", "Files", "Hashing", "Entity", "Concurrency",
        "Failures", "Wire", "Text", "Telemetry",
      ]),
    module(.simulator, "Simulator", ["SQLite", "Spreadsheet", "Money", "Files", "Failures"]),

    // Level 6
    module(
      .shop, "ShopDomain",
      ["Events", "Privacy", "Entity", "Enrichment", "EventLog", "Pipeline", "ShopMarts", "Money", "Projections"]),
    module(.shop, "Advertising", ["ShopMarts", "Marts", "SQLite", "Money", "Hashing", "Failures"]),

    // Level 7
    module(
      .app, "Workspace",
      [
        "Pipeline", "Capture", "ShopMarts", "Projections", "Marts", "EmbeddedLog", "KafkaLog", "EventLog", "Privacy",
        "Enrichment", "Runs", "Events", "SQLite", "Files", "YAML", "Money", "Telemetry", "Text", "Entity",
        "Concurrency", "Failures", "ShopDomain", "SQLiteSource", "SheetSource", "ShopSources",
      ]),

    // Level 8
    module(
      .app, "Operations",
      [
        "Workspace", "Pipeline", "Capture", "ShopMarts", "Projections", "Reports", "Advertising", "Health", "Marts",
        "EmbeddedLog", "KafkaLog", "EventLog", "Privacy", "Enrichment", "Runs", "Events", "SQLite", "Files", "Money",
        "Crypto", "Entity", "Text", "Concurrency", "Failures", "ShopDomain", "ShopSources", "Simulator",
      ]),

    // Level 9
    .executableTarget(
      name: "millrace",
      dependencies: [
        "Operations", "Workspace", "Pipeline", "Simulator", "Capture", "ShopMarts", "Reports", "Advertising", "Health",
        "Projections", "Marts", "EmbeddedLog", "EventLog", "Runs", "Events", "Files", "Money", "Telemetry",
        "Spreadsheet", "Text", "Entity", "Concurrency", "Failures",
      ],
      path: "Sources/App/millrace", swiftSettings: strict),

    // Tests. Names are the modules' plus "Tests"; Support is shared.
    .target(name: "TestSupport", dependencies: ["Hashing"], path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "EventLogContract", dependencies: ["EventLog", "Concurrency", "TestSupport"],
      path: "Tests/EventLogContract",
      swiftSettings: strict),
    .target(
      name: "Auditor", dependencies: ["Entity", "Events", "Money"], path: "Tests/Auditor", swiftSettings: strict),
    .target(
      name: "ReplaySimulation",
      dependencies: [
        "Auditor", "Pipeline", "ShopMarts", "Projections", "Marts", "Entity", "Events", "EventLog", "EmbeddedLog",
        "Privacy", "Enrichment", "Capture", "Money", "SQLite", "Files", "Hashing", "ShopDomain", "ShopSources",
      ], path: "Tests/ReplaySimulation", swiftSettings: strict),
    .executableTarget(
      name: "millrace-proofs", dependencies: ["ReplaySimulation"], path: "Tests/Proofs",
      swiftSettings: strict),
    // A domain of its own, to see that the engine knows no other.
    .target(
      name: "Meters",
      dependencies: [
        "Capture", "EmbeddedLog", "Entity", "EventLog", "Files", "Marts", "Money", "Pipeline", "Privacy", "Projections",
        "Reports", "SQLite", "SQLiteSource", "Wire", "Text",
      ], path: "Tests/Meters", swiftSettings: strict),
    .executableTarget(
      name: "millrace-meters", dependencies: ["Meters", "Concurrency", "Pipeline"], path: "Tests/MetersTool",
      swiftSettings: strict),
    tests("MetersTests", ["Meters", "SQLite", "TestSupport", "Capture", "Pipeline"]),
    tests("SQLiteTests", ["SQLite", "Files", "TestSupport"]),
    tests("FilesTests", ["Files", "TestSupport"]),
    tests("CryptoTests", ["Crypto", "Concurrency", "TestSupport"]),
    tests("WireTests", ["Wire", "TestSupport"]),
    tests("SpreadsheetTests", ["Spreadsheet", "Files", "TestSupport"]),
    tests("YAMLTests", ["YAML", "TestSupport"]),
    tests("MoneyTests", ["Money", "TestSupport"]),
    tests("TextTests", ["Text"]),
    tests("HashingTests", ["Hashing"]),
    tests("ConcurrencyTests", ["Concurrency"]),
    tests("TelemetryTests", ["Telemetry", "Text", "Concurrency"]),
    tests("EventsTests", ["Events", "Wire", "Money", "TestSupport", "Entity", "Text"]),
    tests("RunsTests", ["Runs", "SQLite", "Files", "TestSupport", "Concurrency"]),
    tests(
      "EmbeddedLogTests",
      ["EmbeddedLog", "EventLog", "EventLogContract", "SQLite", "Files", "Concurrency", "Telemetry", "TestSupport"]),
    .target(
      name: "KafkaSupport",
      dependencies: ["CKafka", "KafkaLog", "EventLog", "Telemetry", "Concurrency", "TestSupport"],
      path: "Tests/KafkaSupport", swiftSettings: strict),
    tests(
      "KafkaLogTests",
      ["KafkaLog", "KafkaSupport", "EventLog", "EventLogContract", "Telemetry", "Files", "TestSupport", "Concurrency"]),
    tests(
      "PrivacyTests",
      [
        "Privacy", "Events", "Money", "Crypto", "SQLite", "Files", "TestSupport", "Entity", "ShopDomain", "Telemetry",
      ]),
    tests("MartsTests", ["Marts", "EventLog", "SQLite", "Files", "TestSupport", "Concurrency", "Telemetry"]),
    tests("EnrichmentTests", ["Enrichment", "YAML", "TestSupport", "Concurrency"]),
    .target(
      name: "CaptureSupport",
      dependencies: [
        "Capture", "EmbeddedLog", "Entity", "EventLog", "Events", "Files", "Money", "Privacy", "SQLite", "SQLiteSource",
        "ShopDomain", "ShopSources", "TestSupport", "Workspace",
      ], path: "Tests/CaptureSupport", swiftSettings: strict),
    tests(
      "SQLiteSourceTests",
      [
        "Capture", "CaptureSupport", "Entity", "EventLog", "Events", "Money", "SQLite", "TestSupport", "SQLiteSource",
        "ShopSources", "EmbeddedLog", "Files", "Privacy", "Wire",
      ]),
    tests("SheetSourceTests", ["Capture", "Entity", "Files", "Money", "Privacy", "SheetSource", "TestSupport"]),
    tests(
      "ShopSourcesTests",
      [
        "Capture", "CaptureSupport", "Concurrency", "EmbeddedLog", "Entity", "EventLog", "Events", "Files", "Money",
        "Privacy", "ShopSources", "Spreadsheet", "TestSupport", "SQLite", "SheetSource",
      ]),
    tests(
      "CaptureTests",
      [
        "Capture", "Events", "EventLog", "EmbeddedLog", "Privacy", "SQLite", "Files", "Money", "TestSupport", "Entity",
        "Telemetry", "CaptureSupport", "ShopSources",
      ]),
    tests(
      "ProjectionsTests",
      [
        "ShopMarts", "Projections", "Events", "Marts", "Enrichment", "SQLite", "Money", "EventLog", "Auditor",
        "TestSupport", "Entity",
      ]
    ),
    tests(
      "ReportsTests",
      [
        "ShopMarts", "Reports", "Pipeline", "Projections", "Events", "Enrichment", "Marts", "SQLite", "Money",
        "EventLog", "TestSupport", "Entity",
      ]),
    tests(
      "AdvertisingReaderTests",
      [
        "Advertising", "ShopMarts", "Projections", "Events", "Enrichment", "Marts", "Money", "EventLog", "TestSupport",
        "Entity",
      ]),
    tests("AdvertisingTests", ["Advertising", "Money", "Simulator", "Hashing", "TestSupport"]),
    tests("HealthTests", ["Health", "Marts", "EventLog", "SQLite", "TestSupport"]),
    tests(
      "PipelineTests",
      [
        "Pipeline", "ShopMarts", "Projections", "Marts", "Events", "EventLog", "EmbeddedLog", "Privacy", "Enrichment",
        "Money", "Crypto", "SQLite", "Files", "Capture", "Simulator", "TestSupport", "Entity", "Concurrency",
        "ShopDomain", "Workspace", "Telemetry",
      ]),
    tests("SimulatorTests", ["Simulator", "SQLite", "Spreadsheet", "Money", "Files", "TestSupport"]),
    tests(
      "HouseTests",
      [
        "Events", "KafkaLog", "Pipeline", "ShopMarts", "Projections", "Marts", "Simulator", "SQLite", "TestSupport",
        "Entity",
      ]),
    tests(
      "MillraceTests",
      [
        "ShopMarts", "Projections", "Reports", "TestSupport", "KafkaSupport", "KafkaLog", "SQLite", "Files",
        "EmbeddedLog", "EventLog",
      ]),
    tests(
      "WorkspaceTests",
      [
        "Workspace", "Enrichment", "KafkaLog", "Files", "TestSupport", "Failures", "Capture", "Events", "Marts",
        "Privacy", "Projections",
      ]),
    tests(
      "OperationsTests",
      [
        "Operations", "Workspace", "Pipeline", "ShopMarts", "Projections", "Capture", "Health", "Marts", "Reports",
        "EmbeddedLog", "EventLog", "Runs", "Simulator", "SQLite", "Files", "Money", "TestSupport", "Concurrency",
        "Failures", "Advertising", "Enrichment", "Privacy", "ShopDomain", "Telemetry",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// Only these targets and what they stand on, for builds that need no more and take long (tools/test-threads).
if let names = Context.environment["MILLRACE_TARGETS"] {
  var wanted = Set(names.split(separator: ",").map(String.init))
  var known = 0
  while known < wanted.count {
    known = wanted.count
    for target in package.targets where wanted.contains(target.name) {
      for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
    }
  }
  package.targets.removeAll { !wanted.contains($0.name) }
  package.products.removeAll { !wanted.contains($0.name) }
}
