"""The command: which files there are, and whether they are written or compared."""
import argparse
import dataclasses
import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from . import codec, descriptors, dictionary, fields, json_tables, keys, mapping, payload, personal, rows, rules, topics, views
from .contract import Contract, ContractError, Message, load
from .swift import file_text, format_files


@dataclasses.dataclass(frozen=True)
class Places:
    """Where a contract lies and where what is made of it goes, below the root of a checkout."""

    proto_path: str = "proto"
    entry: str = "millrace/v1/event.proto"
    swift: str = "Sources/Shop/Events/Generated"
    dictionary: str = "docs/reference/events.md"


def main(arguments: list[str], root: Path, usage: str) -> int:
    """Runs the command; 0: done or up to date, 1: out of date or a contract that cannot be kept."""
    parser = argparse.ArgumentParser(
        prog="tools/generate", description=usage, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is out of date")
    parser.add_argument("--root", type=Path, default=root, help="the checkout to work on")
    for field in dataclasses.fields(Places):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}", default=field.default, metavar="PATH", help=f"default: {field.default}")
    options = parser.parse_args(arguments)
    places = Places(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Places)})
    try:
        wanted = generate(options.root, places, root)
    except (ContractError, OSError, subprocess.CalledProcessError) as error:
        print(f"tools/generate: {error}", file=sys.stderr)
        return 1
    found = existing(options.root, places)
    if options.check:
        return check(wanted, found)
    for path in found.keys() - wanted.keys():
        (options.root / path).unlink()
    for path, text in wanted.items():
        if found.get(path) != text:
            target = options.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            print(path)
    return 0


def generate(root: Path, places: Places, home: Path) -> dict[str, str]:
    """Text of every file by its path below the root. `home`: the checkout of this tool, which has options and style."""
    contract = load([root / places.proto_path, home / Places.proto_path], places.entry)
    files: dict[str, str] = {}
    for message in contract.generated:
        files[message.swift.replace(".", "+")] = file_text(f"proto/{message.file}", _message(message, contract))
    if contract.used_enumerations:
        lines = [line for each in contract.used_enumerations for line in rows.enumeration(each) + [""]]
        sources = sorted({f"proto/{each.file}" for each in contract.used_enumerations})
        files["Enumerations"] = file_text(" and ".join(sources), lines)
    if contract.topics:
        files["Topic"] = file_text(f"proto/{contract.topics_file}", topics.topics(contract))
    if contract.personal_kinds:
        files["PersonalKinds"] = file_text(f"proto/{contract.personal_kinds_file}", personal.kinds(contract))
    files["Payload"] = file_text(f"proto/{places.entry}", payload.payload(contract))
    result = {f"{places.swift}/{name}.swift": text for name, text in _formatted(files, home / ".swift-format").items()}
    result[places.dictionary] = dictionary.page(contract, f"proto/{places.entry} and what it imports")
    return result


def _message(message: Message, contract: Contract) -> list[str]:
    """Everything that is said of one message."""
    parts = [json_tables.table(message, contract), descriptors.descriptor(message, contract)]
    if not message.is_engine:
        parts = [
            rows.structure(message, contract), fields.numbers(message), codec.conformance(message, contract),
            views.view(message), keys.natural(message), mapping.map_personal(message), rules.validation(message, contract), *parts,
        ]
    return [line for part in parts if part for line in part + [""]]


def _formatted(files: dict[str, str], configuration: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / f"{file}.swift").write_text(text)
        format_files(folder, configuration)
        return {file: (folder / f"{file}.swift").read_text() for file in files}


def existing(root: Path, places: Places) -> dict[str, str]:
    """What is there now: all of the generated folder, which holds nothing else, and the dictionary."""
    paths = [*(root / places.swift).rglob("*.swift"), root / places.dictionary]
    return {str(path.relative_to(root)): path.read_text() for path in sorted(paths) if path.exists()}


def check(wanted: dict[str, str], found: dict[str, str]) -> int:
    """Prints what would change; 1 when anything would."""
    stale = 0
    for path in sorted(wanted.keys() | found.keys()):
        old, new = found.get(path, ""), wanted.get(path, "")
        if old == new:
            continue
        stale += 1
        sys.stdout.writelines(
            difflib.unified_diff(
                old.splitlines(keepends=True), new.splitlines(keepends=True), f"{path} (as it is)", f"{path} (as generated)"))
    if stale:
        print(f"tools/generate: {stale} file(s) out of date; run tools/generate and commit what it writes", file=sys.stderr)
        return 1
    print(f"{len(wanted)} generated files are up to date")
    return 0
