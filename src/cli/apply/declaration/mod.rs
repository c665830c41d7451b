//! The text of a declaration: what it says, and on which line.

mod org;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::account::AccountState;
use crate::account::lifecycle::Details;
use crate::base::phone::Mobile;
use crate::base::texts::Locale;
use crate::base::{Email, Secret};
use crate::config::document::{At, Document, Fault};
use crate::config::shape::{self, Shape};
use crate::crypto::legacy::Foreign;
use crate::federation;
use crate::oidc::client::Metadata;
use crate::oidc::registry::Rules;

pub use org::{ApproverEntry, AttestationEntry, EstablishmentEntry, HabilitationEntry, MembershipEntry, ServiceEntry};

/// Everything declared.
pub struct Declaration {
    /// `[[client]]`
    pub clients: Vec<ClientEntry>,
    /// `[[account]]`
    pub accounts: Vec<AccountEntry>,
    /// `[[establishment]]`
    pub establishments: Vec<EstablishmentEntry>,
    /// `[[membership]]`
    pub memberships: Vec<MembershipEntry>,
    /// `[[designation]]`
    pub designations: Vec<DesignationEntry>,
    /// `[[provider]]`
    pub providers: Vec<ProviderEntry>,
    /// `[[service]]`
    pub services: Vec<ServiceEntry>,
    /// `[[approver]]`
    pub approvers: Vec<ApproverEntry>,
    /// `[[habilitation]]`
    pub habilitations: Vec<HabilitationEntry>,
    /// `[[attestation]]`
    pub attestations: Vec<AttestationEntry>,
}

/// Where an entry is.
pub struct Place {
    /// `client dossier`
    pub name: String,
    /// Line of the entry.
    pub line: usize,
    /// Lines of its members.
    lines: BTreeMap<String, usize>,
}

impl Place {
    /// An entry of one line, as in a table.
    pub fn on_line(name: String, line: usize, members: impl Iterator<Item = String>) -> Self {
        Self { name, line, lines: members.map(|member| (member, line)).collect() }
    }

    /// Something wrong with a member: `member: why`.
    pub fn fault(&self, wrong: &str) -> Fault {
        let (member, why) = wrong.split_once(": ").unwrap_or(("", wrong));
        let at = self.lines.get(member).copied().unwrap_or(self.line);
        let key = if member.is_empty() { self.name.clone() } else { format!("{}: {member}", self.name) };
        Fault::new(At::Line(at), key, why)
    }

    /// Members that the file mentions.
    pub fn mentions(&self, member: &str) -> bool {
        self.lines.contains_key(member)
    }
}

/// A client as declared.
pub struct ClientEntry {
    /// Where.
    pub place: Place,
    /// Identifier.
    pub id: String,
    /// Registration.
    pub metadata: Metadata,
    /// Secret, wherever it came from.
    pub secret: Option<Secret>,
    /// State.
    pub enabled: Option<bool>,
}

/// An account as declared.
pub struct AccountEntry {
    /// Where.
    pub place: Place,
    /// Identifier.
    pub login_email: Email,
    /// Password.
    pub password: Option<Secret>,
    /// Its hash, as another system kept it: taken while the account has no password of its own.
    pub password_hash: Option<Foreign>,
    /// Whether the person is offered a password at the first sign-in (S-20), having none that can be used.
    pub to_activate: Option<bool>,
    /// State.
    pub state: Option<AccountState>,
    /// Whether the operator vouches for the addresses.
    pub email_verified: Option<bool>,
    /// Where notices go.
    pub contact_email: Option<Email>,
    /// *Prénom*.
    pub given_name: Option<String>,
    /// *Nom*.
    pub family_name: Option<String>,
    /// *Téléphone*.
    pub phone: Option<String>,
    /// *Fonction*.
    pub job_title: Option<String>,
    /// Language of mails.
    pub locale: Option<Locale>,
}

/// A designated manager as declared.
pub struct DesignationEntry {
    /// Where.
    pub place: Place,
    /// Who.
    pub login_email: Email,
    /// The mobile of the request.
    pub mobile: Mobile,
    /// *Prénom*, for a new account.
    pub given_name: Option<String>,
    /// *Nom*, for a new account.
    pub family_name: Option<String>,
}

