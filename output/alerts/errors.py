"""What goes wrong when alerts are sent."""


class DeliveryError(Exception):
    """A message that could not be sent: one sentence for a person, without secrets."""
