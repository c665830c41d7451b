//! Every mail, in every language: subject, text and HTML follow the rules of the house.

use guichet::base::texts::{Locale, Texts};
use guichet::mail::message::{
    Address, CardAlert, CardEvent, Code, Decider, MailMessage, OfficialClaim, Origin, RecoveryStep, SecurityEvent,
};
use guichet::mail::render::{MailBrand, Rendered, render};

fn brand() -> MailBrand {
    MailBrand {
        portal_name: "Portail des aides".into(),
        base_url: "https://sso.aides.example".into(),
        help_url: "https://sso.aides.example/aide".into(),
        environment_prefix: String::new(),
        sender: "ne-pas-repondre@aides.example".into(),
    }
}

fn origin() -> Origin {
    Origin { at: 1_795_340_520_000, device: Some("Firefox, Linux".into()), service: Some("Dépôt des aides".into()) }
}

fn code() -> Code {
    Code { digits: "012345".into(), validity_minutes: 15 }
}

fn claim() -> OfficialClaim {
    OfficialClaim {
        person: "Camille Durand".into(),
        email: "camille@boulangerie.example".into(),
        establishment: "Boulangerie Durand".into(),
    }
}

fn with_code() -> Vec<MailMessage> {
    vec![
        MailMessage::SignInCode { code: code(), origin: origin() },
        MailMessage::ConfirmAddress { code: code(), origin: origin() },
        MailMessage::ResetCode { code: code(), origin: origin() },
        MailMessage::FirstSignInCode { code: code(), origin: origin() },
        MailMessage::ConfirmNewAddress { code: code(), address: Address::Login, origin: origin() },
        MailMessage::ConfirmNewAddress { code: code(), address: Address::Contact, origin: origin() },
        MailMessage::OfficialCode { code: code(), claim: Box::new(claim()), origin: origin() },
    ]
}

fn changing(address: Address) -> MailMessage {
    MailMessage::EmailChanging {
        address,
        new_email: "c.durand@ailleurs.example".into(),
        undo_url: "https://sso.aides.example/compte/courriel/annuler?jeton_annulation=x&y=z".into(),
        undo_until: 1_795_945_320_000,
        origin: origin(),
    }
}

fn without_code() -> Vec<MailMessage> {
    let events = [
        SecurityEvent::PasswordAdded,
        SecurityEvent::PasswordRemoved,
        SecurityEvent::SessionsClosed,
        SecurityEvent::ApplicationAdded,
        SecurityEvent::IdentityVerified,
        SecurityEvent::IdentityUnverified,
        SecurityEvent::ApplicationRemoved,
        SecurityEvent::TwoStepOn,
        SecurityEvent::TwoStepOff,
        SecurityEvent::FactorSuspended,
        SecurityEvent::RecoveryCodesMade,
        SecurityEvent::RecoveryCodeUsed { left: 9 },
        SecurityEvent::LoginEmailChanged,
        SecurityEvent::EmailChangeUndone,
        SecurityEvent::PasswordLocked,
        SecurityEvent::AdministratorAdded,
        SecurityEvent::AdministratorRemoved,
    ];
    let cancel_url = "https://sso.example.fr/secours/annuler?demande=rec_x&jeton=y".to_owned();
    let steps = [
        RecoveryStep::Asked { cancel_url: cancel_url.clone() },
        RecoveryStep::Granted { ready_at: 1_795_945_320_000, cancel_url },
        RecoveryStep::Cancelled,
        RecoveryStep::Done,
    ];
    let mut mails = vec![
        MailMessage::RecoveryToDecide { name: "Camille Durand".into(), decider: Decider::Manager, origin: origin() },
        MailMessage::RecoveryToDecide {
            name: "Camille Durand".into(),
            decider: Decider::Support { login_email: "camille@boulangerie.example".into() },
            origin: origin(),
        },
        MailMessage::NoAccount { origin: origin() },
        MailMessage::AccountExists { origin: origin() },
        MailMessage::Designated { until: 1_797_932_520_000, origin: origin() },
        MailMessage::Welcome { given_name: "Camille".into(), login_email: "camille@boulangerie.example".into(), has_password: true },
        MailMessage::Welcome { given_name: "Camille".into(), login_email: "camille@boulangerie.example".into(), has_password: false },
        MailMessage::PasswordChanged { origin: origin() },
        changing(Address::Login),
        changing(Address::Contact),
        MailMessage::NewSignIn { origin: Origin { device: None, service: None, ..origin() } },
    ];
    mails.extend(steps.map(|step| MailMessage::Recovery { step, origin: origin() }));
    let reason = guichet::mail::message::UnlinkReason::Loss;
    for (event, by) in [
        (CardEvent::Linked, Some("Dominique Martin")),
        (CardEvent::Unlinked { reason }, None),
        (CardEvent::Locked, None),
        (CardEvent::ReportedLost, None),
    ] {
        mails.push(MailMessage::CardNotice { event, serial_end: "0001".into(), by: by.map(str::to_owned), origin: origin() });
    }
    for alert in [CardAlert::Locked, CardAlert::ReportedLost] {
        mails.push(MailMessage::CardAlert {
            alert,
            serial: "GADT0001".into(),
            person: "Camille Durand".into(),
            establishment: "Boulangerie Durand".into(),
            siret: "73282932000074".into(),
            at: 1_795_340_520_000,
        });
    }
    mails.extend(events.into_iter().map(|event| MailMessage::SecurityNotice { event, origin: origin() }));
    mails
}