/// An upstream provider as declared.
pub struct ProviderEntry {
    /// Where.
    pub place: Place,
    /// Identifier.
    pub id: String,
    /// Declaration.
    pub metadata: federation::Metadata,
    /// Secret, wherever it came from.
    pub secret: Option<Secret>,
    /// State.
    pub enabled: Option<bool>,
}

impl AccountEntry {
    /// What is declared over what stands. `email_verified` vouches for both addresses.
    pub fn over(&self, present: Details) -> Details {
        let contact_new = self.contact_email.is_some() && self.contact_email != present.contact_email;
        let vouched = self.email_verified.unwrap_or(false);
        Details {
            login_email_verified: self.email_verified.unwrap_or(present.login_email_verified),
            contact_email_verified: if contact_new { vouched } else { present.contact_email_verified },
            contact_email: self.contact_email.clone().or(present.contact_email),
            given_name: self.given_name.clone().unwrap_or(present.given_name),
            family_name: self.family_name.clone().unwrap_or(present.family_name),
            phone: self.phone.clone().or(present.phone),
            job_title: self.job_title.clone().or(present.job_title),
            locale: self.locale.unwrap_or(present.locale),
            login_email: present.login_email,
        }
    }
}

/// Members of `[[client]]` that are not part of the registration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    client_id: String,
    client_secret: Option<Secret>,
    client_secret_env: Option<String>,
    client_secret_file: Option<PathBuf>,
    enabled: Option<bool>,
}

/// Members of `[[provider]]` that are not part of its declaration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnProvider {
    id: String,
    client_secret: Option<Secret>,
    client_secret_env: Option<String>,
    client_secret_file: Option<PathBuf>,
    enabled: Option<bool>,
}

/// `[[account]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccount {
    login_email: String,
    given_name: Option<String>,
    family_name: Option<String>,
    phone: Option<String>,
    job_title: Option<String>,
    contact_email: Option<String>,
    password: Option<Secret>,
    password_hash: Option<Secret>,
    to_activate: Option<bool>,
    email_verified: Option<bool>,
    locale: Option<Locale>,
    state: Option<AccountState>,
}

/// `[[designation]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDesignation {
    login_email: String,
    mobile: String,
    given_name: Option<String>,
    family_name: Option<String>,
}

/// Kinds of entry, and the member that identifies each.
const KINDS: [(&str, &str); 10] = [
    ("client", "client_id"),
    ("account", "login_email"),
    ("designation", "login_email"),
    ("establishment", "siret"),
    ("membership", "login_email"),
    ("provider", "id"),
    ("service", "id"),
    ("approver", "login_email"),
    ("habilitation", "login_email"),
    ("attestation", "login_email"),
];

fn shape(path: &[&str]) -> Option<Shape> {
    match path {
        [] => Some(Shape::Table(KINDS.map(|(kind, _)| kind).to_vec())),
        [kind] if KINDS.iter().any(|(k, _)| k == kind) => Some(Shape::List),
        ["client", _] => match (shape::of::<Own>(&[]), shape::of::<Metadata>(&[])) {
            (Some(Shape::Table(own)), Some(Shape::Table(registered))) => Some(Shape::Table([own, registered].concat())),
            _ => None,
        },
        ["client", _, rest @ ..] => shape::of::<Own>(rest).or_else(|| shape::of::<Metadata>(rest)),
        ["provider", _] => match (shape::of::<OwnProvider>(&[]), shape::of::<federation::Metadata>(&[])) {
            (Some(Shape::Table(own)), Some(Shape::Table(declared))) => Some(Shape::Table([own, declared].concat())),
            _ => None,
        },
        ["provider", _, rest @ ..] => shape::of::<OwnProvider>(rest).or_else(|| shape::of::<federation::Metadata>(rest)),
        ["account", _, rest @ ..] => shape::of::<RawAccount>(rest),
        ["designation", _, rest @ ..] => shape::of::<RawDesignation>(rest),
        [kind, _, rest @ ..] if org::KINDS.contains(kind) => org::shape(kind, rest),
        _ => None,
    }
}

