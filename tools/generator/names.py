"""How names of the contract are written elsewhere, and how its comments are set."""
import textwrap


def words(name: str) -> list[str]:
    """"order_id" or "OrderLine" in lower-case words."""
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return [word for word in spaced.split("_") if word]


def upper_camel(name: str) -> str:
    """"order_id" → "OrderID"."""
    return "".join("ID" if word == "id" else word[:1].upper() + word[1:] for word in words(name))


def lower_camel(name: str) -> str:
    """"order_id" → "orderID"; a first word stays in lower case: "ip"."""
    first, *rest = words(name)
    return first + "".join(upper_camel(word) for word in rest)


def snake(name: str) -> str:
    """"OrderLine" → "order_line"."""
    return "_".join(words(name))


def doc(text: str, indent: str = "") -> list[str]:
    """A documentation comment of Swift, at most 120 columns wide; no lines for no text."""
    return [f"{indent}/// {line}" for line in textwrap.wrap(text, 116 - len(indent), break_on_hyphens=False)]


def sentence(*parts: str) -> str:
    """Parts of a description as sentences; empty ones are left out."""
    return " ".join(part if part.endswith((".", "…")) else part + "." for part in parts if part)


def note(*parts: str) -> str:
    """Parts of a description as one remark, which begins in lower case and has no full stop."""
    text = "; ".join(part.removesuffix(".") for part in parts if part)
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def swift_text(text: str) -> str:
    """A literal of Swift."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