fn each(mails: Vec<MailMessage>, check: impl Fn(Locale, &MailMessage, &Rendered)) {
    for locale in Locale::ALL {
        for mail in &mails {
            check(locale, mail, &render(mail, locale, &brand()).unwrap());
        }
    }
}

fn everything() -> Vec<MailMessage> {
    with_code().into_iter().chain(without_code()).collect()
}

#[test]
fn a_code_stands_alone_on_its_line_in_two_groups_and_comes_without_a_link() {
    each(with_code(), |locale, mail, rendered| {
        assert_eq!(rendered.text.lines().filter(|line| *line == "012 345").count(), 1, "{mail:?}: {}", rendered.text);
        assert_eq!(rendered.html.matches(">012 345<").count(), 1, "{mail:?}");
        let links = |body: &str| body.matches("https://").count() - body.matches("https://sso.aides.example/aide").count();
        assert_eq!(links(&rendered.text), 0, "{locale} {mail:?}: only the help page");
        assert_eq!(links(&rendered.html), 0, "{locale} {mail:?}: only the help page");
        let told = matches!(mail, MailMessage::SignInCode { .. } | MailMessage::ResetCode { .. } | MailMessage::FirstSignInCode { .. });
        assert_eq!(rendered.subject.ends_with("012 345"), told, "{}", rendered.subject);
    });
}

#[test]
fn an_action_mail_has_one_link_besides_the_help_page() {
    each(without_code(), |_, mail, rendered| {
        let urls: Vec<&str> = rendered.text.lines().filter(|line| line.starts_with("https://")).collect();
        // The support acts by a command.
        let links = usize::from(!matches!(mail, MailMessage::RecoveryToDecide { decider: Decider::Support { .. }, .. }));
        assert_eq!(urls.len(), links, "{mail:?}: {urls:?}");
        assert_eq!(rendered.html.matches("<a ").count(), links + 1, "{mail:?}");
        let same = urls.iter().all(|url| rendered.html.contains(&url.replace('&', "&#38;")));
        assert!(same, "{mail:?}: the same link in both parts");
    });
}