/// Reads a declaration, or says everything that is wrong with it.
pub fn read(text: &str, rules: Rules<'_>, folder: Option<&Path>) -> Result<Declaration, Vec<Fault>> {
    let doc = Document::parse(text, shape).map_err(|fault| vec![fault])?;
    let mut reader = Reader { faults: Vec::new(), doc: &doc, rules, folder };
    reader.faults = doc.unknown.iter().map(|fault| reader.named(fault)).collect();
    let clients = reader.list("client", Reader::client);
    let accounts = reader.list("account", Reader::account);
    let establishments = reader.list("establishment", Reader::establishment);
    let memberships = reader.list("membership", Reader::membership);
    let services = reader.list("service", Reader::service);
    let approvers = reader.list("approver", Reader::approver);
    let habilitations = reader.list("habilitation", Reader::habilitation);
    let attestations = reader.list("attestation", Reader::attestation);
    let designations = reader.list("designation", Reader::designation);
    let providers = reader.list("provider", Reader::provider);
    reader.once(providers.iter().map(|p| (&p.place, p.id.clone())));
    reader.once(designations.iter().map(|d| (&d.place, d.login_email.key())));
    reader.once(clients.iter().map(|c| (&c.place, c.id.clone())));
    reader.once(accounts.iter().map(|a| (&a.place, a.login_email.key())));
    reader.once(establishments.iter().map(|e| (&e.place, e.establishment.siret.to_string())));
    reader.once(memberships.iter().map(|m| (&m.place, format!("{} {}", m.login_email.key(), m.siret))));
    reader.once(services.iter().map(|s| (&s.place, s.id.clone())));
    reader.once(habilitations.iter().map(|h| (&h.place, format!("{} {} {}", h.login_email.key(), h.siret, h.service))));
    reader.once(attestations.iter().map(|a| (&a.place, format!("{} {}", a.login_email.key(), a.attestation.kind))));
    let mut faults = reader.faults;
    if faults.is_empty() {
        return Ok(Declaration {
            clients,
            accounts,
            establishments,
            memberships,
            designations,
            providers,
            services,
            approvers,
            habilitations,
            attestations,
        });
    }
    faults.sort_by_key(|f| if let At::Line(line) = f.at { line } else { 0 });
    Err(faults)
}

struct Reader<'a, 't> {
    doc: &'a Document<'t>,
    faults: Vec<Fault>,
    rules: Rules<'a>,
    folder: Option<&'a Path>,
}

type Table<'t> = Spanned<DeValue<'t>>;

