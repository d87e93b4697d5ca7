"""The contract as protoc compiles it, with the options of proto/millrace/v1/options.proto and the comments, checked."""
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from . import names

# Where the options are declared, and their package.
OPTIONS = "millrace/v1/options.proto"
PACKAGE = "millrace.v1"
# Messages that are values of fields. Their Swift types and codecs are written by hand, since they are not plain structures.
VALUES = ("Decimal", "Sealed", "Guarded", "Key")
# Messages with a oneof of their own kind, of which nothing is generated.
HAND_WRITTEN = ("Event", "Guarded", "KeyPart")
# Kinds of personal data that the engine has for records and keys of every source, with the numbers that its code gives them.
ENGINE_KINDS = {"raw_record": 12, "row_key": 13}

_Proto = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    _Proto.TYPE_INT64: "int64", _Proto.TYPE_UINT64: "uint64", _Proto.TYPE_INT32: "int32", _Proto.TYPE_FIXED64: "fixed64",
    _Proto.TYPE_STRING: "string", _Proto.TYPE_UINT32: "uint32", _Proto.TYPE_SINT32: "sint32", _Proto.TYPE_SINT64: "sint64",
    _Proto.TYPE_BYTES: "bytes",
}
# What Swift does not take as a name.
KEYWORDS = set(
    "as associatedtype break case catch class continue default defer deinit do else enum extension fallthrough false for func guard "
    "if import in init inout internal is let nil operator precedencegroup private protocol public repeat rethrows return self "
    "static struct subscript super switch throw throws true try typealias var where while".split())
# On which type a meaning may stand.
MEANINGS = {"DATE": "sint32", "MOMENT": "int64", "COUNTRY": "string", "CURRENCY": "string"}


class ContractError(Exception):
    """The contract says something that the generator cannot keep."""


@dataclass(frozen=True)
class Field:
    """One field of a message."""

    name: str
    number: int
    # A scalar's name in protobuf, "enum" or "message".
    kind: str
    # Of an enum or message: its name.
    type_name: str
    is_optional: bool
    is_repeated: bool
    comment: str
    # Kind of personal data in snake case, or "".
    personal: str
    is_required: bool
    # "DATE", "MOMENT", "COUNTRY", "CURRENCY" or "".
    meaning: str
    since: int
    swift: str
    # How one element of a list is written in JSON, or "".
    text: str
    # Of a reference to a row, which holds a whole number (what it is without this) or a `Key`: the number of the latter.
    key_number: int = 0
    # In format 1 the row's own key, which stands beside the content since.
    is_moved_to_key: bool = False

    @property
    def place_number(self) -> int:
        """The number that seals of its personal parts are tied to."""
        return self.key_number or self.number

    @property
    def personal_kind(self) -> str:
        """As `personal`; parts of a key may be personal in any contract, and are of the engine's kind where it says none."""
        return self.personal or ("row_key" if self.type_name == "Key" else "")

    @property
    def is_row(self) -> bool:
        """Holds a message that is generated, too."""
        return self.kind == "message" and self.type_name not in VALUES

    @property
    def may_be_absent(self) -> bool:
        """Whether its Swift type is optional."""
        if self.is_repeated:
            return False
        return self.is_optional or (self.kind == "message" and not self.is_required)


@dataclass(frozen=True)
class Entity:
    """What the option `entity` says."""

    name: str
    # "ROW", "OCCURRENCE" or "CONTROL".
    kind: str
    topic: str
    key: tuple[str, ...]
    route: tuple[str, ...]
    since: int
    has_rules: bool
    happens_at_occurred_at: bool
    in_place: bool


