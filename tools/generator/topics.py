"""The topics by name."""
from . import names
from .contract import Contract


def topics(contract: Contract) -> list[str]:
    """One constant for each topic, and all of them."""
    lines = ["/// Topics and what stands on them.", "package enum Topic {"]
    for name, meaning in contract.topics:
        lines += names.doc(meaning, "  ")
        lines.append(f"  package static let {names.lower_camel(name)} = {names.swift_text(name)}")
    listed = ", ".join(names.lower_camel(name) for name, _ in contract.topics)
    return lines + ["", "  /// In the order in which people see them.", f"  package static let all = [{listed}]", "}"]
