//! Pages whose words are fixed: help, accessibility, legal pages, site map, contact.

use askama::Template;

use super::error::ErrorCode;
use super::{Conformity, Page, form};

/// What the operator says about themself; pages say « non renseigné » where it is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operator {
    /// Legal name.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Director of publication.
    pub director: Option<String>,
    /// Who hosts it.
    pub host: Option<String>,
    /// Support address.
    pub support_email: Option<String>,
    /// Support phone, as printed.
    pub support_phone: Option<String>,
    /// Opening hours, as printed.
    pub support_hours: Option<String>,
    /// Data protection officer's address.
    pub dpo_email: Option<String>,
    /// Address mails are sent from.
    pub sender: Option<String>,
    /// A document that says what is new.
    pub news_url: Option<String>,
    /// Lines of assistance for different people.
    pub lines: Vec<ContactLine>,
}

/// A line of assistance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactLine {
    /// For whom.
    pub label: String,
    /// Address.
    pub email: Option<String>,
    /// Phone, as printed.
    pub phone: Option<String>,
    /// Opening hours, as printed.
    pub hours: Option<String>,
}

/// `/aide`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/aide.html")]
pub struct HelpPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
}

impl HelpPage {
    fn questions(&self) -> Vec<(&'static str, String)> {
        let anchors = [
            ("connexion", "static-help-sign-in"),
            ("code", "static-help-code"),
            ("mot-de-passe", "static-help-password"),
            ("courriel", "static-help-email"),
            ("plusieurs-services", "static-help-one"),
            ("compte-personnel", "static-help-personal"),
            ("aider", "static-help-helping"),
            ("poste-partage", "static-help-shared"),
            ("carte", "static-help-card"),
            ("message-suspect", "static-help-fraud"),
            ("erreur-technique", "static-help-broken"),
            ("erreurs", "static-help-errors"),
        ];
        anchors.into_iter().map(|(id, key)| (id, self.page.t.get(key))).collect()
    }

    /// Every code people may quote, with its heading and explanation.
    fn errors(&self) -> Vec<(&'static str, String, String)> {
        let t = self.page.t;
        let service = t.get("errors-this-service");
        let sentence = |code: ErrorCode, part| form::capitalise(t.with(&code.key(part), &[("service", &service)]));
        ErrorCode::ALL.into_iter().map(|code| (code.as_str(), sentence(code, "title"), sentence(code, "text"))).collect()
    }
}

/// `/accessibilite`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/accessibilite.html")]
pub struct AccessibilityPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
}

impl AccessibilityPage {
    fn statement(&self) -> String {
        let key = match self.page.conformity {
            Conformity::None => "static-a11y-state-none",
            Conformity::Partial => "static-a11y-state-partial",
            Conformity::Full => "static-a11y-state-full",
        };
        self.page.t.with(key, &[("portal", &self.page.portal)])
    }
}

/// `/mentions-legales`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/mentions_legales.html")]
pub struct LegalPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
}

impl LegalPage {
    fn or_missing(&self, value: &Option<String>) -> String {
        value.clone().unwrap_or_else(|| self.page.t.get("common-not-given"))
    }
}

/// `/donnees-personnelles`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/donnees_personnelles.html")]
pub struct PrivacyPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
    /// How long security events are kept, in months.
    pub retention_months: u32,
}

impl PrivacyPage {
    fn retention(&self) -> String {
        self.page.t.count("static-privacy-how-long-events", u64::from(self.retention_months), &[])
    }
}

/// `/conditions`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/conditions.html")]
pub struct TermsPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
}

/// `/plan-du-site`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/plan_du_site.html")]
pub struct SiteMapPage {
    /// Common part.
    pub page: Page,
}

/// `/contact?code=…&reference=…`: carries an error's code and reference, never personal data.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/contact.html")]
pub struct ContactPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
    /// Error code to quote.
    pub code: Option<String>,
    /// Reference to quote.
    pub reference: Option<String>,
}