@dataclass(frozen=True)
class Message:
    """A message that becomes a Swift structure."""

    name: str
    # The file below proto/ that declares it.
    file: str
    swift: str
    comment: str
    fields: tuple[Field, ...]
    entity: Entity | None

    @property
    def parts(self) -> tuple[Field, ...]:
        """The fields that its Swift type has."""
        return tuple(field for field in self.fields if not field.is_moved_to_key)

    @property
    def has_natural_key(self) -> bool:
        """Whether the row's key is made of its own fields."""
        return self.entity is not None and bool(self.entity.key) and not any(field.is_moved_to_key for field in self.fields)

    @property
    def has_phases(self) -> bool:
        """Whether its Swift type is generic over where an event stands: it holds personal data."""
        return any(field.personal_kind for field in self.fields)

    @property
    def is_engine(self) -> bool:
        """Whether its type and codec are the engine's own, written by hand: what capture itself says on every topic."""
        return self.entity is not None and self.entity.kind == "CONTROL"

    @property
    def key_kind(self) -> str:
        """Kind of the parts of its key that are personal."""
        kinds = {field.personal for field in self.fields if field.name in self.entity.key and field.personal}
        return min(kinds, default="row_key")

    @property
    def label(self) -> str:
        """Its name in findings of the rules: "order_line"."""
        return self.entity.name if self.entity else names.snake(self.name)


@dataclass(frozen=True)
class Enumeration:
    """An enum; values without the first, which stands for none."""

    name: str
    file: str
    comment: str
    # Name without the enum's prefix in lower case, number, comment.
    values: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class PersonalKind:
    """A kind of personal data."""

    # In snake case.
    name: str
    number: int
    comment: str
    # How equal values are recognised, in lower case: "digits".
    form: str
    comes_again: bool


@dataclass
class Contract:
    """Everything that files are generated from."""

    messages: dict[str, Message] = field(default_factory=dict)
    enumerations: dict[str, Enumeration] = field(default_factory=dict)
    # Name and meaning of each topic, and the file that lists them.
    topics: tuple[tuple[str, str], ...] = ()
    topics_file: str = ""
    personal_kinds: tuple[PersonalKind, ...] = ()
    # The file that lists them.
    personal_kinds_file: str = ""
    # Number of a payload's field in `Event` and the message of its entity, in ascending order; then, without a number, entities
    # that came after format 1.
    payloads: tuple[tuple[int | None, Message], ...] = ()
    # Names of entities and topics that are gone, and never come again.
    retired: tuple[str, ...] = ()

    @property
    def generated(self) -> list[Message]:
        """Messages that files are made of: entities in the order of their payloads, each with what it holds."""
        found: dict[str, Message] = {}

        def add(message: Message) -> None:
            found.setdefault(message.name, message)
            for part in message.fields:
                if part.is_row:
                    add(self.messages[part.type_name])

        for _, message in self.payloads:
            add(message)
        return list(found.values())

    @property
    def used_enumerations(self) -> list[Enumeration]:
        """Enums of fields of these messages, in the order of the contract."""
        used = {part.type_name for message in self.generated for part in message.fields if part.kind == "enum"}
        return [enumeration for name, enumeration in self.enumerations.items() if name in used]

    def owners(self, kind: str) -> list[tuple[Message, Field]]:
        """Fields that hold one kind of personal data."""
        return [(message, part) for message in self.generated for part in message.fields if part.personal == kind]


