//! Pages whose words are fixed: help, accessibility, legal pages, site map, contact.

use askama::Template;

use super::Page;

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
}

/// The words required by law about the state of accessibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conformity {
    /// No audit yet, or less than half of the criteria.
    #[default]
    None,
    /// At least half.
    Partial,
    /// All.
    Full,
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

/// `/accessibilite`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/accessibilite.html")]
pub struct AccessibilityPage {
    /// Common part.
    pub page: Page,
    /// The operator.
    pub operator: Operator,
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
