//! Establishments, services and requests.

use guichet::web::view::acting::{AccessPage, Awaited, Choice, ChoosePage, Place, Standing as Lacking};
use guichet::web::view::catalogue::{AskPage, CatalogueTile, OwnRight, ServicePage, ServicesPage, Standing, Tick};
use guichet::web::view::etablissement::PlaceProblem;
use guichet::web::view::etablissement_people::DayFields;
use guichet::web::view::org::OrgProblem;
use guichet::web::view::requests::{
    DecidePage, FoundLine, JoinPage, OfficialCodePage, RequestLine, RequestPage, RequestsPage, SearchPage, ToDecideLine, ToDecidePage,
};

use super::*;

impl Maker<'_> {
    fn tick(&self, value: &str, label: &str, chosen: bool) -> Tick {
        Tick { value: value.into(), label: self.v(label), hint: self.v("732 829 320 00074"), chosen }
    }

    fn found(&self, siret: &str, name: &str) -> FoundLine {
        FoundLine {
            siret: siret.into(),
            shown: self.v("732 829 320 00074"),
            name: self.v(name),
            sign: Some(self.v("Au Bon Pain")),
            address: self.v("3 rue des Lilas, 35000 Rennes"),
            head: true,
            open: true,
            mine: false,
        }
    }

    pub fn acting(&mut self) {
        let choice = |m: &Self, siret: &str, name: &str, ask: bool| Choice {
            siret: siret.into(),
            shown: m.v(siret),
            name: m.v(name),
            role: "org-role-manager",
            ask_url: ask.then(|| format!("/services/dossier/demande?etablissement={siret}")),
        };
        let choose = ChoosePage {
            page: self.journey(),
            t: self.v("scelle"),
            service: self.v("Dépôt des aides"),
            open: vec![choice(self, "73282932000074", "Boulangerie", false), choice(self, "13002526500013", "Mairie", false)],
            closed: vec![choice(self, "35600000000048", "La Poste", true)],
            filter: None,
            next_url: None,
            errors: Errors::none(),
        };
        self.add("choix-etablissement", choose.clone());
        let missing = Errors::one("etablissement", Problem::Org(OrgProblem::EstablishmentMissing));
        let (filter, next_url) = (Some(self.v("boul")), Some("/connexion/etablissement?t=x&apres=73282932000074".to_owned()));
        self.add("choix-etablissement-erreur", ChoosePage { errors: missing, filter, next_url, ..choose });
        let date = self.v("3 mars 2026");
        let reason = self.v("Vous n’êtes pas habilité");
        let waiting = Awaited {
            date: date.clone(),
            approver: "org-approver-managers",
            url: "/demandes/ask_1".into(),
            remind: false,
            remind_from: Some(self.v("6 mars 2026")),
        };
        let late = Awaited { remind: true, remind_from: None, ..waiting.clone() };
        let standings = [
            ("acces", Lacking::None),
            ("acces-sans-etablissement", Lacking::NoEstablishment),
            ("acces-en-attente", Lacking::Pending(waiting)),
            ("acces-a-relancer", Lacking::Pending(late)),
            ("acces-decline", Lacking::Declined(reason.clone())),
            ("acces-a-modifier", Lacking::Changes(reason)),
            ("acces-fini", Lacking::Ended(date)),
            ("acces-suspendu", Lacking::Suspended),
            ("acces-retenu", Lacking::HeldBack),
            ("acces-retire", Lacking::Withdrawn),
            ("acces-ferme", Lacking::Closed),
            ("acces-autres", Lacking::NotForYou),
            ("acces-a-confirmer", Lacking::Unproved),
        ];
        for (name, standing) in standings {
            let action = Some(Link { label: self.v("Demander un accès"), url: "/services/dossier/demande".into() });
            let (page, t, service) = (self.journey(), self.v("scelle"), self.v("Dépôt des aides"));
            let place = Some(Place { name: self.v("Boulangerie"), siret: self.v("732 829 320 00074") });
            self.add(name, AccessPage { page, t, service, standing, place, action });
        }
    }

    pub fn catalogue(&mut self) {
        let tiles = vec![self.catalogue_tile("dossier", Standing::Granted), self.catalogue_tile("mandat", Standing::OnRequest)];
        let others = vec![ServiceTile { name: self.v("Autre service"), description: None, url: Some("https://autre.example.fr/".into()) }];
        let themes = vec![(self.v("Emploi"), true), (self.v("Formation"), false)];
        let page = self.public("/services");
        self.add("services", ServicesPage { page, q: self.v("aide"), themes, services: tiles.clone(), others });
        let page = self.public("/services");
        self.add("services-vide", ServicesPage { page, q: String::new(), themes: vec![], services: vec![], others: vec![] });
        let service = ServicePage {
            page: self.private("/services/dossier"),
            tile: self.catalogue_tile("dossier", Standing::OnRequest),
            facts: vec![("org-fact-profiles", self.v("Instructeur, lecteur")), ("org-fact-contact", self.v("aide@dossier.example.fr"))],
            links: vec![("org-link-guide", "https://dossier.example.fr/guide.pdf".into())],
            ask_url: Some("/services/dossier/demande".into()),
            held: vec![self.own_right("org-place-active", true), self.own_right("org-held-suspended", false)],
        };
        self.add("service", service);
        let ask = AskPage {
            page: self.private("/services/dossier/demande"),
            id: "dossier".into(),
            service: self.v("Dépôt des aides"),
            approver: "org-approver-managers",
            places: vec![self.tick("73282932000074", "Boulangerie", true), self.tick("13002526500013", "Mairie", false)],
            filter: None,
            named: String::new(),
            next_url: None,
            profiles: vec![self.tick("lecteur", "Lecteur", false), self.tick("instructeur", "Instructeur", true)],
            motif: self.v("Je remplace un collègue."),
            reason_required: true,
            open_url: None,
            errors: Errors::none(),
        };
        self.add("demande-acces", ask.clone());
        let mut errors = Errors::one("etablissement", Problem::Org(OrgProblem::AlreadyAsked(self.v("3 mars 2026"))));
        errors.push("profil", Problem::Org(OrgProblem::ProfileMissing));
        errors.push("motif", Problem::Org(OrgProblem::ReasonMissing));
        self.add("demande-acces-erreur", AskPage { errors, open_url: Some("/demandes/ask_1".into()), ..ask.clone() });
        self.add("demande-acces-sans-etablissement", AskPage { places: vec![], ..ask.clone() });
        let (filter, named) = (Some(self.v("boul")), self.v("73282932000074"));
        let next_url = Some("/services/dossier/demande?filtre=boul&apres=73282932000074".to_owned());
        let many = AskPage { filter, named, next_url, ..ask };
        self.add("demande-acces-filtree", many.clone());
        self.add("demande-acces-aucun", AskPage { places: vec![], next_url: None, ..many });
    }

    pub fn catalogue_tile(&self, id: &str, standing: Standing) -> CatalogueTile {
        CatalogueTile {
            id: id.into(),
            name: self.v(&format!("Service {id}")),
            description: Some(self.v("Demander une aide à l’emploi.")),
            audience: "org-audience-professionals",
            standing,
            url: Some("https://dossier.example.fr/".into()),
        }
    }

    pub fn request_line(&self) -> RequestLine {
        RequestLine {
            url: "/demandes/ask_1".into(),
            what: self.v("Dépôt des aides"),
            establishment: self.v("Boulangerie"),
            sent: self.v("3 mars 2026"),
            state: "org-state-pending",
            approver: "org-approver-managers",
        }
    }

    fn own_right(&self, state: &'static str, ends: bool) -> OwnRight {
        OwnRight {
            service: self.v("Dépôt des aides"),
            establishment: self.v("Boulangerie"),
            profiles: self.v("Lecteur"),
            state,
            until: ends.then(|| self.v("3 mars 2027")),
            renew_url: ends.then(|| "/services/dossier/demande?etablissement=73282932000074".to_owned()),
        }
    }

    pub fn requests(&mut self) {
        let line = self.request_line();
        let (page, renewals, named) = (self.private("/demandes"), vec![self.own_right("org-place-over", true)], Some(self.v("3")));
        self.add("demandes", RequestsPage { page, renewals, requests: vec![line.clone()], named });
        let page = self.private("/demandes");
        self.add("demandes-vide", RequestsPage { page, renewals: vec![], requests: vec![], named: None });
        let request = RequestPage {
            page: self.private("/demandes/ask_1"),
            siret: self.v("732 829 320 00074"),
            steps: vec![(self.v("Demande envoyée"), self.v("3 mars 2026 à 10 h 42"))],
            message: Some(self.v("Je remplace un collègue.")),
            reason: None,
            open: true,
            remind: true,
            remind_from: None,
            again_url: None,
            line,
        };
        self.add("demande", request.clone());
        let remind_from = Some(self.v("6 mars 2026"));
        self.add("demande-tot", RequestPage { remind: false, remind_from, ..request.clone() });
        let (reason, again_url) = (Some(self.v("Personne inconnue")), Some("/services/dossier/demande".into()));
        self.add("demande-declinee", RequestPage { open: false, remind: false, reason, again_url, ..request });
        let line = ToDecideLine {
            url: "/demandes/a-traiter/ask_1".into(),
            name: self.v("Camille Durand"),
            what: self.v("Dépôt des aides"),
            establishment: self.v("Boulangerie"),
            sent: self.v("3 mars 2026"),
        };
        let page = self.private("/demandes/a-traiter");
        let next_url = Some("/demandes/a-traiter?apres=ask_1".to_owned());
        self.add("demandes-a-traiter", ToDecidePage { page: page.clone(), lines: vec![line.clone()], next_url });
        self.add("demandes-a-traiter-vide", ToDecidePage { page, lines: vec![], next_url: None });
        let decide = DecidePage {
            page: self.private("/demandes/a-traiter/ask_1"),
            line,
            siret: self.v("732 829 320 00074"),
            email: self.v("camille@boulangerie.example"),
            message: Some(self.v("Je remplace un collègue.")),
            profiles: vec![self.tick("lecteur", "Lecteur", true)],
            end: DayFields::default(),
            latest: Some(self.v("3 mars 2027")),
            precision: String::new(),
            errors: Errors::none(),
        };
        self.add("demande-a-traiter", decide.clone());
        let mut errors = Errors::one("profil", Problem::Org(OrgProblem::CannotGrant));
        errors.push("precision", Problem::Org(OrgProblem::AnswerMissing));
        errors.push("fin_jour", Problem::Place(PlaceProblem::DatePast));
        let end = DayFields { day: self.v("31"), month: self.v("2"), year: self.v("2027") };
        self.add("demande-a-traiter-erreur", DecidePage { errors, end, latest: None, ..decide });
        let search = SearchPage {
            page: self.private("/etablissements/recherche"),
            q: self.v("boulangerie"),
            lieu: self.v("Rennes"),
            found: Some(vec![self.found("73282932000074", "Boulangerie"), self.found("35600000000048", "La Poste")]),
            next_url: Some("/etablissements/recherche?q=boulangerie&page=1".to_owned()),
            suggested: vec![],
            successor: None,
            errors: Errors::none(),
        };
        self.add("recherche", search.clone());
        let errors = Errors::one("q", Problem::Org(OrgProblem::Closed(Some(self.v("3 mars 2026")))));
        let successor = Some(self.found("13002526500013", "Mairie"));
        self.add("recherche-fermee", SearchPage { found: None, successor, errors, ..search.clone() });
        let suggested = vec![self.found("13002526500013", "Mairie")];
        self.add("recherche-proposee", SearchPage { q: String::new(), lieu: String::new(), found: None, suggested, ..search });
        let join = JoinPage {
            page: self.private("/etablissements/73282932000074/rejoindre"),
            line: self.found("73282932000074", "Boulangerie"),
            outcome: "org-join-managed",
            roles: vec![self.tick("contact", "Contact de compte", true), self.tick("manager", "Gestionnaire de compte", false)],
            message: self.v("Bonjour"),
            writes: true,
            official: Some(self.v("c•••@boulangerie.example")),
            proved: false,
            errors: Errors::none(),
        };
        self.add("rejoindre", join.clone());
        let mine = FoundLine { mine: true, ..join.line.clone() };
        self.add("rejoindre-deja", JoinPage { line: mine, ..join.clone() });
        self.add("rejoindre-premier", JoinPage { outcome: "org-join-first", roles: vec![], writes: false, official: None, ..join.clone() });
        self.add("rejoindre-prouve", JoinPage { proved: true, ..join });
        let code = OfficialCodePage {
            page: self.private("/etablissements/73282932000074/rejoindre/code"),
            line: self.found("73282932000074", "Boulangerie"),
            official: self.v("c•••@boulangerie.example"),
            validity_minutes: 15,
            resend_in: 30,
            errors: Errors::none(),
        };
        self.add("rejoindre-code", code.clone());
        let errors = Errors::one("code", Problem::Org(OrgProblem::CodeUsed));
        self.add("rejoindre-code-erreur", OfficialCodePage { resend_in: 0, errors, ..code });
    }
}
