"""The published contract as Python's protobuf sees it. Descriptors are loaded at run time, so that any version of the package
will do.
"""
from google.protobuf import descriptor_pb2, descriptor_pool as pools, message_factory


def descriptor_pool(path):
    """All types of a compiled descriptor set."""
    pool = pools.DescriptorPool()
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as stream:
        files.ParseFromString(stream.read())
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def message_class(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory().GetPrototype(descriptor)


def content_type(event):
    """An entity that format 1 had has a field in the event; for a later one the message has its name."""
    field = event.DESCRIPTOR.fields_by_name.get(event.entity)
    if field is not None:
        return field.message_type
    name = "".join(word.capitalize() for word in event.entity.split("_"))
    types = event.DESCRIPTOR.file.pool
    try:
        return types.FindMessageTypeByName(f"millrace.v1.{name}Change")
    except KeyError:
        return types.FindMessageTypeByName(f"millrace.v1.{name}")
