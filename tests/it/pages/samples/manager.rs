//! The manager's area, and « Mes établissements ».

use guichet::web::view::catalogue::Tick;
use guichet::web::view::etablissement::*;
use guichet::web::view::etablissement_journal::*;
use guichet::web::view::etablissement_people::*;
use guichet::web::view::etablissement_requests::*;
use guichet::web::view::etablissement_rights::*;
use guichet::web::view::etablissement_succession::*;

use super::*;

const BASE: &str = "/etablissements/73282932000074";

impl Maker<'_> {
    fn leading(&self, rest: &str) -> Page {
        Page { manager: true, ..self.private(&format!("{BASE}{rest}")) }
    }

    fn head(&self) -> Head {
        let (name, siret) = (self.v("Boulangerie Durand"), self.v("732 829 320 00074"));
        Head { name, siret, base: BASE.into(), waiting: 2, cards: true }
    }

    fn choice(&self, value: &str, label: &str, chosen: bool) -> Tick {
        Tick { value: value.into(), label: self.v(label), hint: self.v("Gère ses propres démarches."), chosen }
    }

    pub(super) fn managers_area(&mut self) {
        self.places();
        self.people();
        self.waiting();
        self.inviting();
        self.place_notices();
    }

    fn places(&mut self) {
        let line = |name: &str, siret: &str, manager: bool| PlaceLine {
            name: self.v(name),
            siret: self.v(siret),
            base: format!("/etablissements/{siret}"),
            role: if manager { "org-role-manager" } else { "org-role-contact" },
            state: "org-place-active",
            until: (!manager).then(|| self.v("3 mars 2027")),
            manager,
            cards: true,
        };
        let company = PlaceGroup {
            siren: Some(self.v("732 829 320")),
            places: vec![line("Boulangerie Durand", "73282932000074", true), line("Boulangerie Durand Gare", "73282932000082", false)],
        };
        let other = PlaceGroup { siren: None, places: vec![line("Mairie de Paris", "21750001600019", false)] };
        let page = self.private("/etablissements");
        let places = PlacesPage { page, groups: vec![company, other], filter: None, next_url: None, professional: true };
        self.add("etablissements", places.clone());
        let (filter, next_url) = (Some(self.v("durand")), Some("/etablissements?apres=73282932000082".to_owned()));
        self.add("etablissements-filtres", PlacesPage { filter: filter.clone(), next_url, ..places.clone() });
        self.add("etablissements-aucun", PlacesPage { groups: vec![], ..places.clone() });
        self.add("etablissements-rien", PlacesPage { groups: vec![], filter, professional: false, ..places });
        let leave = LeavePage {
            page: self.private("/etablissements/73282932000074/quitter"),
            name: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            base: BASE.into(),
            errors: Errors::none(),
        };
        self.add("etablissement-quitter", leave.clone());
        let errors = Errors::one("quitter", Problem::Place(PlaceProblem::LastManager));
        self.add("etablissement-quitter-dernier", LeavePage { errors, ..leave });
        let place = PlacePage {
            page: self.leading(""),
            head: self.head(),
            siren: self.v("732 829 320"),
            domains: vec![self.v("boulangerie.example")],
            managers: vec![self.v("Dominique Martin"), self.v("Lou Petit")],
            people: 12,
            register: Some(RegisterFacts { address: self.v("3 rue des Lilas, 35000 Rennes"), open: false, date: self.v("3 mars 2026") }),
            succession: Some("org-succession-offered"),
            prove_url: Some(format!("{BASE}/rejoindre")),
        };
        self.add("etablissement", place.clone());
        let head = Head { cards: false, waiting: 0, ..self.head() };
        self.add("etablissement-simple", PlacePage { domains: vec![], head, register: None, prove_url: None, ..place });
    }

    fn person(&self) -> PersonLine {
        PersonLine {
            url: format!("{BASE}/intervenants/acc_1"),
            choice: Some("acc_1".into()),
            name: self.v("Camille Durand"),
            email: self.v("camille@boulangerie.example"),
            role: "org-role-contact",
            means: vec!["org-means-passkey", "org-means-application", "org-means-card"],
            last_used: Some(self.v("22 novembre 2026")),
            state: "org-place-active",
            until: Some(self.v("3 mars 2027")),
            suspended: true,
        }
    }

    fn held(&self, state: &'static str, why: Option<&'static str>) -> HeldLine {
        HeldLine {
            url: format!("{BASE}/intervenants/acc_1/acces/aides"),
            service: self.v("Dépôt des aides"),
            profiles: self.v("Dépôt, lecture"),
            state,
            why,
            until: why.is_none().then(|| self.v("3 mars 2027")),
        }
    }

    fn review_and_journal(&mut self) {
        let line = ReviewLine {
            value: "aides:acc_1".into(),
            name: self.v("Camille Durand"),
            email: self.v("camille@boulangerie.example"),
            service: self.v("Dépôt des aides"),
            profiles: self.v("Dépôt, lecture"),
            last_used: Some(self.v("22 novembre 2026")),
            own: false,
        };
        let own = ReviewLine { own: true, last_used: None, ..line.clone() };
        let open = OpenReview {
            until: self.v("3 mars 2027"),
            service: Some(self.v("Dépôt des aides")),
            done: 3,
            total: 12,
            lines: vec![line, own],
            next_url: Some(format!("{BASE}/revue?apres=aides:acc_1")),
        };
        let end = DayFields { day: self.v("31"), month: self.v("12"), year: self.v("2027") };
        let page = ReviewPage { page: self.leading("/revue"), head: self.head(), open: Some(open.clone()), end, errors: Errors::none() };
        self.add("etablissement-revue", page.clone());
        let done = OpenReview { done: 1, total: 1, service: None, lines: vec![], next_url: None, ..open };
        self.add("etablissement-revue-finie", ReviewPage { open: Some(done), ..page.clone() });
        self.add("etablissement-revue-aucune", ReviewPage { open: None, ..page.clone() });
        for problem in [PlaceProblem::DateFar, PlaceProblem::NothingToReview] {
            let errors = Errors::one("fin_jour", Problem::Place(problem));
            self.add("etablissement-revue-erreur", ReviewPage { open: None, errors, ..page.clone() });
        }
        let old = FollowingLine { id: "suc_1".into(), name: self.v("Imprimerie du Canal"), siret: self.v("930 000 013 00019") };
        let page = SuccessionPage {
            page: self.leading("/succession"),
            head: self.head(),
            next: Some(old.clone()),
            asked: false,
            waiting: vec![old.clone()],
            errors: Errors::none(),
        };
        self.add("etablissement-succession", page.clone());
        let errors = Errors::one("reporter", Problem::Place(PlaceProblem::SuccessorOrphan));
        self.add("etablissement-succession-erreur", SuccessionPage { waiting: vec![], errors, ..page.clone() });
        self.add("etablissement-succession-demandee", SuccessionPage { asked: true, ..page.clone() });
        self.add("etablissement-succession-aucune", SuccessionPage { next: None, waiting: vec![], ..page });
        let event = JournalLine {
            when: self.v("22 novembre 2026 à 09:00"),
            what: "org-event-right-granted",
            service: Some(self.v("Dépôt des aides")),
            person: self.v("Camille Durand"),
            by: self.v("Dominique Martin"),
        };
        let journal = JournalPage {
            page: self.leading("/journal"),
            head: self.head(),
            families: vec![self.choice("", "Tous les événements", true), self.choice("acces", "Accès aux services", false)],
            lines: vec![event.clone(), JournalLine { what: "org-event-place", service: None, by: String::new(), ..event }],
            next_url: Some(format!("{BASE}/journal?famille=&apres=1.aud_1")),
            export_url: format!("{BASE}/journal.csv?famille="),
        };
        self.add("etablissement-journal", journal.clone());
        self.add("etablissement-journal-vide", JournalPage { lines: vec![], next_url: None, ..journal });
    }

    fn one_right(&mut self) {
        let held = HeldPage {
            page: self.leading("/intervenants/acc_1/acces/aides"),
            head: self.head(),
            back: format!("{BASE}/intervenants/acc_1"),
            name: self.v("Camille Durand"),
            line: self.held("org-place-active", None),
            motifs: vec![self.choice("absence", "Absence", false), self.choice("securite", "Sécurité", false)],
            suspended: false,
            restorable: false,
            extensible: true,
            end: DayFields { day: self.v("31"), month: self.v("12"), year: self.v("2027") },
            latest: Some(self.v("3 mars 2028")),
            errors: Errors::none(),
        };
        self.add("intervenant-acces", held.clone());
        for (field, problem) in [("motif", PlaceProblem::MotifMissing), ("fin_jour", PlaceProblem::DatePast)] {
            let errors = Errors::one(field, Problem::Place(problem));
            self.add("intervenant-acces-erreur", HeldPage { errors, ..held.clone() });
        }
        for (why, restorable) in [
            ("org-suspension-absence", true),
            ("org-suspension-mission", true),
            ("org-suspension-security", true),
            ("org-suspension-review", true),
            ("org-suspension-operator", false),
        ] {
            let (line, motifs) = (self.held("org-held-suspended", Some(why)), vec![]);
            let page = HeldPage { line, motifs, suspended: true, restorable, extensible: false, latest: None, ..held.clone() };
            self.add("intervenant-acces-suspendu", page);
        }
    }

    fn people(&mut self) {
        let (url, name, email) = (format!("{BASE}/intervenants/acc_2"), self.v("Lou Petit"), self.v("lou@boulangerie.example"));
        let (means, state) = (vec![], "org-place-disabled");
        let gone =
            PersonLine { url, choice: None, name, email, means, state, last_used: None, until: None, suspended: false, ..self.person() };
        let over = PersonLine {
            url: format!("{BASE}/intervenants/acc_3"),
            choice: Some("acc_3".into()),
            email: self.v("x@y.example"),
            state: "org-place-over",
            ..self.person()
        };
        let list = PeoplePage {
            page: self.leading("/intervenants"),
            head: self.head(),
            filter: PeopleFilter {
                q: self.v("durand"),
                roles: vec![self.choice("", "Tous les rôles", true), self.choice("contact", "Contact de compte", false)],
                states: vec![self.choice("", "Tous les états", false), self.choice("inactif", "Inactifs depuis 6 mois", true)],
            },
            lines: vec![self.person(), gone, over],
            next_url: Some(format!("{BASE}/intervenants?apres=acc_2")),
            export_url: format!("{BASE}/intervenants.csv?"),
        };
        self.add("intervenants", list.clone());
        let many = DeactivateManyPage {
            page: self.leading("/desactiver?personne=acc_1"),
            head: self.head(),
            people: vec![("acc_1".into(), self.v("Camille Durand"), self.v("camille@boulangerie.example"))],
            motifs: vec![self.choice("depart", "Départ", false), self.choice("erreur", "Erreur", true)],
            errors: Errors::none(),
        };
        self.add("intervenants-desactiver", many.clone());
        let errors = Errors::one("motif", Problem::Place(PlaceProblem::LastManager));
        self.add("intervenants-desactiver-erreur", DeactivateManyPage { errors, ..many });
        let remind = RemindManyPage {
            page: self.leading("/relancer?personne=acc_1"),
            head: self.head(),
            people: vec![("acc_1".into(), self.v("Camille Durand"), self.v("camille@boulangerie.example"))],
        };
        self.add("intervenants-relancer", remind);
        self.add("intervenants-aucun", PeoplePage { lines: vec![], next_url: None, ..list });
        let rights = RightsPage {
            page: self.leading("/intervenants/acc_1"),
            head: self.head(),
            action: format!("{BASE}/intervenants/acc_1"),
            line: self.person(),
            roles: vec![self.choice("contact", "Contact de compte", true), self.choice("manager", "Gestionnaire de compte", false)],
            states: vec![self.choice("actif", "Actif", true), self.choice("desactive", "Désactivé", false)],
            end: DayFields { day: self.v("31"), month: self.v("12"), year: self.v("2027") },
            services: vec![self.given()],
            held: vec![self.held("org-place-active", None), self.held("org-held-suspended", Some("org-suspension-absence"))],
            own: false,
            disabled: false,
            card_url: Some(format!("{BASE}/cartes/GADT0001/delier")),
            errors: Errors::none(),
        };
        self.add("intervenant", rights.clone());
        self.add("intervenant-soi", RightsPage { own: true, services: vec![], card_url: None, ..rights.clone() });
        self.add("intervenant-desactive", RightsPage { disabled: true, ..rights.clone() });
        for (field, problem) in [
            ("role", PlaceProblem::LastManager),
            ("role", PlaceProblem::OthersEnd),
            ("role", PlaceProblem::RoleMissing),
            ("etat", PlaceProblem::StateMissing),
            ("droit", PlaceProblem::Lacks(self.v("Formations"), self.v("diplome"))),
            ("fin_jour", PlaceProblem::DateWrong),
            ("fin_jour", PlaceProblem::DatePast),
        ] {
            let errors = Errors::one(field, Problem::Place(problem));
            self.add("intervenant-erreur", RightsPage { errors, ..rights.clone() });
        }
        self.one_right();
        self.review_and_journal();
        self.leavers();
    }

    fn leavers(&mut self) {
        let deactivate = DeactivatePage {
            page: self.leading("/intervenants/acc_1/desactiver"),
            head: self.head(),
            back: format!("{BASE}/intervenants/acc_1"),
            name: self.v("Camille Durand"),
            own: false,
            motifs: vec![self.choice("depart", "Départ", false), self.choice("mission", "Fin de mission", false)],
            card_url: Some(format!("{BASE}/cartes/GADT0001/delier")),
            errors: Errors::none(),
        };
        self.add("intervenant-desactiver", deactivate.clone());
        let errors = Errors::one("motif", Problem::Place(PlaceProblem::MotifMissing));
        self.add("intervenant-desactiver-erreur", DeactivatePage { own: true, card_url: None, errors, ..deactivate });
        let hand = HandOverPage {
            page: self.leading("/transferer"),
            head: self.head(),
            people: vec![("acc_1".into(), self.v("Camille Durand – camille@boulangerie.example"))],
            personne: "acc_1".into(),
            step_down: true,
            waiting: vec![OfferLine { id: "hnd_1".into(), name: self.v("Camille Durand"), until: self.v("3 mars 2026 à 10 h 42") }],
            errors: Errors::none(),
        };
        self.add("etablissement-transferer", hand.clone());
        let open = Offered::Open {
            establishment: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            by: self.v("Dominique Martin"),
            until: self.v("3 mars 2026 à 10 h 42"),
            step_down: true,
        };
        for (name, offered) in [("transfert", open), ("transfert-fini", Offered::Over)] {
            self.add(name, OfferPage { page: self.private("/transfert/hnd_1"), action: "/transfert/hnd_1".into(), offered });
        }
        let claim = ClaimPage {
            page: self.private("/etablissements/73282932000074/reprendre"),
            name: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            base: BASE.into(),
            state: "org-claim-orphan",
            from: Some(self.v("10 mars 2026")),
            proved: false,
            provable: true,
            message: self.v("Je reprends."),
            errors: Errors::none(),
        };
        self.add("reprendre", claim.clone());
        self.add("reprendre-prouve", ClaimPage { state: "org-claim-away", proved: true, provable: false, ..claim.clone() });
        let errors = Errors::one("message", Problem::Org(guichet::web::view::org::OrgProblem::NotForTheTaking));
        self.add("reprendre-erreur", ClaimPage { state: "org-claim-managed", from: None, errors, ..claim.clone() });
        self.add("reprendre-rien", ClaimPage { state: "org-claim-own", from: None, ..claim });
        let errors = Errors::one("personne", Problem::Place(PlaceProblem::PersonMissing));
        self.add("etablissement-transferer-erreur", HandOverPage { step_down: false, errors, ..hand.clone() });
        self.add("etablissement-transferer-personne", HandOverPage { people: vec![], waiting: vec![], ..hand });
    }

    fn waiting(&mut self) {
        let line = WaitingLine {
            url: Some(format!("{BASE}/demandes/ask_1")),
            name: self.v("Andréa Moreau"),
            what: self.v("Rejoindre un établissement"),
            sent: self.v("3 mars 2026"),
            days: 1,
            reminded: true,
        };
        let other = WaitingLine { url: None, days: 12, reminded: false, what: self.v("Fichier national"), ..line.clone() };
        let next_url = Some(format!("{BASE}/demandes?apres=ask_1"));
        let list = WaitingPage { page: self.leading("/demandes"), head: self.head(), lines: vec![line.clone(), other], next_url };
        self.add("etablissement-demandes", list.clone());
        self.add("etablissement-demandes-aucune", WaitingPage { lines: vec![], next_url: None, ..list });
        let decision = DecisionPage {
            page: self.leading("/demandes/ask_1"),
            head: self.head(),
            action: format!("{BASE}/demandes/ask_1"),
            line,
            email: self.v("andrea@ailleurs.example"),
            domain: "org-domain-unknown",
            identity: "org-identity-declared",
            message: Some(self.v("Je commence lundi.")),
            roles: vec![self.choice("contact", "Contact de compte", true), self.choice("manager", "Gestionnaire de compte", false)],
            profiles: vec![],
            end: DayFields::default(),
            latest: None,
            claim: Some(self.v("10 mars 2026 à 10 h 42")),
            motifs: vec![self.choice("inconnu", "Inconnue", false), self.choice("autre", "Autre motif", false)],
            precision: self.v("Voyez la mairie."),
            errors: Errors::none(),
        };
        self.add("demande-decision", decision.clone());
        let profiles = vec![self.choice("lecture", "Lecture", true), self.choice("depot", "Dépôt", false)];
        let access =
            DecisionPage { profiles, domain: "org-proof-shown", identity: "org-identity-verified", message: None, claim: None, ..decision };
        self.add("demande-decision-acces", access.clone());
        self.add("demande-decision-duree", DecisionPage { latest: Some(self.v("3 mars 2027")), ..access.clone() });
        for (field, problem) in [
            ("profil", PlaceProblem::ProfileMissing),
            ("profil", PlaceProblem::Gone),
            ("profil", PlaceProblem::RightUnknown),
            ("precision", PlaceProblem::WordsMissing),
        ] {
            let errors = Errors::one(field, Problem::Place(problem));
            self.add("demande-decision-erreur", DecisionPage { errors, ..access.clone() });
        }
    }

    fn given(&mut self) -> ServiceRights {
        ServiceRights {
            id: "aides".into(),
            name: self.v("Dépôt des aides"),
            profiles: vec![self.choice("aides:depot", "Dépôt", true), self.choice("aides:lecture", "Lecture", false)],
        }
    }

    fn inviting(&mut self) {
        let rights = vec![(self.v("Dépôt des aides"), self.v("Dépôt, lecture"))];
        let waiting = InvitationLine {
            id: "inv_1".into(),
            email: self.v("lou@ailleurs.example"),
            role: "org-role-contact",
            until: self.v("3 mars 2027"),
            rights: rights.clone(),
        };
        let invite = InvitePage {
            page: self.leading("/inviter"),
            head: self.head(),
            adresses: String::new(),
            role: String::new(),
            roles: vec![self.choice("contact", "Contact de compte", true), self.choice("manager", "Gestionnaire de compte", false)],
            services: vec![self.given()],
            preview: None,
            waiting: vec![waiting],
            errors: Errors::none(),
        };
        self.add("inviter", invite.clone());
        let bad = vec![
            (self.v("pas une adresse"), "org-fault-malformed"),
            (self.v("a@b.example"), "org-fault-twice"),
            (self.v("camille@boulangerie.example"), "org-fault-member"),
        ];
        let good = vec![self.v("andrea@ailleurs.example")];
        let preview = Preview { good, bad: bad.clone(), role_key: "org-role-contact", rights: rights.clone() };
        self.add("inviter-apercu", InvitePage { preview: Some(Preview { rights: vec![], ..preview.clone() }), ..invite.clone() });
        self.add("inviter-apercu", InvitePage { preview: Some(preview.clone()), waiting: vec![], ..invite.clone() });
        let errors = Errors::one("adresses", Problem::Place(PlaceProblem::NobodyToInvite));
        self.add("inviter-personne", InvitePage { preview: Some(Preview { good: vec![], ..preview }), errors, ..invite.clone() });
        for problem in [PlaceProblem::NoAddress, PlaceProblem::TooManyAddresses(50), PlaceProblem::TooManyInvitations] {
            let errors = Errors::one("adresses", Problem::Place(problem));
            self.add("inviter-erreur", InvitePage { errors, waiting: vec![], ..invite.clone() });
        }
        let open = Invited::Open {
            establishment: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            role: "org-role-contact",
            rights,
            by: self.v("Dominique Martin"),
            until: self.v("3 mars 2027"),
        };
        for invited in [open, Invited::Foreign(self.v("sacha@mairie.example")), Invited::Over] {
            let page = self.private("/invitation?jeton=gin_1");
            self.add("invitation", InvitationPage { page, action: "/invitation?jeton=gin_1".into(), invited });
        }
    }

    fn place_notices(&mut self) {
        let name = self.v("Camille Durand");
        let named = [
            PlaceNotice::Saved,
            PlaceNotice::Deactivated,
            PlaceNotice::Reactivated,
            PlaceNotice::Accepted,
            PlaceNotice::Declined,
            PlaceNotice::ChangesAsked,
            PlaceNotice::Joined,
            PlaceNotice::Left,
            PlaceNotice::Suspended,
            PlaceNotice::Restored,
            PlaceNotice::Extended,
            PlaceNotice::Withdrawn,
            PlaceNotice::Offered,
            PlaceNotice::OfferDeclined,
            PlaceNotice::Manages,
            PlaceNotice::Confirmed,
        ];
        let others = [
            PlaceNotice::CarriedOver,
            PlaceNotice::SuccessionAsked,
            PlaceNotice::SuccessionDeclined,
            PlaceNotice::Late,
            PlaceNotice::NobodyChosen,
            PlaceNotice::DeactivatedMany(1),
            PlaceNotice::Reminded(1),
            PlaceNotice::Reminded(3),
            PlaceNotice::RemindedToday,
            PlaceNotice::NobodyToRemind,
            PlaceNotice::DeactivatedMany(3),
            PlaceNotice::OfferWithdrawn,
            PlaceNotice::ReviewOpened,
            PlaceNotice::Invited(1),
            PlaceNotice::Invited(12),
            PlaceNotice::InvitationCancelled,
        ];
        for notice in named.map(|n| n(name.clone())).into_iter().chain(others) {
            let page = Page { notice: Some(Notice::Place(notice)), ..self.private("/etablissements") };
            self.add("etablissements-avis", PlacesPage { page, groups: vec![], filter: None, next_url: None, professional: true });
        }
    }
}
