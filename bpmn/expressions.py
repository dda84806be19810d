"""The expression language of processes: conditions, names of people, limits, scripts.

A designer writes what modelers export (``${approved == true && 金额 > 100}``) or the Python-like form
(``count(votes, "同意") >= 2 and not 退回``); both mean the same here. The language has its own tokenizer,
grammar and evaluator. Nothing reaches ``eval`` or ``exec``, no Python attribute can be named, and the only calls
are to the functions listed below, so there is nothing to escape into.

* A value is what JSON can hold: null, true/false, number, text, list, object. ``a.b`` is the key ``b`` of ``a``.
* Evaluation is pure: the same scopes give the same value. There is no clock and no randomness here.
* Evaluation is bounded: there are no loops, a text holds at most ``MAX_SOURCE`` characters, and every value that
  an operator or a function makes is capped.

``==`` compares values; ``is`` is another way to write it. ``empty x`` is true for null, "", [], {} and for a
name that does not exist.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

MAX_SOURCE = 2_000
MAX_DEPTH = 40
MAX_NUMBER = 10**18
MAX_TEXT = 100_000
MAX_ITEMS = 10_000

Scope = Mapping[str, Any]
_Node = Callable[[tuple[Scope, ...]], Any]


class ExpressionError(ValueError):
    """An expression that cannot be compiled, or whose evaluation failed. ``zh`` and ``en`` say why."""

    code = "expression_error"

    def __init__(self, zh: str, en: str):
        super().__init__(f"{zh} ({en})")
        self.zh, self.en = zh, en


class ExpressionSyntaxError(ExpressionError, SyntaxError):
    """The text is no expression. (SpiffWorkflow expects script engines to raise a ``SyntaxError`` here.)"""

    code = "expression_syntax"

    __str__ = ValueError.__str__

    def __init__(self, zh: str, en: str):
        super().__init__(zh, en)
        self.msg = str(self)  # what a traceback shows of a SyntaxError


# --- values ------------------------------------------------------------------------------------------------------

_NUMBER = (int, float)
_PLAIN = (str, int, float, bool, type(None))


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool)


def _capped(value: Any) -> Any:
    """The value, unless it is too large to carry on with."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, _NUMBER):
        if not -MAX_NUMBER <= value <= MAX_NUMBER:  # also refuses nan and infinity
            raise ExpressionError("数值超出范围", "number out of range")
    elif isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ExpressionError("文本过长", "text too long")
    elif isinstance(value, (list, tuple, dict)) and len(value) > MAX_ITEMS:
        raise ExpressionError("列表过长", "list too long")
    return value


def _numbers(symbol: str, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if not (_is_number(left) and _is_number(right)):
            raise ExpressionError(f"“{symbol}”只用于数值", f"“{symbol}” is for numbers only")
        return _capped(function(left, right))

    return apply


def _add(left: Any, right: Any) -> Any:
    if _is_number(left) and _is_number(right):
        return _capped(left + right)
    if isinstance(left, str) and isinstance(right, str):
        return _capped(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _capped(left + right)
    raise ExpressionError("“+”两边须同为数值、文本或列表", "both sides of “+” must be numbers, texts or lists")


def _contains(container: Any, item: Any) -> bool:
    if isinstance(container, str) and not isinstance(item, str):
        raise ExpressionError("文本中只能查找文本", "only a text can be looked for in a text")
    if not isinstance(container, (str, list, tuple, dict)):
        raise ExpressionError("只能在文本、列表或对象中查找", "only texts, lists and objects can be searched")
    return item in container


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, dict)) and len(value) == 0)


