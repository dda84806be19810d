"""Generated requests against the whole REST API: never a 5xx, never an answer that the document does not describe."""
from __future__ import annotations

import warnings
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.api_world import Machine, keep_files, town
from tests.builders_cases import MONDAY

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance, response_headers_conformance, response_schema_conformance, status_code_conformance,
    )

pytestmark = pytest.mark.template("api-town", town)
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 3  # of each operation


@pytest.mark.parametrize("account", [None, "staff:clerk", "public:zhang"])
def test_generated_requests_get_described_answers(account, app, clock):
    clock.set(MONDAY.replace(hour=15))
    keep_files()
    headers = Machine(app, account, at=clock.now()).headers
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    answered, failures = Counter(), []

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case):
            response = case.call(headers=headers)
            answered[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            ask()
        except BaseExceptionGroup as found:
            failures.append(f"{operation.label}: " + "; ".join(str(each) for each in found.exceptions)[:600])
        except Exception as found:
            failures.append(f"{operation.label}: {found!s:.600}")
    assert not failures, "\n".join(failures)
    assert sum(answered.values()) > 200
