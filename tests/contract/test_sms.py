"""The SMS adapter against its sandbox."""
import pytest
import requests

from integrations.errors import PartnerRefused, PartnerUnreachable
from integrations.sms.adapter import HttpSms
from integrations.sms.sandbox import SmsSandbox
from tests.conftest import NOON

KEY = "shared key"


@pytest.fixture
def gateway():
    with SmsSandbox(KEY, lambda: NOON) as sandbox:
        yield sandbox


def send(gateway, *, key="sms:1", phone="13800000001", text="您的申请已受理", secret=KEY, at=NOON):
    return HttpSms(gateway.url, secret).send(key=key, phone=phone, text=text, at=at)


def test_a_message_arrives_once_however_often_it_is_sent(gateway):
    assert send(gateway) == send(gateway) == "SMS-1"
    assert [entry["text"] for entry in gateway.received] == ["您的申请已受理"]


@pytest.mark.parametrize("wrong", [{"phone": "123"}, {"text": ""}, {"secret": "other"}])
def test_a_wrong_message_is_refused(gateway, wrong):
    with pytest.raises(PartnerRefused):
        send(gateway, **wrong)
    assert gateway.received == []


def test_a_gateway_that_is_away_is_unreachable():
    with pytest.raises(PartnerUnreachable):
        HttpSms("http://127.0.0.1:9", KEY).send(key="k", phone="13800000001", text="x", at=NOON)


def test_an_answer_lost_on_the_way_is_repeated_without_a_second_effect(gateway):
    gateway.next_status = 502
    with pytest.raises(PartnerUnreachable):
        send(gateway)
    assert send(gateway) == "SMS-1" and len(gateway.received) == 1


def test_the_sandbox_shows_what_it_was_asked_to_send(gateway):
    send(gateway, text="<b>请到窗口</b>")
    assert "&lt;b&gt;请到窗口" in requests.get(gateway.url, timeout=5).content.decode()
    assert requests.get(f"{gateway.url}/received", timeout=5).json()[0]["phone"] == "13800000001"