def _text(value: Any) -> str:
    """How a value is written into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _PLAIN):
        return str(_capped(value))
    if isinstance(value, (list, tuple)):
        return _capped(",".join(_text(item) for item in _capped(value) if isinstance(item, _PLAIN)))
    raise ExpressionError("该值不能写成文本", "this value cannot be written as text")


_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _numbers("-", operator.sub),
    "*": _numbers("*", operator.mul),
    "/": _numbers("/", operator.truediv),
    "//": _numbers("//", operator.floordiv),
    "%": _numbers("%", operator.mod),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda item, container: _contains(container, item),
    "not in": lambda item, container: not _contains(container, item),
}


def _storable(value: Any) -> Any:
    """The value, unless it is too large as a whole: ``a = [a, a]`` written thirty times doubles thirty times."""
    weight, rest = 0, [value]
    while rest:
        item = rest.pop()
        weight += 1 + (len(item) if isinstance(item, str) else 0)
        if weight > MAX_TEXT:
            raise ExpressionError("变量的值过大", "the value of a variable is too large")
        if isinstance(item, dict):
            rest.extend(item.values())
        elif isinstance(item, (list, tuple)):
            rest.extend(item)
    return value


# --- functions ---------------------------------------------------------------------------------------------------


def _count(values: Any, *wanted: Any) -> int:
    return len(values) if not wanted else sum(1 for value in values if value == wanted[0])


def _get(container: Any, key: Any, default: Any = None) -> Any:
    return container.get(key, default) if isinstance(container, dict) else default


def _rounded(value: Any, digits: int = 0) -> Any:
    rounded = round(value, max(-18, min(18, digits)))
    return rounded if digits > 0 else int(rounded)


def _sum(values: Any) -> Any:
    if not isinstance(values, (list, tuple)) or not all(_is_number(value) for value in values):
        raise ExpressionError("sum 只用于数值列表", "sum is for lists of numbers only")
    return sum(values)


def _days_between(start: str, end: str) -> int:
    return (date.fromisoformat(end[:10]) - date.fromisoformat(start[:10])).days


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "count": _count,
    "计数": _count,
    "min": min,
    "max": max,
    "sum": _sum,
    "abs": abs,
    "round": _rounded,
    "int": int,
    "float": float,
    "str": _text,
    "any": any,
    "all": all,
    "lower": lambda text: _text(text).lower(),
    "upper": lambda text: _text(text).upper(),
    "strip": lambda text: _text(text).strip(),
    "starts_with": lambda text, start: _text(text).startswith(start),
    "ends_with": lambda text, end: _text(text).endswith(end),
    "contains": _contains,
    "get": _get,
    "days_between": _days_between,
}
# What designers know from Java: ``votes.size()``, ``name.startsWith("x")``. The value becomes the first argument.
METHODS: dict[str, Callable[..., Any]] = {
    "size": len,
    "length": len,
    "isEmpty": _is_empty,
    "contains": _contains,
    "equals": operator.eq,
    "startsWith": FUNCTIONS["starts_with"],
    "endsWith": FUNCTIONS["ends_with"],
    "toLowerCase": FUNCTIONS["lower"],
    "toUpperCase": FUNCTIONS["upper"],
    "trim": FUNCTIONS["strip"],
}


def _call(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return _capped(function(*arguments))
    except ExpressionError:
        raise
    except (TypeError, ValueError, ArithmeticError, KeyError, RecursionError) as error:
        raise ExpressionError(f"函数 {name} 出错：{error}", f"function {name} failed") from None


# --- tokens ------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+|\#[^\n]*)
      | (?P<line>\n|;)
      | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)
      | (?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<name>[^\W\d]\w*)
      | (?P<mark>&&|\|\||==|!=|<=|>=|//|[-+*/%<>!?:.,()\[\]{}=])
    """,
    re.VERBOSE,
)
_WORDS = {
    "and": "and", "or": "or", "not": "not", "in": "in", "is": "==", "empty": "empty", "if": "if", "else": "else",
    "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "div": "/", "mod": "%",
}  # fmt: skip
_MARKS = {"&&": "and", "||": "or"}
_CONSTANTS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_FULL_WIDTH = "（）“”‘’，＝＞＜！＋－＊／；：【】｛｝。"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, text, name, constant, end, line; or the operator itself
    value: Any
    at: int


def _syntax(message_zh: str, message_en: str, at: int) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(f"第 {at + 1} 个字符：{message_zh}", f"character {at + 1}: {message_en}")


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), quoted[1:-1])


def _number(digits: str, at: int) -> int | float:
    if len(digits) > 30:
        raise _syntax("数值过长", "number too long", at)
    try:
        return _capped(int(digits) if digits.isdigit() else float(digits))
    except ExpressionError:
        raise _syntax("数值超出范围", "number out of range", at) from None


