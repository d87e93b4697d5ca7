"""The other side of the tokenized stream: holds JSON objects against their schema and against what Python's protobuf reads
from the sealed event that each was made of.

Usage: json_compare.py DESCRIPTOR_SET SCHEMA INPUT
INPUT: pairs, each the length of an event (four bytes, little-endian), the event, the length of its object, the object. Tokens
in the objects must be the key ids of the seals. Prints how many pairs agree; the first that does not ends the run.
"""
import datetime
import decimal
import json
import struct
import sys
import uuid

from jsonschema import Draft202012Validator

from contract_messages import content_type, descriptor_pool, message_class

LAST_DAY = 2932896
EPOCH = datetime.date(1970, 1, 1)
# What the contract says about names: milliseconds, days.
MOMENTS = {"created_at", "updated_at", "returned_at", "event_time", "status_updated_at", "occurred_at", "captured_at", "read_up_to"}
# Fields that were the row's key in format 1, and stand beside the row in every object.
MOVED = {
    "order": "order_id", "order_line": "line_id", "product": "product_id", "customer": "customer_id", "store": "store_id",
    "shipment": "shipment_id",
}
# Fields that make the key in either format.
NATURAL = {
    "company": ["tax_number"], "supplier_price": ["company", "product_id", "valid_from"], "country": ["code"],
    "exchange_rate": ["date", "currency"], "stock": ["product_id", "location"], "lead": ["lead_id"],
    "spend": ["date", "market", "channel", "campaign"],
}
DAYS = {"order_date", "valid_from", "date", "promised_date", "first_date", "last_date"}


def no_floats(text):
    raise AssertionError(f"a binary fraction: {text}")


def day(days):
    return (EPOCH + datetime.timedelta(days=days)).isoformat() if 0 <= days <= LAST_DAY else None


