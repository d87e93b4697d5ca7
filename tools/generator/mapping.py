"""The same row in another phase: each personal field goes through a transformation, in the order of declaration."""
from .contract import Contract, Field, Message
from . import names


def map_personal(message: Message) -> list[str]:
    """The mapping of a message that holds personal data; nothing for others."""
    if not message.has_phases:
        return []
    is_row = message.entity is not None and message.entity.kind == "ROW"
    arguments = [f"{part.swift}: {_mapped(part, 'state' if is_row else '.once')}" for part in message.parts]
    return [
        f"extension {message.swift} {{",
        "  /// Personal fields are sealed and opened in this order.",
        "  @inline(__always)",
        "  func mapPersonal<Q: Phase, E: Error>(",
        "    " + ("_ state: PersonalPlace.State, " if is_row else "")
        + "_ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field",
        f"  ) throws(E) -> {message.swift}<Q> {{",
        f"    {message.swift}<Q>(",
        *[f"      {argument}{',' if index < len(arguments) - 1 else ')'}" for index, argument in enumerate(arguments)],
        "  }",
        "}",
    ]


def kind(part: Field) -> str:
    """The case of `PersonalField`."""
    return "." + names.lower_camel(part.personal_kind)


def place(part: Field, state: str) -> str:
    """Where in its event a personal value stands. `state`: an expression."""
    return f"PersonalPlace({kind(part)}, {state}, {part.place_number})"


# Names that the mapping uses itself.
_TAKEN = {"state", "transform"}


def _mapped(part: Field, state: str) -> str:
    own = f"self.{part.swift}" if part.swift in _TAKEN else part.swift
    if not part.personal_kind:
        return own
    if part.may_be_absent:
        return f"try mapOptional({own}, {place(part, state)}, transform)"
    if part.type_name in ("Guarded", "Key"):
        return f"try {own}.mapPersonal({place(part, state)}, transform)"
    return f"try transform({own}, {place(part, state)})"
