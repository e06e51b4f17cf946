"""A browser in miniature: keeps its connection and its cookies, reads forms, counts every byte."""

from __future__ import annotations

import gzip
import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from bench.site import PASSWORD


class Unexpected(AssertionError):
    """A page or a row is not what it should be: a wrong answer must never count as a fast one."""


@dataclass(frozen=True)
class Reply:
    """One answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes
    bytes_in: int
    bytes_out: int

    @property
    def text(self) -> str:
        """The body, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    @property
    def location(self) -> str:
        """Where it sends the visitor next."""
        return urljoin("/", self.headers.get("location", ""))

    def must_be(self, status: int, *contained: str) -> Reply:
        """The same reply, if it has this status and says all this. Raises Unexpected."""
        text = self.text if self.status != status or contained else ""
        if self.status != status or any(words not in text for words in contained):
            missing = [words for words in contained if words not in text]
            raise Unexpected(f"status {self.status}, wanted {status}; missing {missing}: {text[-1500:]}")
        return self


@dataclass
class Form:
    """A form as it stands on the page."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms of a page, and the files it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.files: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._area: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms, their controls, and files."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found.get("action", "")))
        elif tag == "input" and self.forms and found.get("name"):
            if found.get("type") not in {"radio", "checkbox", "file", "submit"} or "checked" in found:
                self.forms[-1].fields[found["name"]] = found.get("value", "on")
        elif tag == "textarea" and self.forms and found.get("name"):
            self._area = found["name"]
            self.forms[-1].fields[self._area] = ""
        elif tag == "link" and found.get("rel") in {"stylesheet", "icon", "modulepreload", "preload"}:
            self.files.append(found["href"])
        elif tag in {"script", "img"} and found.get("src"):
            self.files.append(found["src"])
        elif tag == "a" and found.get("href"):
            self.links.append((found.get("rel", ""), found["href"]))

    def handle_endtag(self, tag: str) -> None:
        """A text box ends."""
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        """What is in a text box."""
        if self._area is not None:
            self.forms[-1].fields[self._area] += data

    def form(self, ending: str) -> Form:
        """The form whose address ends so. Raises Unexpected."""
        for one in self.forms:
            if urlsplit(one.action).path.endswith(ending):
                return one
        raise Unexpected(f"no form for {ending} among {[one.action for one in self.forms]}")


@dataclass
class Visitor:
    """Somebody with a browser of their own."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _connection: http.client.HTTPConnection | None = None

    def at(self, port: int) -> Visitor:
        """The same signed-in person on another server of the same installation."""
        return Visitor(port, dict(self.cookies), self.token)

    def get(self, path: str, **headers: str) -> Reply:
        """Fetch a page."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> Reply:
        """Send a form; the CSRF token is added."""
        body = urlencode({"csrf_token": self.token, **fields}, doseq=True).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def sign_in(self, email: str) -> Visitor:
        """Sign in with the password that all demo people have."""
        page = Page(self.get("/sign-in").must_be(200).text)
        self.token = page.form("/sign-in").fields["csrf_token"]
        self.post("/sign-in", {"email": email, "password": PASSWORD}).must_be(303)
        page = Page(self.get("/account").must_be(200, email).text)
        self.token = next(one.fields["csrf_token"] for one in page.forms if "csrf_token" in one.fields)
        return self

    def leave(self) -> None:
        """Close the connection, if one is kept."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for last_try in (False, True):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self._connection.request(method, path, body, sent)
                answer = self._connection.getresponse()
                content = answer.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # A kept connection that the server has closed meanwhile; a fresh one must work.
                self.leave()
                if last_try:
                    raise
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        received = {name.lower(): value for name, value in answer.getheaders()}
        size_in = len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 19
        size_out = len(body or b"") + sum(len(name) + len(value) + 4 for name, value in sent.items()) + len(path) + 40
        return Reply(answer.status, received, content, size_in, size_out)