def load(proto_paths: list[Path], entry: str) -> Contract:
    """Compiles `entry` and what it imports with protoc, and reads it. The first path that has a file counts. Raises
    ContractError."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "descriptors"
        result = subprocess.run(
            ["protoc", *(f"--proto_path={path}" for path in proto_paths), f"--descriptor_set_out={output}", "--include_imports",
             "--include_source_info", entry],
            capture_output=True, text=True)
        if result.returncode != 0:
            raise ContractError(result.stderr.strip())
        data = output.read_bytes()
    return _Reader(data).contract()


class _Reader:
    """Turns a descriptor set into a `Contract`."""

    def __init__(self, data: bytes):
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
            pool.AddSerializedFile(file.SerializeToString())
        # The pool's own class of descriptor sets knows the extensions; the package's does not.
        descriptor = pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet")
        if hasattr(message_factory, "GetMessageClass"):
            message_class = message_factory.GetMessageClass(descriptor)
        else:
            message_class = message_factory.MessageFactory(pool).GetPrototype(descriptor)
        self.files = [
            file for file in message_class.FromString(data).file
            if file.name != OPTIONS and not file.name.startswith("google/")
        ]
        self.pool = pool

    def contract(self) -> Contract:
        contract = Contract()
        events = None
        for file in self.files:
            comments = _Comments(file)
            topics = self._option(file, "topic")
            contract.retired += tuple(self._option(file, "retired"))
            if topics:
                contract.topics = tuple((topic.name, topic.meaning) for topic in topics)
                contract.topics_file = file.name
            for index, proto in enumerate(file.enum_type):
                _check_gaps(proto.name, [value.number for value in proto.value], [
                    number for gone in proto.reserved_range for number in range(gone.start, gone.end + 1)])
                enumeration = _enumeration(proto, file.name, comments, index)
                if self._option(proto, "personal_kinds"):
                    contract.personal_kinds = tuple(self._kind(value, enumeration) for value in proto.value if value.number)
                    contract.personal_kinds_file = file.name
                contract.enumerations[proto.name] = enumeration
            for index, proto in enumerate(file.message_type):
                if proto.name == "Event":
                    events = proto
                else:
                    _check_gaps(proto.name, [part.number for part in proto.field], [
                        number for gone in proto.reserved_range for number in range(gone.start, gone.end)])
                contract.messages[proto.name] = self._message(proto, file.name, comments, index)
        if events is None:
            raise ContractError("the contract has no message Event")
        contract.payloads = tuple(self._payloads(events, contract))
        _check(contract)
        return contract

    def _option(self, proto, name: str):
        extension = self.pool.FindExtensionByName(f"{PACKAGE}.{name}")
        return proto.options.Extensions[extension]

    def _has(self, proto, name: str) -> bool:
        return proto.options.HasExtension(self.pool.FindExtensionByName(f"{PACKAGE}.{name}"))

    def _kind(self, proto, enumeration: Enumeration) -> PersonalKind:
        name, number, comment = next(value for value in enumeration.values if value[1] == proto.number)
        form = self._word("CanonicalForm.Kind", self._option(proto, "form"))
        if not form:
            raise ContractError(f"{proto.name}: a kind of personal data needs the option `form`")
        return PersonalKind(name, number, comment, form.lower(), self._option(proto, "comes_again"))

    def _word(self, enumeration: str, number: int) -> str:
        """The name of an option's value; "" for none."""
        return self.pool.FindEnumTypeByName(f"{PACKAGE}.{enumeration}").values_by_number[number].name if number else ""

    def _message(self, proto, file: str, comments: "_Comments", index: int) -> Message:
        fields = tuple(self._fields(proto, comments, index))
        entity = None
        if self._has(proto, "entity"):
            value = self._option(proto, "entity")
            entity = Entity(
                name=value.name, kind=value.DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number[value.kind].name,
                topic=value.topic, key=tuple(value.key), route=tuple(value.route), since=value.since or 1,
                has_rules=value.has_rules, happens_at_occurred_at=value.happens_at_occurred_at, in_place=value.in_place)
        return Message(
            name=proto.name, file=file, swift=self._option(proto, "swift_type") or proto.name,
            comment=comments.of(4, index), fields=fields, entity=entity)

    def _fields(self, proto, comments: "_Comments", index: int):
        """Its fields; the two members of a reference are one."""
        for place, part in enumerate(proto.field):
            comment = comments.of(4, index, 2, place)
            if not part.HasField("oneof_index") or part.proto3_optional or proto.name in HAND_WRITTEN:
                yield self._field(part, comment)
                continue
            members = [each for each in proto.field if each.HasField("oneof_index") and each.oneof_index == part.oneof_index]
            integer, key = members if len(members) == 2 else (part, part)
            if (integer.type, key.type_name.split(".")[-1]) != (_Proto.TYPE_INT64, "Key"):
                raise ContractError(f"{proto.name}.{part.name}: a oneof holds an int64 and a Key, which is a reference to a row")
            if part is not integer:
                continue
            reference = self._field(key, comments.of(4, index, 8, part.oneof_index) or comment)
            yield replace(
                reference, name=integer.name, number=integer.number, key_number=key.number,
                swift=self._option(integer, "swift_name") or names.lower_camel(integer.name), since=1,
                is_optional=not reference.is_required)

    def _field(self, proto, comment: str) -> Field:
        kind = SCALARS.get(proto.type)
        if proto.type == _Proto.TYPE_ENUM:
            kind = "enum"
        elif proto.type == _Proto.TYPE_MESSAGE:
            kind = "message"
        if kind is None:
            raise ContractError(f"{proto.name}: fields of this type are not generated")
        return Field(
            name=proto.name, number=proto.number, kind=kind, type_name=proto.type_name.split(".")[-1],
            is_optional=proto.proto3_optional, is_repeated=proto.label == _Proto.LABEL_REPEATED, comment=comment,
            personal=self._option(proto, "personal"), is_required=self._option(proto, "required"),
            meaning=self._word("Meaning.Kind", self._option(proto, "meaning")), since=self._option(proto, "since") or 1,
            swift=self._option(proto, "swift_name") or names.lower_camel(proto.name), text=self._option(proto, "text"),
            is_moved_to_key=self._option(proto, "moved_to_key"))

    def _payloads(self, events, contract: Contract):
        """Number and message of each member of the oneof `payload`, in ascending order."""
        for part in sorted((part for part in events.field if part.HasField("oneof_index")), key=lambda part: part.number):
            name = part.type_name.split(".")[-1]
            row = name.removesuffix("Change")
            message = contract.messages[row]
            if message.entity is None or message.entity.name != part.name:
                raise ContractError(f"Event.{part.name} holds {row}, which is no entity of this name")
            if (message.entity.kind == "ROW") != (row != name):
                raise ContractError(f"Event.{part.name}: a row, and only a row, stands in a message {row}Change")
            _check_change(contract, message)
            yield part.number, message
        numbered = {part.type_name.split(".")[-1].removesuffix("Change") for part in events.field}
        for message in contract.messages.values():
            if message.entity is None or message.name in numbered:
                continue
            if message.entity.since < 2:
                raise ContractError(
                    f"{message.name}: an entity without a field in `Event` is not of format 1; say `since: 2` or later")
            _check_change(contract, message)
            yield None, message


