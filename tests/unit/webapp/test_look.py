"""The look's promises that can be computed: contrast of every pair of tokens, and one shape for every state."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CSS = ROOT / "webapp" / "frontend" / "src" / "css"
TOKENS = dict(re.findall(r"--bl-([\w-]+): (#[0-9a-f]{3,6});", (CSS / "tokens.css").read_text(encoding="utf-8")))
TEXT = ("blue", "blue-dark", "red", "red-dark", "amber", "green", "violet", "muted", "ink")


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", TEXT)
def test_text_can_be_read_on_paper_ground_and_its_tint(colour):
    tint = f"{colour.removesuffix('-dark')}-tint"
    for under in ("paper", "ground", *([tint] if tint in TOKENS else [])):
        assert contrast(colour, under) >= 4.5, under


def test_borders_of_fields_can_be_seen():
    assert contrast("line-strong", "paper") >= 3


def test_every_state_has_a_word_and_a_shape():
    words = (ROOT / "webapp/templates/components/states.html").read_text(encoding="utf-8")
    states = set(re.findall(r"'(\w+)': _\(", words.partition("macro state_tag")[0]))
    shapes = set(re.findall(r'^\[data-state="(\w+)"\]', (CSS / "states.css").read_text(encoding="utf-8"), re.MULTILINE))
    assert states == shapes | {"not_started"}
    assert len(states) == 13
