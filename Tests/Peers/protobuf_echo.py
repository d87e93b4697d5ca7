"""The other side of the wire: Python's protobuf reads frames by the published contract and writes them again.

Usage: protobuf_echo.py DESCRIPTOR_SET INPUT OUTPUT
INPUT: frames, each a name's length (one byte), the message's name, the frame's length (four bytes, little-endian), the frame.
OUTPUT: for each frame one byte (1 = accepted), the length of what follows (four bytes), the message serialized again without
its unknown fields; of an event of format 2 its content, too.
"""
import struct
import sys

from google.protobuf.message import DecodeError

from contract_messages import content_type, descriptor_pool, message_class


def canonical(message, classes):
    """The message written again; content that is no message of its entity raises DecodeError."""
    message.DiscardUnknownFields()
    if message.DESCRIPTOR.name == "Event" and message.format == 2 and message.content:
        # What the entity's name stood for in format 1 says what its content is.
        kind = content_type(message)
        content = classes.setdefault(kind.full_name, message_class(kind))()
        content.ParseFromString(message.content)
        content.DiscardUnknownFields()
        message.content = content.SerializeToString(deterministic=True)
    return message.SerializeToString(deterministic=True)


def main():
    descriptors, source, target = sys.argv[1:4]
    pool = descriptor_pool(descriptors)
    classes = {}
    with open(source, "rb") as stream:
        data = stream.read()
    position = 0
    with open(target, "wb") as out:
        while position < len(data):
            end = position + 1 + data[position]
            name = data[position + 1:end]
            (length,) = struct.unpack_from("<I", data, end)
            position = end + 4 + length
            if name not in classes:
                classes[name] = message_class(pool.FindMessageTypeByName("millrace.v1." + name.decode()))
            message = classes[name]()
            try:
                message.ParseFromString(data[end + 4:position])
                again = canonical(message, classes)
            except DecodeError:
                out.write(b"\0\0\0\0\0")
                continue
            out.write(b"\1" + struct.pack("<I", len(again)) + again)


main()