def _token(match: re.Match[str]) -> _Token:
    kind, text, at = match.lastgroup or "", match.group(), match.start()
    if kind == "number":
        return _Token(kind, _number(text, at), at)
    if kind == "text":
        return _Token(kind, _unescaped(text), at)
    if kind == "mark":
        return _Token(_MARKS.get(text, text), text, at)
    if text in _CONSTANTS:
        return _Token("constant", _CONSTANTS[text], at)
    if text in _WORDS:
        return _Token(_WORDS[text], text, at)
    if text.startswith("_"):
        raise _syntax(f"名称不能以下划线开头：{text}", f"a name cannot start with an underscore: {text}", at)
    return _Token("name", text, at)


def _tokens(source: str, *, lines: bool) -> Iterator[_Token]:
    """The tokens of a text. With ``lines``, the ends of lines separate statements, except inside brackets."""
    at, open_brackets = 0, 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise _unreadable(source, at)
        at = match.end()
        if match.lastgroup == "line":
            if not lines and match.group() == ";":
                raise _unreadable(source, match.start())
            if lines and open_brackets == 0:
                yield _Token("line", match.group(), match.start())
        elif match.lastgroup != "space":
            token = _token(match)
            open_brackets += (token.kind in "([{") - (token.kind in ")]}")
            yield token
    yield _Token("end", "", len(source))


def _unreadable(source: str, at: int) -> ExpressionSyntaxError:
    character = source[at]
    if character in _FULL_WIDTH:
        return _syntax(
            f"“{character}”是中文标点，请改用英文半角标点",
            f"“{character}” is full-width punctuation; use the ASCII form",
            at,
        )
    if character in "'\"":
        return _syntax("引号没有闭合", "the quotation mark is not closed", at)
    return _syntax(f"不认识的字符“{character}”", f"unexpected character “{character}”", at)


# --- grammar -----------------------------------------------------------------------------------------------------


