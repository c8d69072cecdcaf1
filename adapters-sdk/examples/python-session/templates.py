"""What the protocol wants to know of a template, read from the module that protoc made of its .proto file."""
from google.protobuf import descriptor_pb2
from istio.mixer.adapter.model.v1beta1 import extensions_pb2
from outboard.adapter.v1 import session_pb2 as wire

# By the number of the variety: check, report, quota, attribute generator, check with output.
VERBS = [wire.VERB_CHECK, wire.VERB_REPORT, wire.VERB_QUOTA, wire.VERB_PRODUCE, wire.VERB_CHECK]


def verb_of(module):
    return VERBS[module.DESCRIPTOR.GetOptions().Extensions[extensions_pb2.template_variety]]


def template_name(module):
    return module.DESCRIPTOR.GetOptions().Extensions[extensions_pb2.template_name]


def descriptor_set(module):
    """The template's file and everything it imports, what is imported first."""
    files, seen = descriptor_pb2.FileDescriptorSet(), set()

    def add(file):
        if file.name in seen:
            return
        seen.add(file.name)
        for imported in file.dependencies:
            add(imported)
        file.CopyToProto(files.file.add())

    add(module.DESCRIPTOR)
    return files.SerializeToString()
