//! One sample or more of every page, from invented data. `value` passes every piece of data through, so that a test may
//! put something hostile in its place.

mod account;
mod cards;
mod federation;
mod manager;
mod org;
mod security;

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
        self.add(
            "cle-proposee",
            OfferPasskeyPage { page: self.journey(), t: self.v("scelle"), create_url: self.v("/compte/securite/cle?retour=%2Fconnexion") },
        );
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
        let consent = ConsentPage {
            page: self.journey(),
            t: self.v("scelle"),
            service: self.v("Dépôt des aides"),
            values,
            optional: vec![],
            offline: true,
            privacy_url: Some(self.v("https://aides.example/confidentialite")),
            terms_url: Some(self.v("https://aides.example/conditions")),
        };
        self.add("autorisation", consent.clone());
        let share = |scope: String, kinds, values| OptionalShare { scope, given: false, kinds, values };
        let (kinds, values) = (vec![SharedKind::Gender, SharedKind::BirthDate], vec![self.v("female"), self.v("1985-03-12")]);
        let optional = vec![
            share(self.v("identite_pivot"), kinds, values),
            share("offline_access".into(), vec![], vec![]),
            share("account".into(), vec![], vec![]),
            share(self.v("people:read"), vec![], vec![]),
        ];
        self.add("autorisation-choix", ConsentPage { optional, offline: false, ..consent });
    }

    fn leaving(&mut self) {
        let relay = RelayPage {
            page: self.journey(),
            service: self.v("Dépôt des aides"),
            url: self.v("https://aides.example/cb?code=x&state=y"),
            success: true,
            told: vec![SharedKind::GivenName, SharedKind::FamilyName, SharedKind::Email],
        };
        self.add("suite", relay.clone());
        self.add("suite-sans-information", RelayPage { told: vec![], ..relay.clone() });
        self.add("suite-refus", RelayPage { success: false, told: vec![], ..relay });
        self.add(
            "form-post",
            FormPostPage {
                page: self.journey(),
                service: self.v("Dépôt des aides"),
                url: self.v("https://aides.example/cb"),
                params: vec![("code".into(), self.v("gc_x")), ("state".into(), self.v("y"))],
                success: true,
                told: vec![SharedKind::Identifier],
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
        let home = HomePage {
            page: self.private("/accueil"),
            prenom,
            waiting: vec![AwaitingLine {
                url: "/etablissements/73282932000074/demandes".into(),
                name: self.v("Boulangerie Durand"),
                siret: self.v("732 829 320 00074"),
                count: 2,
            }],
            more: true,
            named: Some(self.v("99+")),
            requests: vec![self.request_line()],
            services: vec![self.catalogue_tile("dossier", guichet::web::view::catalogue::Standing::Granted)],
            others: services,
            nudge: true,
        };
        self.add("accueil", home.clone());
        let (waiting, requests, services, others) = (vec![], vec![], vec![], vec![]);
        self.add("accueil-vide", HomePage { waiting, more: false, named: None, requests, services, others, nudge: false, ..home });

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
            news_url: Some("https://aides.example/nouveautes.pdf".into()),
            lines: vec![
                ContactLine { label: self.v("Entreprises"), email: Some(self.v("entreprises@aides.example")), ..ContactLine::default() },
                ContactLine {
                    label: self.v("Particuliers"),
                    phone: Some(self.v("01 98 76 54 32")),
                    hours: Some(self.v("le matin")),
                    ..ContactLine::default()
                },
            ],
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
