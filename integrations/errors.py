"""How a call to the outside can fail. What the caller does next depends on which it is."""


class PartnerError(Exception):
    """A call to another system did not succeed."""


class PartnerUnreachable(PartnerError):
    """No answer, or an answer that says "later". Whether the call had an effect is unknown: repeat it with its key."""


class PartnerRefused(PartnerError):
    """The other system read the call and will not have it. Repeating it changes nothing; a person must look."""