class _Parser:
    """Recursive descent over the tokens; every method returns a closure that evaluates what it read.

    Chains (``a + b + c``, ``a.b.c``) become loops, not nested closures: only brackets and prefixes nest, and
    ``MAX_DEPTH`` bounds them, so neither parsing nor evaluating can exhaust the stack.
    """

    def __init__(self, source: str, *, lines: bool = False):
        if len(source) > MAX_SOURCE:
            raise ExpressionSyntaxError(
                f"表达式超过 {MAX_SOURCE} 个字符", f"the expression is longer than {MAX_SOURCE} characters"
            )
        self.tokens = list(_tokens(source, lines=lines))
        self.position = 0
        self.depth = 0
        self.names: set[str] = set()

    # reading tokens

    @property
    def current(self) -> _Token:
        return self.tokens[self.position]

    def take(self, *kinds: str) -> _Token | None:
        """The current token, consumed, if it is one of these kinds."""
        token = self.current
        if token.kind not in kinds:
            return None
        self.position += 1
        return token

    def expect(self, kind: str) -> _Token:
        token = self.take(kind)
        if token is None:
            raise self.unexpected(kind)
        return token

    def unexpected(self, wanted: str = "") -> ExpressionSyntaxError:
        token = self.current
        if token.kind == "end":
            return _syntax("表达式不完整", "the expression ends too early", token.at)
        named = wanted not in ("", "end", "line")
        hint_zh, hint_en = (f"，此处应为“{wanted}”", f", expected “{wanted}”") if named else ("", "")
        return _syntax(f"不应出现“{token.value}”{hint_zh}", f"unexpected “{token.value}”{hint_en}", token.at)

    # statements

    def whole_expression(self) -> _Node:
        node = self.expression()
        self.expect("end")
        return node

    def assignments(self) -> list[tuple[str, _Node]]:
        statements = []
        self.skip_lines()
        while not self.take("end"):
            name = self.take("name")
            if name is None or not self.take("="):
                raise _syntax(
                    "脚本中只允许“变量 = 表达式”", "a script may only hold “name = expression”", self.current.at
                )
            statements.append((name.value, self.expression()))
            if self.current.kind != "end":
                self.expect("line")
            self.skip_lines()
        return statements

    def skip_lines(self) -> None:
        while self.take("line"):
            pass

    # expressions, loosest binding first

    def expression(self) -> _Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _syntax("嵌套过深", "nested too deeply", self.current.at)
        node = self.conditional()
        self.depth -= 1
        return node

    def conditional(self) -> _Node:
        """``condition ? a : b`` as in Java, ``a if condition else b`` as in Python."""
        first = self.disjunction()
        if self.take("?"):
            condition, positive = first, self.expression()
            self.expect(":")
        elif self.take("if"):
            positive, condition = first, self.disjunction()
            self.expect("else")
        else:
            return first
        negative = self.expression()
        return lambda scopes: positive(scopes) if condition(scopes) else negative(scopes)

    def disjunction(self) -> _Node:
        return self.logical("or", self.conjunction, stop_at=True)

    def conjunction(self) -> _Node:
        return self.logical("and", self.negation, stop_at=False)

    def logical(self, word: str, operand: Callable[[], _Node], *, stop_at: bool) -> _Node:
        parts = [operand()]
        while self.take(word):
            parts.append(operand())
        if len(parts) == 1:
            return parts[0]

        def evaluate_parts(scopes: tuple[Scope, ...]) -> Any:
            value = None
            for part in parts:
                value = part(scopes)
                if bool(value) is stop_at:
                    break
            return value

        return evaluate_parts

    def negation(self) -> _Node:
        if not self.take("not"):
            return self.comparison()
        operand = self.nested(self.negation)
        return lambda scopes: not operand(scopes)

    def nested(self, rule: Callable[[], _Node]) -> _Node:
        """A prefix operator nests: count it, or ``not not not …`` exhausts the stack."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _syntax("嵌套过深", "nested too deeply", self.current.at)
        node = rule()
        self.depth -= 1
        return node

    def comparison(self) -> _Node:
        first = self.sum()
        links: list[tuple[str, _Node]] = []
        while (symbol := self.comparison_operator()) is not None:
            links.append((symbol, self.sum()))
        if not links:
            return first

        def compare(scopes: tuple[Scope, ...]) -> bool:
            left = first(scopes)
            for symbol, node in links:
                right = node(scopes)
                if not _compared(symbol, left, right):
                    return False
                left = right
            return True

        return compare

    def comparison_operator(self) -> str | None:
        if self.current.kind == "not" and self.tokens[self.position + 1].kind == "in":
            self.position += 2
            return "not in"
        token = self.take(*_COMPARE)
        if token is None:
            return None
        if token.value == "is" and self.take("not"):
            return "!="
        return token.kind

    def sum(self) -> _Node:
        return self.binary(("+", "-"), self.product)

    def product(self) -> _Node:
        return self.binary(("*", "/", "//", "%"), self.prefixed)

    def binary(self, symbols: tuple[str, ...], operand: Callable[[], _Node]) -> _Node:
        first = operand()
        links: list[tuple[Callable[[Any, Any], Any], _Node]] = []
        while (token := self.take(*symbols)) is not None:
            links.append((_BINARY[token.kind], operand()))
        if not links:
            return first

        def compute(scopes: tuple[Scope, ...]) -> Any:
            value = first(scopes)
            for function, node in links:
                value = _computed(function, value, node(scopes))
            return value

        return compute

    def prefixed(self) -> _Node:
        token = self.take("-", "+", "!", "empty")
        if token is None:
            return self.postfixed()
        operand = self.nested(self.prefixed)
        if token.kind == "!":
            return lambda scopes: not operand(scopes)
        if token.kind == "empty":
            return lambda scopes: _is_empty(_value_or_none(operand, scopes))
        sign = -1 if token.kind == "-" else 1
        return lambda scopes: _BINARY["*"](sign, operand(scopes))

    def postfixed(self) -> _Node:
        node = self.primary()
        steps: list[Callable[[Any, tuple[Scope, ...]], Any]] = []
        while True:
            if self.take("."):
                steps.append(self.member())
            elif self.take("["):
                steps.append(self.index())
            else:
                break
        if not steps:
            return node

        def walk(scopes: tuple[Scope, ...]) -> Any:
            value = node(scopes)
            for step in steps:
                value = step(value, scopes)
            return value

        return walk

    def member(self) -> Callable[[Any, tuple[Scope, ...]], Any]:
        token = self.expect("name")
        name = token.value
        if not self.take("("):
            return lambda value, scopes: _member(value, name)
        if name not in METHODS:
            raise _syntax(f"不允许的函数：{name}", f"unknown function: {name}", token.at)
        arguments = self.items(")")
        return lambda value, scopes: _call(name, METHODS[name], [value, *(node(scopes) for node in arguments)])

    def index(self) -> Callable[[Any, tuple[Scope, ...]], Any]:
        key = self.expression()
        self.expect("]")
        return lambda value, scopes: _indexed(value, key(scopes))

    def primary(self) -> _Node:
        token = self.take("number", "text", "constant", "name", "(", "[", "{")
        if token is None:
            raise self.unexpected()
        if token.kind == "name":
            return self.named(token)
        if token.kind == "(":
            return self.bracketed()
        if token.kind == "[":
            items = self.items("]")
            return lambda scopes: [item(scopes) for item in items]
        if token.kind == "{":
            return self.mapping()
        value = token.value
        return lambda scopes: value

    def named(self, token: _Token) -> _Node:
        name = token.value
        if self.take("("):
            if name not in FUNCTIONS:
                raise _syntax(f"不允许的函数：{name}", f"unknown function: {name}", token.at)
            arguments = self.items(")")
            return lambda scopes: _call(name, FUNCTIONS[name], [node(scopes) for node in arguments])
        self.names.add(name)
        return lambda scopes: _looked_up(name, scopes)

    def bracketed(self) -> _Node:
        """``(a)`` is a; ``(a, b)`` is a list, as is ``()``."""
        start = self.position
        items = self.items(")")
        trailing_comma = self.tokens[self.position - 2].kind == ","
        if len(items) == 1 and not trailing_comma:
            return items[0]
        if not items and self.position - start > 1:
            raise self.unexpected()
        return lambda scopes: [item(scopes) for item in items]

    def items(self, closing: str) -> list[_Node]:
        found: list[_Node] = []
        while not self.take(closing):
            found.append(self.expression())
            if not self.take(","):
                self.expect(closing)
                break
        return found

    def mapping(self) -> _Node:
        entries: list[tuple[_Node, _Node]] = []
        while not self.take("}"):
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.take(","):
                self.expect("}")
                break
        return lambda scopes: {_key(key(scopes)): value(scopes) for key, value in entries}


# --- evaluation --------------------------------------------------------------------------------------------------


class _Missing(ExpressionError):
    """A name or a key that does not exist."""

    code = "expression_name"


def _looked_up(name: str, scopes: tuple[Scope, ...]) -> Any:
    for scope in scopes:
        if name in scope:
            return scope[name]
    raise _Missing(f"变量不存在：{name}", f"unknown variable: {name}")


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict) and name in value:
        return value[name]
    raise _Missing(f"没有字段：{name}", f"no such field: {name}")


def _indexed(value: Any, key: Any) -> Any:
    if isinstance(value, dict) and isinstance(key, _PLAIN) and key in value:
        return value[key]
    if isinstance(value, (list, tuple, str)) and isinstance(key, int) and -len(value) <= key < len(value):
        return value[key]
    raise _Missing(f"没有此项：{key!r:.40}", f"no such item: {key!r:.40}")


def _key(value: Any) -> str:
    if not isinstance(value, str):
        raise ExpressionError("对象的键须为文本", "the key of an object must be a text")
    return value


def _value_or_none(node: _Node, scopes: tuple[Scope, ...]) -> Any:
    try:
        return node(scopes)
    except _Missing:
        return None


def _compared(symbol: str, left: Any, right: Any) -> bool:
    try:
        return bool(_COMPARE[symbol](left, right))
    except (TypeError, RecursionError):
        raise ExpressionError(f"“{symbol}”两边的类型不同", f"cannot compare these types with “{symbol}”") from None


def _computed(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    try:
        return function(left, right)
    except ArithmeticError as error:
        raise ExpressionError(f"计算错误：{error}", "this cannot be calculated") from None


# --- the door ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. ``names`` are the variables it reads."""

    source: str
    names: frozenset[str]
    _node: _Node

    def evaluate(self, *scopes: Scope) -> Any:
        """The value; earlier scopes hide later ones."""
        return self._node(scopes)


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script: assignments, run in order."""

    assignments: tuple[tuple[str, Expression], ...]

    def run(self, variables: dict[str, Any], *scopes: Scope) -> None:
        """Assigns into ``variables``; a later line sees what an earlier one assigned."""
        for name, expression in self.assignments:
            variables[name] = _storable(expression.evaluate(variables, *scopes))


@dataclass(frozen=True, slots=True)
class Template:
    """Text with ``${…}`` parts."""

    parts: tuple[str | Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(part.names for part in self.parts if isinstance(part, Expression)))

    @property
    def is_literal(self) -> bool:
        return not any(isinstance(part, Expression) for part in self.parts)

    def render(self, *scopes: Scope) -> Any:
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].evaluate(*scopes)
        return "".join(part if isinstance(part, str) else _text(part.evaluate(*scopes)) for part in self.parts)


def unwrapped(text: str) -> str:
    """The expression inside ``${…}`` or ``#{…}``, or the text itself."""
    stripped = text.strip()
    if stripped.startswith(("${", "#{")) and stripped.endswith("}"):
        return stripped[2:-1]
    return stripped


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Reads ``金额 > 100`` or ``${amount > 100}``; raises ``ExpressionSyntaxError``."""
    source = unwrapped(text)
    if not source.strip():
        raise ExpressionSyntaxError("表达式为空", "the expression is empty")
    parser = _Parser(source)
    node = parser.whole_expression()
    return Expression(source, frozenset(parser.names), node)


def evaluate(text: str, *scopes: Scope) -> Any:
    """The value of an expression; raises ``ExpressionError``."""
    return compile_expression(text).evaluate(*scopes)


@lru_cache(maxsize=1024)
def compile_script(text: str) -> Script:
    """Reads lines (or ``;``-separated statements) of ``name = expression``; raises ``ExpressionSyntaxError``."""
    parser = _Parser(text, lines=True)
    statements = parser.assignments()
    names = frozenset(parser.names)
    return Script(tuple((name, Expression(text, names, node)) for name, node in statements))


@lru_cache(maxsize=4096)
def compile_template(text: str) -> Template:
    """Reads text with ``${…}`` parts, such as ``officer@${部门}``; raises ``ExpressionSyntaxError``."""
    if len(text) > MAX_SOURCE:
        raise ExpressionSyntaxError(f"文本超过 {MAX_SOURCE} 个字符", f"the text is longer than {MAX_SOURCE} characters")
    parts: list[str | Expression] = []
    at = 0
    for start, end in _expression_spans(text):
        if text[at:start]:
            parts.append(text[at:start])
        parts.append(compile_expression(text[start:end]))
        at = end
    if text[at:] or not parts:
        parts.append(text[at:])
    return Template(tuple(parts))


def render(text: str, *scopes: Scope) -> Any:
    """Fills the ``${…}`` parts. When the whole text is one such part, its value as it is; otherwise a text."""
    return compile_template(text.strip()).render(*scopes)


def render_names(texts: Iterable[str], *scopes: Scope) -> list[str]:
    """Names of people or groups: each text may render to one name, a comma-separated text, or a list of names."""
    names: dict[str, None] = {}
    for text in texts:
        for name in split_names(_text(render(text, *scopes))):
            names[name] = None
    return list(names)


def split_names(text: str) -> list[str]:
    """The parts of a comma-separated text; a comma inside ``${…}`` separates nothing. 中文逗号同样有效。"""
    inside = [range(start, end) for start, end in _expression_spans(text)]
    parts, begin = [], 0
    for at, character in enumerate(text):
        if character in ",，" and not any(at in span for span in inside):
            parts.append(text[begin:at])
            begin = at + 1
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


_OPENING = re.compile(r"[$#]\{")
_IN_TEMPLATE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{}]""")


def _expression_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the ``${…}`` parts start and end; braces inside quotes or inside an object do not close a part."""
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        depth = 1
        for match in _IN_TEMPLATE.finditer(text, opening.end()):
            depth += {"{": 1, "}": -1}.get(match.group(), 0)
            if depth == 0:
                at = match.end()
                yield opening.start(), at
                break
        else:
            raise _syntax("“${”没有闭合", "“${” is not closed", opening.start())
