"""Demo accounts: made once, one for each role and department, with a password that staff may have."""
import pytest

from engine.db import db, unit_of_work
from parallel.items.departments import shipped_departments
from tests.builders import PASSWORD, fill_catalogue
from webapp.identity.demo_accounts import create_demo_accounts, random_password
from webapp.identity.models import Account
from webapp.identity.passwords import weakness
from webapp.principal import ROLES

pytestmark = pytest.mark.template("catalogue", fill_catalogue)


def test_one_for_each_role_and_an_officer_for_each_department(app, clock):
    made = unit_of_work(lambda: create_demo_accounts(PASSWORD, at=clock.now()))
    assert {role for account in made for role in account.roles} == set(ROLES)
    assert {account.login for account in made if account.roles == ("officer",)} == {f"officer-{code}" for code in shipped_departments()}


def test_a_second_time_makes_and_changes_nothing(app, clock):
    unit_of_work(lambda: create_demo_accounts(PASSWORD, at=clock.now()))
    before = db.session.get_one(Account, "public:zhang").password_hash
    assert unit_of_work(lambda: create_demo_accounts("Another-horse-8", at=clock.now())) == []
    assert db.session.get_one(Account, "public:zhang").password_hash == before


def test_they_sign_in_each_at_its_door(app, client, clock):
    for account in unit_of_work(lambda: create_demo_accounts(PASSWORD, at=clock.now()))[:8]:
        assert client.post(account.door, data={"login": account.login, "password": PASSWORD}).status_code == 302


def test_a_random_password_is_good_enough_for_staff(app):
    passwords = {random_password() for _ in range(50)}
    assert len(passwords) == 50 and not any(weakness(each, login="guanli", realm="staff") for each in passwords)
