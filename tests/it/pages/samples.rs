//! One sample or more of every page, from invented data. `value` passes every piece of data through, so that a test may
//! put something hostile in its place.

mod cards;
mod federation;
mod manager;
mod org;

use askama::Template;
use guichet::base::texts::{Locale, Texts};
use guichet::federation::Cause;
use guichet::web::view::account::*;
use guichet::web::view::creation::*;
use guichet::web::view::error::*;
use guichet::web::view::federation::*;
use guichet::web::view::first_sign_in::*;
use guichet::web::view::identity::*;
use guichet::web::view::passkey::*;
use guichet::web::view::portal::*;
use guichet::web::view::second_factor::*;
use guichet::web::view::security::*;
use guichet::web::view::sign_in::*;
use guichet::web::view::sign_out::*;
use guichet::web::view::statics::*;
use guichet::web::view::{Environment, Errors, Link, Notice, Page, Problem};

/// What stands for a piece of data.
pub type Value<'a> = &'a dyn Fn(&str) -> String;

/// A rendered page and what to call it.
pub struct Sample {
    pub name: &'static str,
    pub html: String,
}

struct Maker<'a> {
    locale: Locale,
    value: Value<'a>,
    samples: Vec<Sample>,
}

/// Every page in `locale`.
pub fn samples(locale: Locale, value: Value<'_>) -> Vec<Sample> {
    let mut maker = Maker { locale, value, samples: Vec::new() };
    maker.sign_in();
    maker.code();
    maker.first_sign_in();
    maker.gates();
    maker.leaving();
    maker.creation();
    maker.account();
    maker.account_lists();
    maker.second_factor();
    maker.security();
    maker.cards();
    maker.passkeys();
    maker.federation();
    maker.portal();
    maker.acting();
    maker.catalogue();
    maker.requests();
    maker.managers_area();
    maker.errors();
    maker.samples
}

