package import Entity
package import Events
package import Privacy

extension Sealer {
  /// Seals every personal field with the key that `key` gives for it. The event must have its number already.
  package func seal(
    _ event: Event<Person>, topic: String, partition: Int32,
    key: (PersonalField) throws(PrivacyError) -> PersonKey
  ) throws(PrivacyError) -> Event<SealedPerson> {
    begin(event.envelope, entity: event.payload.kind, topic: topic, partition: partition)
    do {
      return try event.sealingPersonal { value, place in try seal(value, place, with: try key(place.field)) }
    } catch {
      throw .only(error)
    }
  }
}

extension Tokenizer {
  /// Opens every seal within `scope` and puts its token in its place; the others stay closed: whether they would open
  /// is not looked at. Errors: those of `token(of:_:)`.
  package func tokenize(
    _ event: Event<SealedPerson>, topic: String, partition: Int32, scope: PersonalScope = .everything
  ) throws(PrivacyError) -> Event<PersonToken> {
    try tokenize(
      SealedContent(payload: event.payload, key: event.key), event.envelope, topic: topic, partition: partition,
      scope: scope)
  }

  /// The same for an event whose envelope stands apart.
  package func tokenize(
    _ content: SealedContent, _ envelope: consuming Envelope, topic: String, partition: Int32, scope: PersonalScope
  ) throws(PrivacyError) -> Event<PersonToken> {
    var hasBegun = false
    do {
      return try content.tokenizingPersonal(copy envelope, scope) { sealed, place in
        if !hasBegun {
          hasBegun = true
          begin(envelope, entity: content.payload.kind, topic: topic, partition: partition)
        }
        return try token(of: sealed, place)
      }
    } catch {
      throw .only(error)
    }
  }
}
