"""A real Apache with mod_auth_openidc (Debian) protects a page, against the running demonstration."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from person import Person  # noqa: E402

DEMO = json.loads(os.environ["DEMO"])
SITE = os.environ["APACHE"]  # http://localhost:PORT, as clients.toml registers it
EMAIL, PASSWORD = "denis@client.example", "quatorze parapluies au vestiaire"
SHOWN = ["REMOTE_USER", "OIDC_CLAIM_sub", "OIDC_CLAIM_iss", "OIDC_CLAIM_email", "OIDC_CLAIM_given_name",
         "OIDC_access_token", "OIDC_refresh_token"]


class Apache(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = Path(tempfile.mkdtemp(prefix="guichet-apache-"))
        site = cls.dir / "site"
        (site / "protected").mkdir(parents=True)
        (cls.dir / "cache").mkdir()
        (site / "goodbye.txt").write_text("Au revoir\n")
        (site / "protected" / "index.shtml").write_text(
            "".join(f'{name}=<!--#echo var="{name}" -->\n' for name in SHOWN))
        user = ""
        if os.getuid() == 0:  # Apache gives root up, so what it writes must be another's
            user = "User nobody\nGroup nogroup"
            for path in [cls.dir, *cls.dir.rglob("*")]:
                shutil.chown(path, "nobody", "nogroup")
        values = {"DIR": cls.dir, "PORT": SITE.rsplit(":", 1)[1], "SITE": SITE, "ISSUER": DEMO["issuer"],
                  "MODULES": "/usr/lib/apache2/modules", "USER": user}
        conf = re.sub(r"@([A-Z]+)@", lambda m: str(values[m[1]]), (HERE / "httpd.conf").read_text()
                      .replace("@…@", "Values"))
        (cls.dir / "httpd.conf").write_text(conf)
        cls.server = subprocess.Popen(["/usr/sbin/apache2", "-f", str(cls.dir / "httpd.conf"), "-DFOREGROUND"],
                                      stdin=subprocess.DEVNULL)
        for _ in range(100):
            try:
                if Person(DEMO, EMAIL).open(f"{SITE}/goodbye.txt").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        cls.tearDownClass()
        raise RuntimeError("Apache did not start")

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait(20)
        log = cls.dir / "error.log"
        if os.environ.get("SHOW_LOGS") and log.exists():
            print(log.read_text()[-8000:], file=sys.stderr)
        shutil.rmtree(cls.dir, ignore_errors=True)

    def enter(self, person):
        """Opens the protected page, signs in on the way; what the page shows."""
        page = person.open(f"{SITE}/protected/index.shtml")
        for _ in range(20):
            if page.url.startswith(f"{SITE}/protected/index") and page.status == 200:
                return dict(re.findall(r"^(\w+)=(.*)$", page.html, re.M))
            page = person.answer(page)
        raise AssertionError(f"never got in: {' → '.join(person.seen)}")

    def test_a_person_signs_in_with_a_password(self):
        shown = self.enter(Person(DEMO, EMAIL, PASSWORD))
        self.assertEqual(shown["REMOTE_USER"], EMAIL)
        self.assertEqual(shown["OIDC_CLAIM_email"], EMAIL)
        self.assertEqual(shown["OIDC_CLAIM_given_name"], "Denis")
        self.assertEqual(shown["OIDC_CLAIM_iss"], DEMO["issuer"])

    def test_a_person_signs_in_with_a_code_received_by_email(self):
        self.assertEqual(self.enter(Person(DEMO, EMAIL))["REMOTE_USER"], EMAIL)

    def test_the_refresh_hook_gets_new_tokens_for_the_same_person(self):
        person = Person(DEMO, EMAIL, PASSWORD)
        before = self.enter(person)
        back = quote(f"{SITE}/protected/index.shtml", safe="")
        hook = f"{SITE}/protected/callback?refresh={back}&access_token={quote(before['OIDC_access_token'], safe='')}"
        page = person.open(hook)
        self.assertNotIn("error_code", page.url)
        after = dict(re.findall(r"^(\w+)=(.*)$", page.html, re.M))
        self.assertEqual(after["OIDC_CLAIM_sub"], before["OIDC_CLAIM_sub"])
        self.assertNotEqual(after["OIDC_access_token"], before["OIDC_access_token"])
        self.assertNotEqual(after["OIDC_refresh_token"], before["OIDC_refresh_token"])

    def test_signing_out_ends_both_sessions(self):
        person = Person(DEMO, EMAIL, PASSWORD)
        self.enter(person)
        page = person.open(f"{SITE}/protected/callback?logout={quote(f'{SITE}/goodbye.txt', safe='')}")
        self.assertEqual((page.url.split("?")[0], page.html), (f"{SITE}/goodbye.txt", "Au revoir\n"))
        asked = person.open(f"{SITE}/protected/index.shtml")
        self.assertTrue(asked.url.startswith(DEMO["issuer"]), asked.url)
        self.assertTrue(any("courriel" in form.fields for form in asked.forms), asked.html[:500])

    def test_a_session_that_ends_at_the_hub_ends_here(self):
        leaving, staying = Person(DEMO, EMAIL, PASSWORD), Person(DEMO, EMAIL, PASSWORD)
        for person in (leaving, staying):
            self.enter(person)
        page = leaving.open(f"{DEMO['issuer']}/deconnexion")
        leaving.send(next(f for f in page.forms if f.url.endswith("/deconnexion")), label="Se déconnecter")
        for _ in range(100):
            page = leaving.open(f"{SITE}/protected/index.shtml")
            if page.url.startswith(DEMO["issuer"]):
                break
            time.sleep(0.1)
        self.assertTrue(any("courriel" in form.fields for form in page.forms), f"{page.url}: {page.html[:500]}")
        page = staying.open(f"{SITE}/protected/index.shtml")
        self.assertEqual((page.url, page.status), (f"{SITE}/protected/index.shtml", 200))

    def test_nobody_enters_without_signing_in(self):
        page = Person(DEMO, EMAIL).open(f"{SITE}/protected/index.shtml")
        self.assertTrue(page.url.startswith(DEMO["issuer"]), page.url)


if __name__ == "__main__":
    unittest.main()