impl Maker<'_> {
    fn v(&self, text: &str) -> String {
        (self.value)(text)
    }

    fn agents(&self) -> Vec<UpstreamButton> {
        vec![UpstreamButton { id: "proconnect".into(), name: "ProConnect".into() }]
    }

    fn upstreams(&self) -> Vec<UpstreamButton> {
        vec![UpstreamButton { id: "franceconnect".into(), name: self.v("FranceConnect") }]
    }

    fn add(&mut self, name: &'static str, view: impl Template) {
        self.samples.push(Sample { name, html: view.render().unwrap() });
    }

    /// Before anybody is known, on the way to a service.
    fn journey(&self) -> Page {
        Page {
            t: Texts::new(self.locale),
            portal: self.v("Portail des aides"),
            jeton: self.v("jeton-du-formulaire"),
            service: Some(self.v("Dépôt des aides")),
            path: self.v("/connexion?t=scelle"),
            password_min: 12,
            ..Page::default()
        }
    }

    /// The portal's own pages, nobody signed in.
    fn public(&self, path: &str) -> Page {
        Page { service: None, path: path.to_owned(), ..self.journey() }
    }

    /// The portal's own pages, signed in.
    fn private(&self, path: &str) -> Page {
        Page { person: Some(self.v("Camille Durand")), ..self.public(path) }
    }

    /// About as long as the real one.
    fn passkey(&self, step: PasskeyStep, conditional: bool) -> PasskeyForm {
        let options = format!(
            r#"{{"publicKey":{{"challenge":"{}","timeout":300000,"rpId":"sso.aides.example.fr","allowCredentials":[],"userVerification":"required"}},"etat":"{}"}}"#,
            "q7".repeat(22),
            "Zk3x".repeat(75)
        );
        PasskeyForm { prompt: if conditional { self.v(&options) } else { String::new() }, ..PasskeyForm::of(step, &self.v("scelle")) }
    }

    fn passkeys(&mut self) {
        let page = |step, trouble| PasskeyPage {
            page: self.journey(),
            t: self.v("scelle"),
            step,
            form: self.passkey(step, false),
            trouble,
            others: true,
            why: (step == PasskeyStep::SecondFactor).then_some(Why::Service),
        };
        let second = page(PasskeyStep::SecondFactor, None);
        let refused = page(PasskeyStep::SignIn, Some(PasskeyTrouble::Refused));
        let expired = page(PasskeyStep::SignIn, Some(PasskeyTrouble::Expired));
        let suspended = page(PasskeyStep::SecondFactor, Some(PasskeyTrouble::Suspended));
        let limited = page(PasskeyStep::SignIn, Some(PasskeyTrouble::Limited(self.v("10 h 42"))));
        let form = PasskeyForm { creates: true, ..self.passkey(PasskeyStep::SignIn, false) };
        let add =
            AddPasskeyPage { page: self.private("/compte/securite/cle"), form: Some(form), trouble: None, back: None, in_journey: false };
        let one = EditPasskeyPage {
            page: self.private("/compte/securite/cle/fac_1"),
            id: self.v("fac_1"),
            nom_cle: self.v("Chrome sur Windows"),
            since: self.v("22 novembre 2026"),
            last_used: None,
            synced: true,
            suspended: false,
            back: self.v("/accueil"),
            errors: Errors::none(),
        };
        let remove = RemovePasskeyPage { page: self.private("/compte"), id: self.v("fac_1"), nom_cle: self.v("Bitwarden"), last_for: None };
        self.add("cle-second-facteur", second);
        self.add("cle-refusee", refused);
        self.add("cle-expiree", expired);
        self.add("cle-suspendue", suspended);
        self.add("cle-limitee", limited);
        self.add("cle-ajouter", add.clone());
        self.add("cle-ajouter-deja", AddPasskeyPage { trouble: Some(AddPasskeyTrouble::Known), ..add.clone() });
        self.add("cle-ajouter-echec", AddPasskeyPage { trouble: Some(AddPasskeyTrouble::Failed), ..add.clone() });
        self.add(
            "cle-ajouter-ensuite",
            AddPasskeyPage {
                back: Some(Link {
                    label: Texts::new(self.locale).get("account-passkey-without"),
                    url: self.v("/creation/terminee?t=scelle"),
                }),
                ..add.clone()
            },
        );
        self.add("cle-ajouter-parcours", AddPasskeyPage { page: self.journey(), in_journey: true, ..add.clone() });
        self.add("cle-ajouter-trop", AddPasskeyPage { form: None, ..add });
        self.add("cle", one.clone());
        let used = Some(self.v("22 novembre 2026 à 10 h 42"));
        self.add("cle-utilisee", EditPasskeyPage { synced: false, suspended: true, last_used: used, ..one.clone() });
        self.add("cle-erreur", EditPasskeyPage { errors: Errors::one("nom_cle", Problem::MeansName), ..one });
        self.add("cle-supprimer", remove.clone());
        self.add("cle-derniere", RemovePasskeyPage { last_for: Some(Texts::new(self.locale).get("security-demand-role")), ..remove });
    }

    fn courriel(&self) -> String {
        self.v("camille@boulangerie.example")
    }

    fn sign_in(&mut self) {
        let sign_in = SignInPage {
            upstreams: self.upstreams(),
            agents: self.agents(),
            page: self.journey(),
            t: self.v("scelle"),
            courriel: String::new(),
            suggestion: None,
            registration: true,
            first: true,
            passkey: Some(self.passkey(PasskeyStep::SignIn, true)),
            errors: Errors::none(),
        };
        let missing = Errors::one("courriel", Problem::EmailMissing);
        self.add("connexion", sign_in.clone());
        self.add("connexion-erreur", SignInPage { errors: missing, ..sign_in.clone() });
        let suggestion = Some(self.v("camille@gmail.com"));
        self.add("connexion-suggestion", SignInPage { suggestion, courriel: self.v("camille@gmial.com"), ..sign_in.clone() });
        let portal = Page { environment: Environment::Demonstration, ..self.public("/connexion") };
        self.add("connexion-portail", SignInPage { page: portal, t: String::new(), ..sign_in });

        let password =
            PasswordPage { page: self.journey(), t: self.v("scelle"), courriel: self.courriel(), fixed: false, errors: Errors::none() };
        self.add("mot-de-passe", password.clone());
        let wrong = Errors::one("mot_de_passe", Problem::PasswordWrong);
        self.add("mot-de-passe-erreur", PasswordPage { errors: wrong, fixed: true, ..password.clone() });
        let locked = Errors::one("mot_de_passe", Problem::PasswordLocked(self.v("10 h 42")));
        self.add("mot-de-passe-suspendu", PasswordPage { errors: locked, ..password });
        self.add(
            "autres-moyens",
            OtherMeansPage {
                page: self.journey(),
                t: self.v("scelle"),
                upstreams: self.upstreams(),
                passkey: Some(self.passkey(PasskeyStep::SignIn, false)),
            },
        );
        self.add("oublie", ForgottenPage { page: self.journey(), t: self.v("scelle"), courriel: self.courriel(), errors: Errors::none() });
        let weak = Errors::one("nouveau_mot_de_passe", Problem::PasswordTooShort(12));
        self.add(
            "nouveau-mot-de-passe",
            NewPasswordPage { page: self.journey(), t: self.v("scelle"), courriel: self.courriel(), errors: weak },
        );
    }

    fn first_sign_in(&mut self) {
        let first = FirstSignInPage {
            page: self.journey(),
            t: self.v("scelle"),
            courriel: self.courriel(),
            telephone: self.v("06 12 34 56 78"),
            errors: Errors::none(),
        };
        self.add("premiere-connexion", first.clone());
        let mut wrong = Errors::one("courriel", Problem::EmailMalformed);
        wrong.push("telephone", Problem::Landline);
        self.add("premiere-connexion-erreur", FirstSignInPage { errors: wrong, ..first });
        let codes = FirstSignInCodesPage {
            page: self.journey(),
            t: self.v("scelle"),
            courriel: self.courriel(),
            telephone: self.v("06 12 34 56 78"),
            sender: self.v("ne-pas-repondre@aides.example"),
            validity_minutes: 15,
            resend_in: 30,
            errors: Errors::none(),
        };
        self.add("premiere-connexion-codes", codes.clone());
        let refused = Errors::one("code", Problem::FirstSignInRefused);
        self.add("premiere-connexion-codes-erreur", FirstSignInCodesPage { errors: refused, resend_in: 0, ..codes });
        let activation = ActivationPage { page: self.journey(), t: self.v("scelle"), courriel: self.courriel(), errors: Errors::none() };
        self.add("activation", activation.clone());
        self.add("sans-mot-de-passe", NoPasswordPage { page: self.journey(), url: self.v("/connexion") });
        let weak = Errors::one("nouveau_mot_de_passe", Problem::PasswordDivulged);
        self.add("activation-erreur", ActivationPage { errors: weak, ..activation });
    }

    fn code(&mut self) {
        let code = CodePage {
            page: self.journey(),
            t: self.v("scelle"),
            purpose: CodePurpose::SignIn,
            courriel: self.courriel(),
            sender: self.v("ne-pas-repondre@aides.example"),
            validity_minutes: 15,
            resend_in: 30,
            help_open: false,
            fixed: false,
            registration: true,
            trust_days: None,
            errors: Errors::none(),
        };
        self.add("code", code.clone());
        self.add("code-apres-mot-de-passe", CodePage { trust_days: Some(30), ..code.clone() });
        let wrong = Errors::one("code", Problem::CodeWrong(4));
        self.add("code-erreur", CodePage { errors: wrong, resend_in: 0, help_open: true, ..code.clone() });
        let sent = Page { notice: Some(Notice::CodeSent(self.v("10 h 42"))), ..self.journey() };
        self.add("code-renvoye", CodePage { page: sent, fixed: true, ..code.clone() });
        self.add("code-creation", CodePage { purpose: CodePurpose::Creation, ..code.clone() });
        self.add("code-oublie", CodePage { purpose: CodePurpose::Reset, ..code.clone() });
        let page = self.private("/compte/courriel-connexion/code");
        self.add("code-courriel", CodePage { page, purpose: CodePurpose::LoginEmail, t: String::new(), ..code.clone() });
        let page = self.private("/compte/courriel-contact/code");
        self.add("code-contact", CodePage { page, purpose: CodePurpose::ContactEmail, t: String::new(), ..code });
    }

    fn second_factor(&mut self) {
        let (page, t) = (self.journey(), self.v("scelle"));
        let means = vec![FactorMeans::Passkey, FactorMeans::Application, FactorMeans::Card, FactorMeans::Recovery];
        for (name, why) in
            [("verification-service", Why::Service), ("verification-role", Why::Role), ("verification-administration", Why::Administration)]
        {
            self.add(name, MeansPage { page: page.clone(), t: t.clone(), why, means: means.clone() });
        }
        let code = FactorCodePage {
            page: page.clone(),
            t: t.clone(),
            why: Why::Person,
            means: FactorMeans::Application,
            resynchronise: false,
            others: true,
            errors: Errors::none(),
        };
        self.add("verification-application", code.clone());
        let refused = [
            ("verification-application-fausse", FactorMeans::Application, Problem::ApplicationCodeWrong),
            ("verification-application-rejouee", FactorMeans::Application, Problem::CodeReplayed),
            ("verification-suspendue", FactorMeans::Application, Problem::FactorSuspended(self.v("10 h 42"))),
            ("verification-carte", FactorMeans::Card, Problem::CodeReplayed),
            ("verification-secours", FactorMeans::Recovery, Problem::RecoveryWrong),
            ("verification-secours-forme", FactorMeans::Recovery, Problem::RecoveryMalformed),
        ];
        for (name, means, problem) in refused {
            let field = if means == FactorMeans::Recovery { "code_secours" } else { "code" };
            self.add(name, FactorCodePage { means, errors: Errors::one(field, problem), why: Why::Action, ..code.clone() });
        }
        self.add("verification-carte-decalee", FactorCodePage { means: FactorMeans::Card, resynchronise: true, ..code });
        let lost = LostPage { page: page.clone(), t: t.clone(), card: true, managers: true, identity: None, open: None };
        self.add("perdu", lost.clone());
        self.add("perdu-assistance", LostPage { managers: false, card: false, ..lost.clone() });
        self.add("perdu-identite", LostPage { identity: Some(self.v("FranceConnect")), ..lost.clone() });
        let (since, ready) = (self.v("22 novembre 2026"), self.v("23 novembre 2026"));
        self.add("perdu-demande", LostPage { open: Some((since.clone(), None)), ..lost.clone() });
        self.add("perdu-accepte", LostPage { open: Some((since, Some(ready))), ..lost });
        let stop = StopPage {
            page: self.public("/secours/annuler"),
            demande: self.v("rec_x"),
            jeton_arret: self.v("x"),
            open: true,
            stopped: false,
        };
        self.add("secours-arret", stop.clone());
        self.add("secours-arrete", StopPage { open: false, stopped: true, ..stop.clone() });
        self.add("secours-inconnu", StopPage { open: false, ..stop });
        let enrol = EnrolPage { page, t, why: Why::Role, days_left: Some(14), application: true, passkey_only: false };
        self.add("renforcement", enrol.clone());
        self.add("renforcement-dernier-jour", EnrolPage { days_left: Some(0), ..enrol.clone() });
        self.add("renforcement-cle", EnrolPage { days_left: None, passkey_only: true, ..enrol });
    }

    fn security(&mut self) {
        let line = |name: &str, used: Option<&str>| MeansLine {
            name: self.v(name),
            url: self.v("/compte/securite/application/x"),
            since: self.v("22 novembre 2026"),
            last_used: used.map(|u| self.v(u)),
            suspended: used.is_none(),
        };
        let full = SecurityPage {
            page: self.private("/compte/securite"),
            level: 3,
            password_since: Some(self.v("22 novembre 2026")),
            no_password: false,
            two_step: true,
            two_step_always: false,
            passkeys: vec![line("Chrome sur Windows", Some("23 novembre 2026"))],
            kept_passkeys: self.v(r#"{"rpId":"sso.aides.example.fr","userId":"q7","allAcceptedCredentialIds":["Zk3x"]}"#),
            applications: vec![line("Téléphone", None)],
            may_add_application: true,
            card: Some(line("GADT0001234", None)),
            recovery: Some((1, self.v("22 novembre 2026"))),
            browsers: 2,
        };
        let bare = SecurityPage {
            level: 1,
            password_since: None,
            no_password: true,
            two_step: false,
            two_step_always: true,
            passkeys: Vec::new(),
            applications: Vec::new(),
            may_add_application: false,
            card: None,
            recovery: None,
            browsers: 0,
            ..full.clone()
        };
        self.add("securite", full.clone());
        self.add("securite-deux", SecurityPage { level: 2, two_step: false, recovery: Some((0, self.v("22 novembre 2026"))), ..full });
        self.add("securite-vide", bare);
        let application = ApplicationPage {
            page: self.private("/compte/securite/application"),
            action: self.v("/compte/securite/application?s=scelle"),
            qr_url: self.v("/compte/securite/application/qr.svg?s=scelle"),
            key: self.v("JBSW Y3DP EHPK 3PXP"),
            uri: self.v("otpauth://totp/Portail:camille?secret=JBSWY3DP"),
            in_journey: false,
            nom: self.v("Téléphone"),
            errors: Errors::none(),
        };
        self.add("application", application.clone());
        for (name, problem) in [("application-deja", Problem::ApplicationEnrolled), ("application-trop", Problem::TooManyApplications)] {
            self.add(name, ApplicationPage { in_journey: true, errors: Errors::one("code", problem), ..application.clone() });
        }
        let codes = RecoveryCodesPage {
            page: self.private("/compte/securite/codes"),
            codes: Vec::new(),
            sealed: String::new(),
            action: self.v("/compte/securite/codes"),
            download: self.v("/compte/securite/codes/telecharger"),
            set: self.v("1"),
            owner: self.v("camille@boulangerie.example – 22 novembre 2026"),
            in_journey: true,
            errors: Errors::none(),
        };
        let shown = vec![self.v("K7QF-M2ZP"), self.v("W3XN-8RTB")];
        let errors = Errors::one("conserves", Problem::CodesNotKept);
        self.add("codes-secours", codes.clone());
        self.add("codes-secours-faits", RecoveryCodesPage { codes: shown, sealed: self.v("scelle"), in_journey: false, errors, ..codes });
        let means = MeansEditPage {
            page: self.private("/compte/securite/application/x"),
            action: self.v("/compte/securite/application/x"),
            nom: self.v("Téléphone"),
            last_for: None,
            errors: Errors::one("nom_moyen", Problem::MeansName),
        };
        self.add("moyen", means.clone());
        self.add("moyen-dernier", MeansEditPage { last_for: Some(self.v("votre rôle")), errors: Errors::none(), ..means });
        let browser = |device: &str| BrowserLine {
            id: self.v("tru_x"),
            device: self.v(device),
            since: self.v("22 novembre 2026"),
            until: self.v("22 décembre 2026"),
        };
        let browsers = vec![browser("Firefox, Linux"), browser("")];
        self.add("navigateurs", BrowsersPage { page: self.private("/compte/securite/navigateurs"), browsers, trust_days: None });
        self.add(
            "navigateurs-aucun",
            BrowsersPage { page: self.private("/compte/securite/navigateurs"), browsers: Vec::new(), trust_days: Some(30) },
        );
        let line = |own, ready: Option<&str>| RecoveryLine {
            id: self.v("acc_x"),
            own,
            name: self.v("Camille Durand"),
            courriel: self.courriel(),
            since: self.v("22 novembre 2026"),
            ready: ready.map(|r| self.v(r)),
        };
        let requests = RecoveryRequestsPage {
            page: self.private("/etablissements"),
            establishment: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            action: self.v("/etablissements/x/secours"),
            requests: vec![line(false, None), line(false, Some("23 novembre 2026")), line(true, None)],
        };
        self.add("secours-etablissement", requests.clone());
        self.add("secours-etablissement-vide", RecoveryRequestsPage { requests: Vec::new(), ..requests });
        for (name, notice) in [
            ("avis-accorde", Notice::LostGranted),
            ("avis-application", Notice::ApplicationAdded),
            ("avis-codes", Notice::RecoveryMade),
            ("avis-code-utilise", Notice::RecoveryLeft(9)),
            ("avis-deux-etapes", Notice::TwoStepOn),
            ("avis-une-etape", Notice::TwoStepOff),
            ("avis-navigateur", Notice::BrowserDistrusted),
            ("avis-renomme", Notice::MeansRenamed),
            ("avis-perdu", Notice::LostAsked),
            ("avis-perdu-annule", Notice::LostCancelled),
            ("avis-supprime", Notice::MeansRemoved),
            ("avis-identite-verifiee", Notice::IdentityVerified(self.v("FranceConnect"))),
            ("avis-identite-retiree", Notice::IdentityUnverified),
            ("avis-identite-gardee", Notice::IdentityLocked),
            ("avis-identite-prise", Notice::IdentityTaken),
            ("avis-identite-autre", Notice::IdentityOfSomebodyElse),
            ("avis-identite-impossible", Notice::IdentityUnavailable),
            ("avis-perdu-prouve", Notice::LostProved),
            ("avis-perdu-refuse", Notice::LostNotProved),
        ] {
            let page = Page { notice: Some(notice), ..self.private("/compte/securite/navigateurs") };
            self.add(name, BrowsersPage { page, browsers: Vec::new(), trust_days: Some(30) });
        }
    }

    fn gates(&mut self) {
        self.add(
            "choix-compte",
            ChooseAccountPage { page: self.journey(), t: self.v("scelle"), name: self.v("Camille Durand"), courriel: self.courriel() },
        );
        let passkey = Some(self.passkey(PasskeyStep::SignIn, false));
        let confirm = |page, reason| {
            let (t, courriel, passkey) = (self.v("scelle"), self.courriel(), passkey.clone());
            ConfirmPage { page, t, courriel, reason, upstream: None, passkey }
        };
        let upstream = self.agents().into_iter().next();
        let elsewhere = ConfirmPage { upstream, ..confirm(self.journey(), ConfirmReason::TooOld) };
        let service = confirm(self.journey(), ConfirmReason::ServiceAsks);
        let old = confirm(self.journey(), ConfirmReason::TooOld);
        let sensitive = confirm(self.private("/connexion/confirmer"), ConfirmReason::SensitiveAction);
        self.add("confirmer", service);
        self.add("confirmer-amont", elsewhere);
        self.add("confirmer-ancien", old);
        self.add("confirmer-sensible", sensitive);
        self.add(
            "conditions-nouvelles",
            TermsGatePage {
                page: self.journey(),
                t: self.v("scelle"),
                date: self.v("1er décembre 2026"),
                changes: vec![self.v("La durée de conservation des événements passe à 12 mois.")],
                errors: Errors::one("acceptation", Problem::TermsNotAccepted),
            },
        );
        let shared = |kind, value: &str| SharedValue { kind, value: self.v(value) };
        let values = vec![
            shared(SharedKind::GivenName, "Camille"),
            shared(SharedKind::FamilyName, "DURAND"),
            shared(SharedKind::Email, "camille@boulangerie.example"),
            shared(SharedKind::Phone, "+33 1 23 45 67 89"),
        ];
        self.add(
            "autorisation",
            ConsentPage {
                page: self.journey(),
                t: self.v("scelle"),
                service: self.v("Dépôt des aides"),
                values,
                offline: true,
                privacy_url: Some(self.v("https://aides.example/confidentialite")),
                terms_url: Some(self.v("https://aides.example/conditions")),
            },
        );
    }

    fn leaving(&mut self) {
        let relay = RelayPage {
            page: self.journey(),
            service: self.v("Dépôt des aides"),
            url: self.v("https://aides.example/cb?code=x&state=y"),
            success: true,
        };
        self.add("suite", relay.clone());
        self.add("suite-refus", RelayPage { success: false, ..relay });
        self.add(
            "form-post",
            FormPostPage {
                page: self.journey(),
                service: self.v("Dépôt des aides"),
                url: self.v("https://aides.example/cb"),
                params: vec![("code".into(), self.v("gc_x")), ("state".into(), self.v("y"))],
                success: true,
            },
        );
        self.add("cookies", CookiesPage { page: self.journey(), retry_url: self.v("/connexion?t=scelle") });
        self.add(
            "deconnexion",
            SignOutPage {
                page: self.private("/deconnexion"),
                services: vec![self.v("Dépôt des aides"), self.v("Suivi des mandats")],
                hidden: vec![("state".into(), self.v("etat"))],
            },
        );
        self.add(
            "deconnexion-faite",
            SignedOutPage {
                page: self.public("/deconnexion"),
                confirmed: vec![self.v("Dépôt des aides")],
                unconfirmed: vec![self.v("Suivi des mandats")],
                upstream: None,
                leaving: None,
                back: Some(Link { label: self.v("Dépôt des aides"), url: self.v("https://aides.example/") }),
            },
        );
    }

    fn creation(&mut self) {
        let creation = CreationPage {
            page: self.journey(),
            t: self.v("scelle"),
            upstreams: self.upstreams(),
            open: true,
            courriel: self.courriel(),
            suggestion: None,
            errors: Errors::none(),
        };
        self.add("creation", creation.clone());
        self.add("creation-fermee", CreationPage { open: false, ..creation.clone() });
        let suggestion = Some(self.v("camille@gmail.com"));
        let errors = Errors::one("courriel", Problem::EmailMalformed);
        self.add("creation-suggestion", CreationPage { suggestion, errors, ..creation });
        let identity =
            CreationIdentityPage { page: self.journey(), t: self.v("scelle"), identity: self.identity(), errors: Errors::none() };
        self.add("creation-identite", identity.clone());
        let mut errors = Errors::one("prenom", Problem::GivenNameMissing);
        errors.push("nom", Problem::FamilyNameMissing);
        errors.push("telephone", Problem::PhoneMalformed);
        self.add("creation-identite-erreur", CreationIdentityPage { identity: IdentityForm::default(), errors, ..identity });
        let security = CreationSecurityPage {
            page: self.journey(),
            t: self.v("scelle"),
            courriel: self.courriel(),
            means: None,
            passkeys: true,
            errors: Errors::one("moyen", Problem::MeansMissing),
        };
        self.add("creation-securite", security.clone());
        let errors = Errors::one("nouveau_mot_de_passe", Problem::PasswordDivulged);
        self.add("creation-securite-mot-de-passe", CreationSecurityPage { means: Some(Means::Password), errors, ..security });
        self.add("creation-terminee", CreationDonePage { page: self.journey(), next_url: self.v("/connexion/suite") });
    }

    fn identity(&self) -> IdentityForm {
        IdentityForm { prenom: self.v("Camille"), nom: self.v("Durand"), telephone: self.v("01 23 45 67 89"), fonction: self.v("Gérante") }
    }

    fn account(&mut self) {
        let account = AccountPage {
            page: Page { notice: Some(Notice::IdentitySaved), ..self.private("/compte") },
            prenom: self.v("Camille"),
            nom: self.v("Durand"),
            login_email: self.courriel(),
            contact_email: self.courriel(),
            telephone: None,
            fonction: Some(self.v("Gérante")),
            password_since: Some(self.v("22 novembre 2026")),
            level: 2,
            sessions: 2,
            last_sign_in: Some(self.v("22 novembre 2026 à 10 h 42")),
        };
        self.add("compte", account.clone());
        self.add("compte-vide", AccountPage { password_since: None, last_sign_in: None, sessions: 1, ..account });
        self.add(
            "compte-identite",
            AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: true,
                vouched: None,
                verify: self.upstreams(),
                errors: Errors::one("nom", Problem::NameRefused),
            },
        );
        self.add(
            "compte-identite-amont",
            AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: false,
                vouched: Some(Vouched { by: self.v("FranceConnect"), verification: None }),
                verify: Vec::new(),
                errors: Errors::none(),
            },
        );
        for (name, holds) in [("compte-identite-verifiee", true), ("compte-identite-expiree", false)] {
            let verification = Some(Verification { on: self.v("22 novembre 2026"), until: self.v("20 février 2027"), holds });
            let page = AccountIdentityPage {
                page: self.private("/compte/identite"),
                identity: self.identity(),
                professional: true,
                vouched: Some(Vouched { by: self.v("FranceConnect"), verification }),
                verify: self.upstreams(),
                errors: Errors::none(),
            };
            self.add(name, page);
        }
        let email = AccountEmailPage {
            page: self.private("/compte/courriel-connexion"),
            kind: EmailKind::Login,
            current: self.courriel(),
            shared: false,
            courriel: String::new(),
            errors: Errors::one("courriel", Problem::EmailUnchanged),
        };
        self.add("compte-courriel-connexion", email.clone());
        let taken = Errors::one("courriel", Problem::EmailTaken);
        self.add("compte-courriel-partage", AccountEmailPage { shared: true, errors: taken, ..email.clone() });
        self.add("compte-courriel-contact", AccountEmailPage { kind: EmailKind::Contact, errors: Errors::none(), ..email });
        let password = AccountPasswordPage {
            page: self.private("/compte/mot-de-passe"),
            courriel: self.courriel(),
            has_password: true,
            ask_current: true,
            errors: Errors::one("mot_de_passe", Problem::CurrentPasswordWrong),
        };
        self.add("compte-mot-de-passe", password.clone());
        let none = AccountPasswordPage { has_password: false, ask_current: false, errors: Errors::none(), ..password };
        self.add("compte-mot-de-passe-ajout", none);
        let undo = |state| UndoEmailPage { page: self.public("/compte/courriel/annuler"), undo_token: self.v("annulation"), state };
        let ready = |kind| undo(UndoState::Ready { kind, old: self.courriel(), new: self.v("c.durand@ailleurs.example") });
        let (ready, contact) = (ready(EmailKind::Login), ready(EmailKind::Contact));
        let expired = undo(UndoState::Expired);
        self.add("courriel-annuler", ready);
        self.add("courriel-annuler-contact", contact);
        self.add("courriel-annuler-expire", expired);
    }

    fn account_lists(&mut self) {
        let session = |id: &str, device: &str, services: &[&str], current| SessionLine {
            id: self.v(id),
            device: if device.is_empty() { String::new() } else { self.v(device) },
            since: self.v("22 novembre 2026 à 10 h 42"),
            last_used: self.v("22 novembre 2026 à 11 h 05"),
            services: services.iter().map(|s| self.v(s)).collect(),
            current,
        };
        let sessions = vec![
            session("ses_1", "Firefox, Linux", &["Dépôt des aides", "Suivi des mandats"], true),
            session("ses_2", "Safari, iPhone", &[], false),
            session("ses_3", "", &["Dépôt des aides"], false),
        ];
        self.add("compte-sessions", SessionsPage { page: self.private("/compte/sessions"), sessions });
        let lines = ActivityKind::ALL
            .into_iter()
            .map(|kind| ActivityLine {
                when: self.v("22 novembre 2026 à 10 h 42"),
                kind,
                service: (kind == ActivityKind::ServiceOpened).then(|| self.v("Dépôt des aides")),
                device: (kind != ActivityKind::ChangedByOperator).then(|| self.v("Firefox, Linux")),
            })
            .collect();
        let activity = ActivityPage {
            page: self.private("/compte/activite"),
            family: ActivityFamily::All,
            lines,
            older_url: Some(self.v("/compte/activite?avant=x")),
            newest_url: Some("/compte/activite".into()),
        };
        self.add("compte-activite", activity.clone());
        let family = ActivityFamily::Services;
        self.add("compte-activite-vide", ActivityPage { family, lines: vec![], older_url: None, newest_url: None, ..activity });
        let not_me = NotMePage { page: self.private("/compte/pas-moi"), has_password: true };
        self.add("compte-pas-moi", not_me.clone());
        self.add("compte-pas-moi-code", NotMePage { has_password: false, ..not_me });
        let consent = ConsentLine {
            id: self.v("dossier"),
            service: self.v("Dépôt des aides"),
            kinds: vec![SharedKind::GivenName, SharedKind::FamilyName, SharedKind::Email],
            offline: true,
            since: self.v("22 novembre 2026"),
            last_used: Some(self.v("22 novembre 2026")),
        };
        let page = self.private("/compte/autorisations");
        self.add("compte-autorisations", ConsentsPage { page: page.clone(), consents: vec![consent] });
        self.add("compte-autorisations-vide", ConsentsPage { page, consents: vec![] });
    }

    fn portal(&mut self) {
        let service = |name: &str, description: Option<&str>, url: Option<&str>| ServiceTile {
            name: self.v(name),
            description: description.map(|d| self.v(d)),
            url: url.map(|u| self.v(u)),
        };
        let services = vec![
            service("Dépôt des aides", Some("Demander une aide et suivre son dossier."), Some("https://aides.example/")),
            service("Suivi des mandats", None, Some("https://mandats.example/")),
            service("Service interne", Some("Sans page d’accueil."), None),
        ];
        self.add(
            "index",
            PublicHomePage {
                page: self.public("/"),
                upstreams: self.upstreams(),
                agents: self.agents(),
                registration: true,
                services: services.clone(),
            },
        );
        let prenom = self.v("Camille");
        self.add("accueil", HomePage { page: self.private("/accueil"), prenom: prenom.clone(), services });
        self.add("accueil-vide", HomePage { page: self.private("/accueil"), prenom, services: vec![] });

        let operator = Operator {
            name: Some(self.v("Association des aides")),
            address: Some(self.v("1 rue de la Paix, 75002 Paris")),
            director: Some(self.v("Dominique Martin")),
            host: None,
            support_email: Some(self.v("aide@aides.example")),
            support_phone: Some(self.v("01 23 45 67 89")),
            support_hours: Some(self.v("du lundi au vendredi, de 9 h à 17 h")),
            dpo_email: Some(self.v("dpo@aides.example")),
            sender: Some(self.v("ne-pas-repondre@aides.example")),
        };
        self.add("aide", HelpPage { page: self.public("/aide"), operator: operator.clone() });
        self.add("accessibilite", AccessibilityPage { page: self.public("/accessibilite"), operator: operator.clone() });
        self.add("mentions-legales", LegalPage { page: self.public("/mentions-legales"), operator: operator.clone() });
        let page = self.public("/donnees-personnelles");
        self.add("donnees-personnelles", PrivacyPage { page: page.clone(), operator: operator.clone(), retention_months: 12 });
        self.add("donnees-personnelles-vide", PrivacyPage { page, operator: Operator::default(), retention_months: 1 });
        self.add("conditions", TermsPage { page: self.public("/conditions"), operator: operator.clone() });
        self.add("plan-du-site", SiteMapPage { page: self.public("/plan-du-site") });
        let (code, reference) = (Some(self.v("A203")), Some(self.v("7F3K-92QM")));
        self.add("contact", ContactPage { page: self.public("/contact"), operator, code, reference });
        let page = self.private("/contact");
        self.add("contact-vide", ContactPage { page, operator: Operator::default(), code: None, reference: None });
    }

    fn errors(&mut self) {
        let service = || self.v("Dépôt des aides");
        let url = || self.v("https://aides.example/");
        let ways = [
            Way::Services,
            Way::Contact,
            Way::Resume(self.v("/connexion?t=scelle")),
            Way::Retry(self.v("/connexion")),
            Way::Home,
            Way::Continue { service: service(), url: url() },
            Way::Back { service: service(), url: url() },
        ];
        for (code, way) in ErrorCode::ALL.into_iter().zip(ways.into_iter().cycle()) {
            let page = if code == ErrorCode::A103 { self.journey() } else { self.public("/nulle-part") };
            let technical = (code == ErrorCode::A103)
                .then(|| Technical { error: self.v("invalid_request"), description: self.v("code_challenge is required") });
            let cause = match code {
                ErrorCode::A401 => Some(Cause::Cancelled),
                ErrorCode::A402 => Some(Cause::NotFound),
                ErrorCode::A403 => Some(Cause::Unavailable),
                _ => None,
            };
            let error = ErrorPage {
                upstream: cause.map(|cause| Upstream { name: self.v("FranceConnect"), cause, code: Some("Y010008".into()) }),
                page,
                code,
                way: Some(way),
                reference: self.v("7F3K-92QM"),
                date: self.v("22 novembre 2026 à 10 h 42"),
                until: (code == ErrorCode::A429).then(|| self.v("10 h 43")),
                technical,
            };
            self.add(code.as_str(), error);
        }
    }
}
