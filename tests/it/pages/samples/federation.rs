//! Upstream providers.

use super::*;

impl Maker<'_> {
    pub(super) fn federation(&mut self) {
        let url = self.v("https://fc.example.fr/api/v2/authorize?client_id=x");
        self.add("amont-depart", DepartPage { page: self.journey(), name: self.v("FranceConnect"), url });
        let facts = vec![
            (self.v("Prénom"), self.v("Angela Claire Louise")),
            (self.v("Nom de naissance"), self.v("DUBOIS")),
            (self.v("Date de naissance"), self.v("24 août 1962")),
        ];
        let contact = FinishPage {
            page: self.journey(),
            t: self.v("scelle"),
            name: self.v("FranceConnect"),
            facts,
            courriel: self.v("angela@mel.example"),
            trusted: false,
            errors: Errors::none(),
        };
        self.add("amont-contact", contact.clone());
        let errors = Errors::one("courriel_contact", Problem::EmailMalformed);
        self.add("amont-contact-erreur", FinishPage { errors, trusted: true, ..contact });
        let (name, courriel) = (self.v("FranceConnect"), self.v("angela@mel.example"));
        let question = LinkPage { page: self.journey(), t: self.v("scelle"), name, courriel, distinct: true };
        self.add("amont-rapprochement-agent", LinkPage { name: self.v("ProConnect"), distinct: false, ..question.clone() });
        self.add("amont-rapprochement", question);
        let out = SignedOutPage {
            page: self.public("/deconnexion"),
            confirmed: vec![],
            unconfirmed: vec![],
            upstream: Some(Link {
                label: self.v("FranceConnect"),
                url: self.v("https://fc.example.fr/api/v2/session/end?id_token_hint=x"),
            }),
            leaving: None,
            back: None,
        };
        self.add("deconnexion-amont", out.clone());
        self.add("deconnexion-amont-depart", SignedOutPage { leaving: Some(self.v("FranceConnect")), ..out });
        for cause in Cause::ALL {
            let upstream = Upstream { name: self.v("FranceConnect"), cause, code: None };
            let error = ErrorPage {
                page: self.journey(),
                code: upstream.error(),
                way: Some(Way::Resume(self.v("/connexion?t=scelle"))),
                reference: self.v("7F3K-92QM"),
                date: self.v("22 novembre 2026 à 10 h 42"),
                until: None,
                technical: None,
                upstream: Some(upstream),
            };
            self.add("amont-erreur", error);
        }
    }
}
