"""A person with a browser, scripted: follows redirections, keeps cookies, fills in the forms found on the pages.

It reads pages as they are (names of fields, addresses of forms and links), so it breaks when they change.
Loopback only: an address elsewhere is where a service's own pages would begin, and ends the walk.
"""

from __future__ import annotations

import http.client
import json
import socket
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

_resolve = socket.getaddrinfo


def _loopback(host, *args, **kwargs):
    """`*.localhost` is this machine (RFC 6761), also where the C library does not know it."""
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _resolve(host, *args, **kwargs)


socket.getaddrinfo = _loopback


class Page(HTMLParser):
    """What the person sees: an address, a status, text, links and forms."""

    def __init__(self, url: str, status: int, html: str):
        super().__init__(convert_charrefs=True)
        self.url, self.status, self.html = url, status, html
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._button: dict | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        at = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in at:
            self.links.append(urljoin(self.url, at["href"]))
        elif tag == "form":
            self._form = Form(urljoin(self.url, at.get("action", self.url)), at.get("method", "get").upper())
            self.forms.append(self._form)
        elif tag == "input" and self._form and "name" in at:
            if at.get("type") not in ("checkbox", "radio") or "checked" in at:
                self._form.fields[at["name"]] = at.get("value", "")
        elif tag == "button" and self._form:
            self._button = {"name": at.get("name"), "value": at.get("value", ""), "label": ""}
            self._form.buttons.append(self._button)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data):
        if self._button is not None:
            self._button["label"] += data


class Form:
    def __init__(self, url: str, method: str):
        self.url, self.method = url, method
        self.fields: dict[str, str] = {}
        self.buttons: list[dict] = []


class Person:
    """`demo`: where the demonstration's parties are; `password`: None for a person who gets codes by e-mail."""

    def __init__(self, demo: dict, email: str, password: str | None = None):
        self.demo, self.email, self.password = demo, email, password
        self.cookies: dict[str, dict[str, str]] = {}
        self.seen: list[str] = []
        self.last_mail = 0
        self.posted: dict | None = None  # what a form posted to the address that ended the walk

    def reach(self, start: str, service: str) -> str:
        """Signs in from `start`; answers the address under `service` at which the result is received."""
        page = self.open(start, until=service)
        for _ in range(20):
            if page.url.startswith(service):
                return page.url
            page = self.answer(page, until=service)
        raise AssertionError(f"still at {page.url} after 20 pages: {' → '.join(self.seen)}")

    def open(self, url: str, form: dict | None = None, until: str = "\0") -> Page:
        """Opens an address and follows redirections, to a page, to an address elsewhere or to `until`."""
        for _ in range(20):
            parts = urlsplit(url)
            elsewhere = parts.scheme != "http" or not f".{parts.hostname}".endswith(".localhost")
            if elsewhere or (form is None and url.startswith(until)):
                self.posted = form
                return Page(url, 0, "")
            status, headers, html = self._exchange(url, form)
            self.seen.append(f"{'POST ' if form is not None else ''}{parts.path} {status}")
            refresh = headers.get("refresh", "")
            if "location" in headers:
                url, form = urljoin(url, headers["location"]), None
            elif refresh.replace(" ", "").lower().startswith("0;url="):
                url, form = urljoin(url, refresh.split("=", 1)[1].strip()), None
            else:
                return Page(url, status, html)
        raise AssertionError(f"too many redirections: {' → '.join(self.seen)}")

    def answer(self, page: Page, until: str = "\0") -> Page:
        """Does what the page asks: address, password or code, consent, one button."""

        def form(field: str) -> Form | None:
            return next((f for f in page.forms if field in f.fields), None)

        outgoing = next((f for f in page.forms if f.url.startswith(until)), None)
        with_password = next((a for a in page.links if "/connexion/mot-de-passe" in a), None)
        if outgoing:
            return self.send(outgoing, until=until)
        if form("mot_de_passe"):
            return self.send(form("mot_de_passe"), {"mot_de_passe": self.password or ""}, until=until)
        if self.password and with_password:
            return self.open(with_password, until=until)
        if form("code"):
            return self.send(form("code"), {"code": self.code()}, until=until)
        if form("courriel"):
            self.last_mail = max((mail["id"] for mail in self.mails()), default=0)
            return self.send(form("courriel"), {"courriel": self.email}, until=until)
        consent = next((f for f in page.forms if "/connexion/autorisation" in f.url), None)
        if consent:
            return self.send(consent, label="Autoriser", until=until)
        raise AssertionError(f"nothing to do at {page.url} ({page.status}): {page.html[:2000]}")

    def send(self, form: Form, values: dict | None = None, label: str = "", until: str = "\0") -> Page:
        fields = {**form.fields, **(values or {})}
        button = next((b for b in form.buttons if label in b["label"]), None)
        if button and button["name"]:
            fields[button["name"]] = button["value"]
        if form.method == "POST":
            return self.open(form.url, fields, until=until)
        return self.open(f"{form.url.split('?')[0]}?{urlencode(fields)}", until=until)

    def mails(self, **query) -> list[dict]:
        url = f"{self.demo['mail']}/api/messages?{urlencode({'to': self.email, **query})}"
        return json.loads(self._exchange(url, None)[2])

    def code(self) -> str:
        """The code that comes after the form was sent; other messages (a sign-in from a new browser…) may come too."""
        last = self.last_mail
        for _ in range(5):
            mails = self.mails(after=last, wait=10)
            coded = [mail for mail in mails if mail["code"]]
            if coded:
                # That of an earlier sign-in may come late: once refused, it is not taken again.
                self.last_mail = coded[-1]["id"]
                return coded[-1]["code"]
            last = max((mail["id"] for mail in mails), default=last)
        raise AssertionError(f"no code was sent to {self.email}")

    def _exchange(self, url: str, form: dict | None) -> tuple[int, dict, str]:
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.hostname, {})
        headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "fr"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
        link = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=20)
        try:
            target = parts.path or "/"
            link.request("GET" if form is None else "POST", f"{target}?{parts.query}" if parts.query else target,
                         body, headers)
            answer = link.getresponse()
            html = answer.read().decode(errors="replace")
        finally:
            link.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            pair, *attributes = (part.strip() for part in line.split(";"))
            name, _, value = pair.partition("=")
            if not value or any(a.lower() == "max-age=0" for a in attributes):
                jar.pop(name, None)
            else:
                jar[name] = value
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, html


def parameters(url: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(url).query))
