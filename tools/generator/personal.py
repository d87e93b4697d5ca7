"""The kinds of personal data: what tokens and seals are derived from."""
from . import names
from .contract import ENGINE_KINDS, Contract


def kinds(contract: Contract) -> list[str]:
    """One constant for each kind."""
    lines = ["extension PersonalField {"]
    for kind in contract.personal_kinds:
        if kind.name in ENGINE_KINDS:
            lines.append(f"  // {kind.number} is the engine's own `{names.lower_camel(kind.name)}`.")
            continue
        again = ", comesAgain: true" if kind.comes_again else ""
        lines += names.doc(kind.comment, "  ")
        lines.append(
            f"  package static var {names.lower_camel(kind.name)}: PersonalField "
            f"{{ PersonalField({kind.number}, .{names.lower_camel(kind.form)}{again}) }}")
    pairs = ", ".join(f"({names.swift_text(kind.name)}, {names.lower_camel(kind.name)})" for kind in contract.personal_kinds)
    return lines + [
        "",
        "  /// Every one there is, with its name in the contract.",
        f"  package static var named: [(name: String, field: PersonalField)] {{ [{pairs}] }}",
        "",
        "  /// Every one there is.",
        "  package static var allCases: [PersonalField] { named.map(\\.field) }",
        "}",
    ]
