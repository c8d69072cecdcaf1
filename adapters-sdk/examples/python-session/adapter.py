"""What the author of an adapter needs.

An adapter is an object with `name`, `version`, `description`, `settings_schema` (a JSON Schema), `templates` (the modules
that protoc makes of the templates' .proto files), and `open(settings, host)`, which returns a handler, or raises Refused.
A handler has coroutines for the verbs of its templates:

    check(instance, call) -> wire.Verdict            report(instances, call) -> None
    quota(instance, call) -> wire.Grant              produce(instance, call) -> wire.Produced

`instance` is an InstanceMsg of the template, `call` the wire.Call. The coroutine is cancelled when nobody waits any more.
"""


class Refused(Exception):
    """The settings are wrong: pairs of path and message. Retryable: nothing is wrong, opening failed now."""

    def __init__(self, problems, retryable=False):
        super().__init__(str(problems))
        self.problems, self.retryable = problems, retryable


class Failed(Exception):
    """There is no answer, which is no denial. `code` is one of wire.FAILURE_…"""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Host:
    """What a handler may ask of the host."""

    def __init__(self, session, number, instances):
        self.instances = instances  # pairs of name and template: what rules send here
        self._session, self._number = session, number

    def log(self, level, message):
        """A line for the host's log; level is debug, info, warn or error."""
        self._session.log(self._number, level, message)

    def invalidate(self, *keys):
        """Withdraws the answers given under these keys; without keys, all answers of the handler."""
        self._session.invalidate(self._number, keys)