def moment(millis):
    date = day(millis // 86_400_000)
    rest = millis % 86_400_000
    seconds, millis = divmod(rest, 1000)
    return date and f"{date}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}Z"


def name(field, value):
    known = field.enum_type.values_by_number.get(value)
    if known is None or value == 0:
        return f"unknown:{value}"
    prefix = "".join("_" + c if c.isupper() else c for c in field.enum_type.name).lstrip("_").upper() + "_"
    return known.name.removeprefix(prefix).lower()


def exact(value):
    number = decimal.Decimal(value.unscaled).scaleb(-value.scale)
    return f"{number:.{value.scale}f}"


def reference(message, field):
    """The key that a reference holds, as a number or as a key; one that is not there and has to be is 0."""
    oneof = field.containing_oneof
    case = message.WhichOneof(oneof.name)
    if case is None:
        return "0" if (message.DESCRIPTOR.name, oneof.name) not in OPTIONAL else None
    value = getattr(message, case)
    return str(value) if case == field.name else key_text(value)


OPTIONAL = {("Order", "customer"), ("Order", "store"), ("Order", "parent_order")}


def is_reference(field):
    return field.containing_oneof is not None and len(field.containing_oneof.fields) == 2


def row(message, moved=None):
    """The members of a row by the rules of the page. `moved`: the field that stands beside the row."""
    members = {}
    for field in message.DESCRIPTOR.fields:
        if field.label == field.LABEL_REPEATED or field.name == moved:
            continue
        if is_reference(field):
            if field.name.endswith("_id"):
                members[field.name] = reference(message, field)
            continue
        kind = field.message_type.name if field.message_type else None
        has_presence = kind is not None or field.containing_oneof is not None
        value = getattr(message, field.name) if not has_presence or message.HasField(field.name) else None
        if kind == "Sealed":
            members[field.name + "_token"] = value and value.key.hex()
        elif kind == "Guarded":
            case = value and value.WhichOneof("value")
            members[field.name] = value.open if case == "open" else None
            members[field.name + "_token"] = value.personal.key.hex() if case == "personal" else None
        elif kind == "Key":
            members[field.name] = value and key_text(value)
        elif kind == "Decimal":
            members[field.name] = None if value is None else exact(value)
        elif value is None:
            members[field.name] = None
        elif field.enum_type:
            members[field.name] = name(field, value)
        elif field.name in MOMENTS:
            members[field.name] = moment(value)
        elif field.name in DAYS:
            members[field.name] = day(value)
        elif field.type == field.TYPE_FIXED64:
            members[field.name] = f"{value:016x}"
        else:
            members[field.name] = value
    return members


def decision(message):
    """A decision and its recommendation in one row; what is repeated in it as texts."""
    members = {"kind": message.kind, "by": message.by}
    members["inputs"] = [f"{p.topic}/{p.partition}@{p.next_offset}" for p in message.inputs]
    advice = message.recommendation
    if message.HasField("recommendation"):
        members |= row(advice)
    else:
        members |= {field.name: None for field in advice.DESCRIPTOR.fields if field.name != "rows"}
    members["rows"] = [
        f"{r.market}/{r.channel} {r.amount_minor} {r.expected_return_minor} {r.low_minor} {r.high_minor}: {r.reason}"
        for r in advice.rows
    ]
    return members


def key_part(part):
    """One part of a key by the rules of the page; a seal's token is its key's id."""
    case = part.WhichOneof("value")
    value = getattr(part, case)
    if case == "integer":
        return str(value)
    if case == "text":
        return "'" + value.replace("'", "''") + "'"
    if case == "uuid":
        return str(uuid.UUID(bytes=value))
    return f"x'{value.hex()}'" if case == "bytes" else f"token:{value.key.hex()}"


def key_text(key):
    return joined([key_part(part) for part in key.parts])


def joined(parts):
    return parts[0] if len(parts) == 1 else f"({','.join(parts)})"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def natural_part(message, name):
    """One field of a row as parts of its key."""
    field = message.DESCRIPTOR.fields_by_name[name]
    if is_reference(field):
        return reference(message, field)
    value = getattr(message, name)
    if field.message_type and field.message_type.name == "Guarded":
        return quoted(value.open) if value.WhichOneof("value") != "personal" else f"token:{value.personal.key.hex()}"
    return quoted(day_text(value) if name in DAYS else value)


def day_text(days):
    """As days are written, of any year that Python has none of, too."""
    return day(days) or swift_day(days)


def swift_day(days):
    """Days of the proleptic Gregorian calendar by the usual arithmetic, for years that Python's own dates do not reach."""
    days += 719_468
    era, rest = divmod(days, 146_097)
    year = (rest - rest // 1_460 + rest // 36_524 - rest // 146_096) // 365
    rest -= 365 * year + year // 4 - year // 100
    month = (5 * rest + 2) // 153
    date = rest - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (month <= 2)
    sign = "-" if year < 0 else "+" if year > 9_999 else ""
    return f"{sign}{abs(year):04}-{month:02}-{date:02}"


def event_key(event, kind, payload):
    if event.HasField("key"):
        return key_text(event.key)
    if event.format != 1 or not (kind in MOVED or kind in NATURAL):
        return None
    newest = payload.after if payload.HasField("after") else payload.before
    if kind in MOVED:
        return str(getattr(newest, MOVED[kind]))
    return joined([natural_part(newest, name) for name in NATURAL[kind]])


def content(event):
    """What the event is about: its name and its message, of either format."""
    if event.format == 1:
        kind = event.WhichOneof("payload")
        return kind, getattr(event, kind)
    payload = message_class(content_type(event))()
    payload.ParseFromString(event.content)
    return event.entity, payload


def expected(event, place):
    kind, payload = content(event)
    names = {field.name for field in payload.DESCRIPTOR.fields}
    before, after, rejected = None, None, None
    if kind == "rejected":
        rejected = {
            "stage": "capture", "reason": payload.reason, "detail": payload.detail, "raw_bytes": None,
            "value_bytes": None,
        }
    elif names == {"before", "after"}:
        before = row(payload.before, MOVED.get(kind)) if payload.HasField("before") else None
        after = row(payload.after, MOVED.get(kind)) if payload.HasField("after") else None
    elif kind == "decision":
        after = decision(payload)
    else:
        after = row(payload)
    return {
        "format": 2, "token_version": 7, "topic": place[0], "partition": place[1], "offset": place[2],
        "event_id": f"{event.source}/{event.epoch}/{place[0]}/{place[1]}/{event.number}",
        "source": event.source, "epoch": event.epoch, "number": event.number, "kind": kind, "key": event_key(event, kind, payload),
        "operation": name(event.DESCRIPTOR.fields_by_name["operation"], event.operation),
        "occurred_at": moment(event.occurred_at), "captured_at": moment(event.captured_at),
        "position_stream": event.position.stream, "position_record": event.position.record,
        "position_index": event.position.index,
        "version_major": event.version.major, "version_minor": event.version.minor, "flags": list(event.flags),
        "before": before, "after": after, "rejected": rejected,
    }


def main():
    descriptors, schema, source = sys.argv[1:4]
    decimal.getcontext().prec = 40
    pool = descriptor_pool(descriptors)
    descriptor = pool.FindMessageTypeByName("millrace.v1.Event")
    event_class = message_class(descriptor)
    with open(schema, encoding="utf-8") as stream:
        rules = json.load(stream)
    Draft202012Validator.check_schema(rules)
    validator = Draft202012Validator(rules)
    with open(source, "rb") as stream:
        data = stream.read()
    position = 0
    pairs = 0
    while position < len(data):
        parts = []
        for _ in range(2):
            (length,) = struct.unpack_from("<I", data, position)
            parts.append(data[position + 4:position + 4 + length])
            position += 4 + length
        event = event_class()
        event.ParseFromString(parts[0])
        # Strict UTF-8, no two members of one name, no fractions, nothing that a line or a terminal stumbles over.
        text = parts[1].decode("utf-8")
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" for c in text), text
        members = []
        found = json.loads(
            text, parse_float=no_floats,
            object_pairs_hook=lambda pairs: members.append(len(pairs) == len(dict(pairs))) or dict(pairs))
        assert all(members), text
        place = (found["topic"], found["partition"], found["offset"])
        wanted = expected(event, place)
        assert found == wanted, "\n".join(
            f"{key}: found {found.get(key)!r}, expected {wanted.get(key)!r}"
            for key in {**found, **wanted} if found.get(key) != wanted.get(key))
        assert list(found) == list(wanted), list(found)
        error = next(validator.iter_errors(found), None)
        assert error is None, error
        # The schema is no open door: without any of its members an object is refused.
        missing = dict(found)
        del missing[list(found)[pairs % len(found)]]
        assert not validator.is_valid(missing), missing
        pairs += 1
    print(pairs)


main()