def _check_change(contract: Contract, message: Message) -> None:
    """Whether a row has the message that its events hold."""
    if message.entity.kind != "ROW":
        return
    name = f"{message.name}Change"
    change = contract.messages.get(name)
    if change is None or [(each.name, each.number, each.type_name) for each in change.fields] != [
        ("before", 1, message.name), ("after", 2, message.name)
    ]:
        raise ContractError(f"{name} must hold {message.name} before = 1 and {message.name} after = 2")


def _check_gaps(name: str, used: list[int], reserved: list[int]) -> None:
    """A number that is neither used nor reserved was taken away without a trace, and would be given out again. That reserved
    numbers and names are not used, protoc holds."""
    missing = sorted(set(range(1, max(used, default=0))) - set(used) - set(reserved))
    if missing:
        raise ContractError(f"{name}: {', '.join(map(str, missing))} is neither used nor reserved; a number that goes is reserved")


class _Comments:
    """Comments of a file by the path of what they stand above."""

    def __init__(self, file):
        self.by_path = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}

    def of(self, *path: int) -> str:
        return " ".join(self.by_path.get(path, "").split())


def _enumeration(proto, file: str, comments: _Comments, index: int) -> Enumeration:
    prefix = names.snake(proto.name).upper() + "_"
    values = []
    for place, value in enumerate(proto.value):
        if not value.name.startswith(prefix):
            raise ContractError(f"{value.name} must begin with {prefix}")
        if value.number != 0:
            values.append((value.name.removeprefix(prefix).lower(), value.number, comments.of(5, index, 2, place)))
    return Enumeration(name=proto.name, file=file, comment=comments.of(5, index), values=tuple(values))


