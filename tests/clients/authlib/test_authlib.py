"""Authlib (PyPI), in a small Flask application as its documentation has it, against the running demonstration."""

import json
import os
import sys
import unittest
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback, plain http

from authlib.integrations.base_client import OAuthError  # noqa: E402
from authlib.integrations.flask_client import OAuth  # noqa: E402
from authlib.integrations.requests_client import OAuth2Session  # noqa: E402
from flask import Flask, redirect, request, session  # noqa: E402
from person import Person, parameters  # noqa: E402

DEMO = json.loads(os.environ["DEMO"])
SITE = "https://authlib.example"
CLIENT = {"client_id": "stranger-authlib", "client_secret": "a-secret-for-the-tests-only-2"}
EMAIL, PASSWORD = "chloe@client.example", "quatorze parapluies au vestiaire"


def application() -> Flask:
    app = Flask(__name__)
    app.secret_key = "for the tests only"
    oauth = OAuth(app)
    hub = oauth.register(
        "hub",
        **CLIENT,
        server_metadata_url=f"{DEMO['issuer']}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email offline_access",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_post",
        },
    )
    app.hub = hub

    @app.get("/login")
    def login():
        return hub.authorize_redirect(f"{SITE}/cb", **request.args)

    @app.get("/cb")
    def callback():
        try:
            token = hub.authorize_access_token()
        except OAuthError as error:
            return {"error": error.error}, 400
        session["id_token"] = token["id_token"]
        return {"token": token, "claims": token["userinfo"], "userinfo": hub.userinfo(token=token)}

    @app.get("/logout")
    def logout():
        return hub.logout_redirect(f"{SITE}/", id_token_hint=session.pop("id_token"))

    @app.get("/")
    def home():
        hub.validate_logout_response()
        return redirect("/bye")

    return app


class Authlib(unittest.TestCase):
    def setUp(self):
        self.site = application().test_client()
        self.person = Person(DEMO, EMAIL, PASSWORD)

    def sign_in(self, person=None, **extra):
        """The whole way: the site's login, the hub's pages, the site's callback."""
        start = self.site.get("/login", query_string=extra, base_url=SITE).location
        return self.receive((person or self.person).reach(start, f"{SITE}/cb"))

    def receive(self, url):
        parts = urlsplit(url)
        return self.site.get(f"{parts.path}?{parts.query}", base_url=SITE)

    def session(self, token=None):
        return OAuth2Session(**CLIENT, token_endpoint_auth_method="client_secret_post", token=token)

    @property
    def metadata(self):
        app = self.site.application
        with app.app_context():
            return app.hub.load_server_metadata()

    def test_a_person_signs_in_with_a_password_and_consents(self):
        answer = self.sign_in().json
        self.assertEqual(answer["claims"]["iss"], DEMO["issuer"])
        self.assertEqual(answer["claims"]["sub"], answer["userinfo"]["sub"])
        self.assertEqual(answer["userinfo"]["email"], EMAIL)
        self.assertEqual(answer["userinfo"]["given_name"], "Chloe")
        self.assertIn("POST /connexion/autorisation 303", self.person.seen)

    def test_a_person_signs_in_with_a_code_received_by_email(self):
        person = Person(DEMO, EMAIL)
        self.assertEqual(self.sign_in(person).json["userinfo"]["email"], EMAIL)
        self.assertIn("/connexion/code", " ".join(person.seen))

    def test_a_refresh_rotates_the_token_and_keeps_the_subject(self):
        answer = self.sign_in().json
        session = self.session(answer["token"])
        new = session.refresh_token(self.metadata["token_endpoint"])
        self.assertNotEqual(new["access_token"], answer["token"]["access_token"])
        self.assertNotEqual(new["refresh_token"], answer["token"]["refresh_token"])
        info = session.get(self.metadata["userinfo_endpoint"])
        self.assertEqual(info.json()["sub"], answer["userinfo"]["sub"])

    def test_an_old_refresh_token_used_again_ends_the_family(self):
        answer = self.sign_in().json
        first = self.session(answer["token"])
        second = first.refresh_token(self.metadata["token_endpoint"])
        third = first.refresh_token(self.metadata["token_endpoint"], refresh_token=second["refresh_token"])
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            self.session(answer["token"]).refresh_token(self.metadata["token_endpoint"])
        with self.assertRaisesRegex(OAuthError, "invalid_grant"):
            self.session(third).refresh_token(self.metadata["token_endpoint"])

    def test_a_code_used_twice_is_refused(self):
        start = self.site.get("/login", base_url=SITE).location
        callback = self.person.reach(start, f"{SITE}/cb")
        self.assertEqual(self.receive(callback).status_code, 200)
        answer = self.session().post(
            self.metadata["token_endpoint"],
            data={"grant_type": "authorization_code", "code": parameters(callback)["code"],
                  "redirect_uri": f"{SITE}/cb", **CLIENT},
            withhold_token=True,
        )
        self.assertEqual((answer.status_code, answer.json()["error"]), (400, "invalid_grant"))

    def test_the_client_gets_a_token_of_its_own(self):
        token = self.session().fetch_token(self.metadata["token_endpoint"], grant_type="client_credentials")
        self.assertEqual(token["token_type"].lower(), "bearer")
        self.assertNotIn("refresh_token", token)
        self.assertNotIn("id_token", token)

    def test_signing_out_ends_the_session_and_comes_back_with_the_state(self):
        self.sign_in()
        out = self.site.get("/logout", base_url=SITE).location
        back = self.receive(self.person.reach(out, f"{SITE}/?"))
        self.assertEqual((back.status_code, back.location), (302, "/bye"))
        silent = self.sign_in(prompt="none")
        self.assertEqual((silent.status_code, silent.json["error"]), (400, "login_required"))


if __name__ == "__main__":
    unittest.main()