impl<'t> Reader<'_, 't> {
    fn list<T>(&mut self, kind: &str, one: impl Fn(&mut Self, usize, Table<'t>) -> Option<T>) -> Vec<T> {
        let Some(value) = self.doc.table().get(kind) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.faults.push(Fault::new(At::Line(self.line(kind)), kind, "not a list").advise(format!("write [[{kind}]]")));
            return Vec::new();
        };
        items.iter().enumerate().filter_map(|(i, item)| one(self, i, item.clone())).collect()
    }

    fn line(&self, key: &str) -> usize {
        self.doc.lines.get(key).copied().unwrap_or(1)
    }

    /// The entry's place, named by the member that identifies it.
    fn place(&self, kind: &str, i: usize, id: &str, table: &DeTable<'_>) -> Place {
        let path = format!("{kind}[{i}]");
        let id = table.get(id).and_then(|v| v.get_ref().as_str()).map_or_else(|| format!("number {}", i + 1), str::to_owned);
        let prefix = format!("{path}.");
        let members = self.doc.lines.iter().filter_map(|(key, line)| Some((key.strip_prefix(&prefix)?.to_owned(), *line)));
        Place { name: format!("{kind} {id}"), line: self.line(&path), lines: members.collect() }
    }

    /// `client[0].scope` reads better as `client dossier: scope`.
    fn named(&self, fault: &Fault) -> Fault {
        let renamed = || {
            let (kind, rest) = fault.key.split_once('[')?;
            let (index, rest) = rest.split_once(']')?;
            let (_, id) = KINDS.into_iter().find(|(k, _)| *k == kind)?;
            let i: usize = index.parse().ok()?;
            let table = self.doc.table().get(kind)?.get_ref().get(i)?.get_ref().as_table()?;
            let member = rest.strip_prefix('.').map(|m| format!(": {m}")).unwrap_or_default();
            Some(self.place(kind, i, id, table).name + &member)
        };
        Fault { key: renamed().unwrap_or_else(|| fault.key.clone()), ..fault.clone() }
    }

    fn read<T: Deserialize<'t>>(&mut self, value: Table<'t>) -> Option<T> {
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(e) => {
                self.faults.push(self.named(&self.doc.fault(&e)));
                None
            }
        }
    }

    fn client(&mut self, i: usize, value: Table<'t>) -> Option<ClientEntry> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else { return self.not_a_table("client", i) };
        let place = self.place("client", i, "client_id", &table);
        let Some(Shape::Table(own)) = shape::of::<Own>(&[]) else { return None };
        let Some(Shape::Table(registered)) = shape::of::<Metadata>(&[]) else { return None };
        let [own, registered] = Self::halves(&table, &span, [&own, &registered]);
        let own: Option<Own> = self.read(own);
        let metadata: Option<Metadata> = self.read(registered);
        let (own, metadata) = (own?, metadata?);
        let secret = self.secret(&place, (&own.client_secret, &own.client_secret_env, &own.client_secret_file))?;
        let wrong = self.rules.problems(&metadata, secret.as_ref());
        self.faults.extend(wrong.iter().map(|w| place.fault(w)));
        Some(ClientEntry { place, id: own.client_id, metadata, secret, enabled: own.enabled })
    }

    /// The two halves of an entry: members of ours, and those of what is declared.
    fn halves(table: &DeTable<'t>, span: &std::ops::Range<usize>, names: [&[&str]; 2]) -> [Table<'t>; 2] {
        names.map(|names| {
            let chosen = table.iter().filter(|(k, _)| names.contains(&k.get_ref().as_ref()));
            Spanned::new(span.clone(), DeValue::Table(chosen.map(|(k, v)| (k.clone(), v.clone())).collect()))
        })
    }

    fn provider(&mut self, i: usize, value: Table<'t>) -> Option<ProviderEntry> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else { return self.not_a_table("provider", i) };
        let place = self.place("provider", i, "id", &table);
        let Some(Shape::Table(own)) = shape::of::<OwnProvider>(&[]) else { return None };
        let Some(Shape::Table(declared)) = shape::of::<federation::Metadata>(&[]) else { return None };
        let [own, declared] = Self::halves(&table, &span, [&own, &declared]);
        let own: Option<OwnProvider> = self.read(own);
        let metadata: Option<federation::Metadata> = self.read(declared);
        let (own, metadata) = (own?, metadata?.complete());
        let secret = self.secret(&place, (&own.client_secret, &own.client_secret_env, &own.client_secret_file))?;
        let trial = self.rules.environment.accepts_plain_http();
        let wrong = federation::registry::wrong_id(&own.id).into_iter().chain(metadata.problems(trial));
        self.faults.extend(wrong.map(|w| place.fault(&w)));
        Some(ProviderEntry { place, id: own.id, metadata, secret, enabled: own.enabled })
    }

    fn secret(&mut self, place: &Place, given: (&Option<Secret>, &Option<String>, &Option<PathBuf>)) -> Option<Option<Secret>> {
        match given {
            (None, None, None) => Some(None),
            (Some(secret), None, None) => Some(Some(secret.clone())),
            (None, Some(name), None) => match std::env::var(name) {
                Ok(text) => Some(Some(Secret::new(text))),
                Err(_) => self.wrong(place, &format!("client_secret_env: the variable {name} is not set")),
            },
            (None, None, Some(file)) => {
                let file = self.folder.unwrap_or(Path::new("")).join(file);
                match std::fs::read_to_string(&file) {
                    Ok(text) => Some(Some(Secret::new(text.trim_end_matches(['\r', '\n'])))),
                    Err(e) => self.wrong(place, &format!("client_secret_file: {}: {e}", file.display())),
                }
            }
            _ => self.wrong(place, "client_secret: keep one of client_secret, client_secret_env, client_secret_file"),
        }
    }

    fn account(&mut self, i: usize, value: Table<'t>) -> Option<AccountEntry> {
        let span = value.span();
        let DeValue::Table(mut table) = value.into_inner() else { return self.not_a_table("account", i) };
        let place = self.place("account", i, "login_email", &table);
        // Unknown members are among the faults already.
        let Some(Shape::Table(known)) = shape::of::<RawAccount>(&[]) else { return None };
        table = table.into_iter().filter(|(k, _)| known.contains(&k.get_ref().as_ref())).collect();
        let raw: RawAccount = self.read(Spanned::new(span, DeValue::Table(table)))?;
        let email = |text: &str, member: &str| Email::parse(text).map_err(|e| place.fault(&format!("{member}: {e}")));
        let (login, contact) = (email(&raw.login_email, "login_email"), raw.contact_email.as_deref().map(|t| email(t, "contact_email")));
        let contact = contact.transpose();
        if raw.password.as_ref().is_some_and(Secret::is_empty) {
            self.faults.push(place.fault("password: empty"));
        }
        if raw.password.is_some() && raw.password_hash.is_some() {
            self.faults.push(place.fault("password_hash: keep one of password, password_hash"));
        }
        let password_hash = match raw.password_hash.as_ref().map(|h| Foreign::parse(h.expose())).transpose() {
            Ok(hash) => hash,
            Err(e) => return self.wrong(&place, &format!("password_hash: {e}")),
        };
        let (login_email, contact_email) = match (login, contact) {
            (Ok(login), Ok(contact)) => (login, contact),
            (login, contact) => {
                self.faults.extend([login.err(), contact.err()].into_iter().flatten());
                return None;
            }
        };
        Some(AccountEntry {
            place,
            login_email,
            password: raw.password,
            password_hash,
            to_activate: raw.to_activate,
            state: raw.state,
            email_verified: raw.email_verified,
            contact_email,
            given_name: raw.given_name,
            family_name: raw.family_name,
            phone: raw.phone,
            job_title: raw.job_title,
            locale: raw.locale,
        })
    }

    /// The entry without members that are among the faults already.
    fn known<T: Deserialize<'t>>(&mut self, kind: &str, id: &str, i: usize, value: Table<'t>) -> Option<(Place, T)> {
        let span = value.span();
        let DeValue::Table(table) = value.into_inner() else { return self.not_a_table(kind, i) };
        let place = self.place(kind, i, id, &table);
        let Some(Shape::Table(known)) = shape::of::<T>(&[]) else { return None };
        let table = table.into_iter().filter(|(k, _)| known.contains(&k.get_ref().as_ref())).collect();
        Some((place, self.read(Spanned::new(span, DeValue::Table(table)))?))
    }

    fn designation(&mut self, i: usize, value: Table<'t>) -> Option<DesignationEntry> {
        let (place, raw): (Place, RawDesignation) = self.known("designation", "login_email", i, value)?;
        let login_email = Email::parse(&raw.login_email).map_err(|e| self.faults.push(place.fault(&format!("login_email: {e}"))));
        let mobile = Mobile::parse(&raw.mobile).map_err(|e| self.faults.push(place.fault(&format!("mobile: {e}"))));
        let (login_email, mobile) = (login_email.ok()?, mobile.ok()?);
        Some(DesignationEntry { place, login_email, mobile, given_name: raw.given_name, family_name: raw.family_name })
    }

    fn wrong<T>(&mut self, place: &Place, wrong: &str) -> Option<T> {
        self.faults.push(place.fault(wrong));
        None
    }

    fn not_a_table<T>(&mut self, kind: &str, i: usize) -> Option<T> {
        let path = format!("{kind}[{i}]");
        let fault = Fault::new(At::Line(self.line(&path)), path, "not a table");
        self.faults.push(fault.advise(format!("write [[{kind}]]")));
        None
    }

    fn once<'p>(&mut self, entries: impl Iterator<Item = (&'p Place, String)>) {
        let mut seen = BTreeSet::new();
        for (place, key) in entries {
            if !seen.insert(key) {
                self.faults.push(Fault::new(At::Line(place.line), place.name.clone(), "declared twice"));
            }
        }
    }
}