def _check(contract: Contract) -> None:
    """Whether every option says something that can be kept."""
    seen: set[str] = set()
    for name in [*(name for name, _ in contract.topics), *(message.entity.name for _, message in contract.payloads)]:
        if name in contract.retired:
            raise ContractError(f"{name}: this name is retired, and never stands for something else")
    for _, message in contract.payloads:
        if message.entity.name in seen:
            raise ContractError(f"{message.name}: another entity is called {message.entity.name}, too")
        if message.entity.name in KEYWORDS:
            raise ContractError(f"{message.name}: {message.entity.name} is a word of Swift; give the entity a longer name")
        seen.add(message.entity.name)
    for kind in contract.personal_kinds:
        is_engines = kind.name in ENGINE_KINDS or kind.number in ENGINE_KINDS.values()
        if is_engines and ENGINE_KINDS.get(kind.name) != kind.number:
            raise ContractError(f"{kind.name}: 12 is the engine's raw_record, 13 its row_key")
    for message in contract.generated:
        for part in message.fields:
            _check_field(contract, message, part)
        entity = message.entity
        if entity is None:
            continue
        own = {part.name for part in message.fields}
        unknown = [name for name in entity.key + entity.route if "." not in name and name not in own]
        if unknown:
            raise ContractError(f"{message.name}: key or route names no field: {', '.join(unknown)}")
        if entity.kind == "ROW" and not entity.key and entity.since < 2:
            raise ContractError(f"{message.name}: a row of format 1 needs a key")
        key = [part for part in message.fields if part.name in entity.key]
        if any(part.type_name == "Key" and not part.key_number for part in key):
            raise ContractError(f"{message.name}: a key of any type stands beside the content, and is no field")
        moved = [part for part in message.fields if part.is_moved_to_key]
        if moved and (len(moved) != 1 or moved != key or moved[0].kind != "int64"):
            raise ContractError(f"{message.name}: what moves to the key is all of the key, and a whole number")
        if len({part.personal_kind for part in key if part.personal_kind} - ({"row_key"} if len(key) > 1 else set())) > 1:
            raise ContractError(f"{message.name}: the personal parts of a key are of one kind")
        if (entity.kind == "CONTROL") != (not entity.topic):
            raise ContractError(f"{message.name}: all but control events have a topic")
        if entity.topic and entity.topic not in {name for name, _ in contract.topics}:
            raise ContractError(f"{message.name}: no topic is called {entity.topic}")
        if not message.comment:
            raise ContractError(f"{message.name}: an entity needs a comment that says what it is")


def _check_field(contract: Contract, message: Message, part: Field) -> None:
    where = f"{message.name}.{part.name}"
    if part.swift in KEYWORDS:
        raise ContractError(f"{where}: {part.swift} is a word of Swift; say another with `swift_name`")
    if (part.type_name in ("Sealed", "Guarded")) != bool(part.personal) and part.type_name != "Key":
        raise ContractError(f"{where}: Sealed and Guarded fields, keys, and nothing else, have the option `personal`")
    if part.type_name == "Key" and part.is_repeated:
        raise ContractError(f"{where}: a key of several parts is one Key")
    if part.personal and part.personal not in {kind.name for kind in contract.personal_kinds}:
        raise ContractError(f"{where}: no kind of personal data is called {part.personal}")
    if part.meaning and MEANINGS[part.meaning] != part.kind:
        raise ContractError(f"{where}: {part.meaning} stands on {MEANINGS[part.meaning]}")
    if part.is_required and (part.kind != "message" or part.is_repeated):
        raise ContractError(f"{where}: only a single message can be required")
    if part.is_repeated and not (part.is_row or part.kind == "string"):
        raise ContractError(f"{where}: only lists of messages and of texts are generated")
    if part.is_repeated and part.is_row and not part.text:
        raise ContractError(f"{where}: a list of messages needs the option `text`")
    if part.is_row and contract.messages[part.type_name].has_phases:
        raise ContractError(f"{where}: personal data stands in entities themselves, not in what they hold")
    if part.kind == "bytes":
        raise ContractError(f"{where}: plain bytes have no form in JSON")
    if part.is_row and part.is_required:
        raise ContractError(f"{where}: only values can be required")