#[test]
fn ef_07_every_mail_says_why_it_came_who_sent_it_and_that_secrets_are_never_asked_for() {
    each(everything(), |locale, mail, rendered| {
        let t = Texts::new(locale);
        let help = brand().help_url;
        for part in [&rendered.text, &rendered.html] {
            for needed in [t.get("mail-never-ask").as_str(), &help, "ne-pas-repondre@aides.example", "Portail des aides"] {
                assert!(part.contains(needed), "{mail:?}: {needed}");
            }
            assert!(!part.contains('⟦') && !part.contains("{ $"), "{mail:?}: {part}");
        }
        assert!(rendered.subject.starts_with("[Portail des aides] "), "{}", rendered.subject);
        assert!(!rendered.subject.contains("Camille") && !rendered.subject.contains('@'), "{}", rendered.subject);
        assert!(rendered.html.contains(&format!("<html lang=\"{locale}\">")));
        for remote in ["<img", "<script", "<link", "url("] {
            assert!(!rendered.html.contains(remote), "{mail:?}: {remote}");
        }
        assert!(!rendered.text.contains("\n\n\n"), "{mail:?}: {}", rendered.text);
        assert!(rendered.text.lines().all(|line| !line.contains('<')), "{mail:?}");
    });
}

#[test]
fn french_mails_follow_french_typography() {
    each(everything(), |locale, mail, rendered| {
        let lines = rendered.text.lines().chain([rendered.subject.as_str()]);
        for line in lines.filter(|line| locale == Locale::Fr && !line.contains("https://")) {
            assert_eq!(super::texts::french_fault(line), None, "{mail:?}: {line}");
        }
    });
}

#[test]
fn a_mail_tells_when_and_from_where_something_was_asked() {
    let mail = render(&with_code()[0], Locale::Fr, &brand()).unwrap();
    for fact in ["22 novembre 2026 à 10\u{a0}h\u{a0}42", "Firefox, Linux", "Dépôt des aides"] {
        assert!(mail.text.contains(fact), "{}", mail.text);
    }
}

#[test]
fn a_demonstration_says_so_in_the_subject() {
    let brand = MailBrand { environment_prefix: "[DÉMO]".into(), ..brand() };
    let mail = render(&with_code()[0], Locale::Fr, &brand).unwrap();
    assert_eq!(mail.subject, "[DÉMO] [Portail des aides] Votre code de connexion\u{a0}: 012 345");
}

#[test]
fn names_stay_text_in_html_and_cannot_add_a_header() {
    let hostile = "<b onclick=x>\r\nBcc: x@y.example";
    let mail = MailMessage::Welcome { given_name: hostile.into(), login_email: hostile.into(), has_password: true };
    let brand = MailBrand { portal_name: hostile.into(), ..brand() };
    let rendered = render(&mail, Locale::Fr, &brand).unwrap();
    assert!(!rendered.html.contains("<b onclick"));
    assert!(!rendered.subject.contains(['\r', '\n']));
}

#[test]
fn a_mail_survives_the_outbox() {
    for mail in everything() {
        let stored = serde_json::to_string(&mail).unwrap();
        assert_eq!(serde_json::from_str::<MailMessage>(&stored).unwrap(), mail, "{stored}");
    }
}

/// Beside the pages of `GUICHET_SAMPLES` (see `pages.rs`).
#[test]
fn sample_mails_can_be_written() {
    let Ok(folder) = std::env::var("GUICHET_SAMPLES") else { return };
    for locale in Locale::ALL {
        let folder = std::path::Path::new(&folder).join(locale.as_str()).join("mail");
        std::fs::create_dir_all(&folder).unwrap();
        for (n, mail) in everything().iter().enumerate() {
            let rendered = render(mail, locale, &brand()).unwrap();
            std::fs::write(folder.join(format!("{n:02}.html")), rendered.html).unwrap();
            std::fs::write(folder.join(format!("{n:02}.txt")), format!("{}\n\n{}", rendered.subject, rendered.text)).unwrap();
        }
    }
}
