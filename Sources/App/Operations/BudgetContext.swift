package import Advertising
internal import Capture
internal import Enrichment
internal import Entity
internal import Events
internal import Failures
internal import Health
internal import Marts
package import Money
internal import Privacy
internal import Projections
internal import ShopMarts
internal import ShopSources
package import Workspace

/// Questions about advertising budgets, asked of a workspace's marts on one day.
package struct BudgetContext {
  package let workspace: Workspace
  package let configuration: Configuration
  /// The currency that sums are told in.
  package let base: Currency
  package let now: Timestamp
  /// The last day that counts.
  package let asOf: CivilDate

  /// Reads the configuration; throws `.configuration` for one whose currency is none. `asOf` is by default the day of
  /// `now`.
  package init(_ workspace: Workspace, asOf: CivilDate? = nil, now: Timestamp = Workspace.clock()) throws {
    self.workspace = workspace
    configuration = try workspace.configuration()
    base = try configuration.currency()
    self.now = now
    self.asOf = asOf ?? now.day
  }

  /// The marts that budgets are made from; throws where one is missing.
  package func reader() throws -> AdvertisingReader { try AdvertisingReader(marts: workspace.martsFolder) }

  /// `days`: nil for all full weeks. Staff count for nothing.
  package func query(_ days: ClosedRange<CivilDate>? = nil) throws -> AdvertisingQuery {
    var query = AdvertisingQuery(asOf: asOf, days: days, baseCurrency: base, staff: try staff())
    query.placeholders = Identities.words(configuration.placeholders)
    return query
  }

  /// What happened in these days; nil: in all full weeks, up to two years.
  package func history(_ days: ClosedRange<CivilDate>? = nil) throws -> AdvertisingHistory {
    try reader().read(query(days))
  }

  /// Names and addresses of staff become tokens only here, so that no mart has to be rebuilt when somebody comes or
  /// goes.
  private func staff() throws -> AdvertisingQuery.Staff {
    var staff = AdvertisingQuery.Staff()
    guard !configuration.staffUsers.isEmpty || !configuration.staffNetworks.isEmpty else { return staff }
    let keyring = try workspace.keyring()
    let vault = try workspace.vaultToRead(keyring)
    // A mart that was not rebuilt yet has tokens of an older version.
    for version in 1...keyring.tokenVersion {
      let tokenizer = try Tokenizer(keyring, version: version, vault: vault)
      for system in configuration.loginSystems {
        let scope = SystemScope(system, first: SourceName.platform)
        for name in configuration.staffUsers {
          staff.users.insert(try tokenizer.token(of: scope.user(PersonalData(name)), field: .user).bytes)
        }
      }
      for block in configuration.staffNetworks {
        for address in block.addresses {
          staff.addresses.insert(try tokenizer.token(of: PersonalData(address), field: .ip).bytes)
        }
      }
    }
    return staff
  }

  /// Why the marts are not to be trusted now, as sentences.
  package func unfitness() throws -> [String] {
    let names = AdvertisingReader.marts
    let health = try HealthReport(
      marts: workspace.martsFolder, names: names,
      sources: configuration.sourcesByMart(Shop.registry).filter { names.contains($0.key) },
      rules: configuration.healthRules, quarantine: workspace.quarantineRules(),
      nowMillis: now.millis)
    return health.marts.flatMap { mart in mart.reasons.map { "\(mart.name): \($0)" } }
  }
}

/// The data do not carry an answer.
package struct BudgetRefusal: Error {
  /// What is missing, as sentences.
  package var reasons: [String]
  /// Whether a plan could be forced all the same.
  package var canBeForced: Bool

  package init(_ reasons: [String], canBeForced: Bool = false) {
    self.reasons = reasons
    self.canBeForced = canBeForced
  }
}

extension Configuration {
  /// `base_currency`, checked.
  package func currency() throws(Failure) -> Currency {
    guard let currency = Currency(baseCurrency) else {
      throw Failure(
        .configuration, "base_currency '\(printable(baseCurrency))' in millrace.yaml is no ISO 4217 currency")
    }
    return currency
  }
}
