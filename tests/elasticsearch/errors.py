"""What is raised when no server can be had."""

from mention import UserError


class ServerError(UserError):
    """No test server can be had. The message is one sentence and the next step."""
