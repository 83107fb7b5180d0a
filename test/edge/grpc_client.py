"""A client of the edge that is none of ours: Google's gRPC, and reflection for everything else.

grpc_client.py ADDRESS; writes one JSON document about what it saw.
"""
import json
import sys
import time

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

channel = grpc.insecure_channel(sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
pool = descriptor_pool.DescriptorPool(database)


def method(service, name):
    """A callable for a method, by its descriptor: dict in, message or iterator of messages out."""
    full = f"murmuration.edge.v1.{service}"
    found = pool.FindServiceByName(full).FindMethodByName(name)
    request = message_factory.GetMessageClass(found.input_type)
    response = message_factory.GetMessageClass(found.output_type)
    kind = channel.unary_stream if found.server_streaming else channel.unary_unary
    call = kind(
        f"/{full}/{name}",
        request_serializer=lambda one: one.SerializeToString(),
        response_deserializer=response.FromString,
    )
    return lambda body, **options: call(
        json_format.ParseDict(body, request()), **options
    )


def as_dict(message):
    return json_format.MessageToDict(message)


def main():
    seen = {"services": sorted(database.get_services())}
    step = {"id": "a", "agent": "echo", "input": {"workMs": 300, "name": "ü"}}
    submission = {"type": "plan", "plan": {"steps": [step]}}
    receipt = as_dict(method("TaskService", "SubmitTask")({"submission": submission}))
    watch = method("TaskService", "WatchTask")({"task_id": receipt["taskId"]}, timeout=20)
    seen["watch"] = [as_dict(item) for item in watch]
    waited = method("TaskService", "SubmitTask")(
        {"submission": submission, "wait_ms": 20000}, timeout=25
    )
    seen["waited"] = as_dict(waited)

    try:
        method("TaskService", "GetTask")({"task_id": "nope"}, timeout=5)
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        seen["refused"] = {
            "code": error.code().name,
            "details": error.details(),
            "names": b"TASK_NOT_FOUND" in trailers["grpc-status-details-bin"],
        }

    slow = {"type": "plan", "plan": {"steps": [{"id": "a", "agent": "echo", "input": {"workMs": 60000}}]}}
    task = as_dict(method("TaskService", "SubmitTask")({"submission": slow}))
    began = time.monotonic()
    try:
        for _item in method("TaskService", "WatchTask")({"task_id": task["taskId"]}, timeout=0.5):
            pass
    except grpc.RpcError as error:
        seen["deadline"] = {"code": error.code().name, "seconds": time.monotonic() - began}
    cancelled = method("TaskService", "CancelTask")({"task_id": task["taskId"], "reason": "done"})
    seen["cancelled"] = as_dict(cancelled)
    print(json.dumps(seen))


main()
