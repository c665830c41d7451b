//! Filing requests: new, changed, sent, deleted. Each page asks the hub again who looks, and for which establishment.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;

use super::{Content, Desk, Filed, Refusal, State as Standing, Viewer};
use crate::rp::RpConfig;
use crate::rp::trouble::Trouble;
use crate::rp::web::{Rp, redirect};
use crate::{clock, page};

/// Longest title and beneficiary, in characters.
const MAX_LINE: usize = 120;
/// Longest text, in characters.
const MAX_TEXT: usize = 4000;
/// Largest form, in bytes: all of it in the longest characters, percent-encoded.
const MAX_FORM: usize = 64 * 1024;

const SAVED: &str = "Votre brouillon est enregistré. Il n’a pas été transmis.";
const SENT: &str = "Votre demande est envoyée\u{a0}: elle est en cours.";
const DELETED: &str = "Le brouillon est supprimé.";

pub(in crate::rp) fn routes() -> Router<Arc<Rp>> {
    Router::new()
        .route("/demandes/nouvelle", get(blank).post(create))
        .route("/demandes/{number}", get(show).post(change))
        .route("/demandes/{number}/supprimer", get(confirm).post(delete))
        .layer(DefaultBodyLimit::max(MAX_FORM))
}

type App = State<Arc<Rp>>;
type Number = Result<Path<u32>, PathRejection>;
type Sheet = Result<Form<Written>, FormRejection>;

/// A row of the list.
pub(in crate::rp) struct Row {
    pub number: u32,
    pub title: String,
    pub author: String,
    pub state: &'static str,
    pub at: String,
}

/// What the list shows.
pub(in crate::rp) struct Overview {
    pub viewer: Viewer,
    pub rows: Vec<Row>,
}

impl Overview {
    /// Of what a person may read.
    pub fn of(desk: &Desk, viewer: Viewer) -> Self {
        let row = |f: Filed| Row { number: f.number, state: state(f.state), at: since(&f), author: f.author_name, title: f.content.title };
        Self { rows: desk.list(&viewer).into_iter().map(row).collect(), viewer }
    }
}

/// FA-20.
const fn state(state: Standing) -> &'static str {
    match state {
        Standing::Draft => "Brouillon",
        Standing::Sent(_) => "En cours",
    }
}

fn since(filed: &Filed) -> String {
    clock::for_people(match filed.state {
        Standing::Draft => filed.changed_at,
        Standing::Sent(at) => at,
    })
}

#[derive(Template)]
#[template(path = "rp/desk/edit.html")]
struct Edit<'a> {
    rp: &'a RpConfig,
    viewer: &'a Viewer,
    number: Option<u32>,
    content: Content,
    errors: Vec<(&'static str, &'static str)>,
}

impl Edit<'_> {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(of, _)| *of == field).map(|(_, text)| *text)
    }
}

#[derive(Template)]
#[template(path = "rp/desk/show.html")]
struct Show<'a> {
    rp: &'a RpConfig,
    viewer: &'a Viewer,
    filed: &'a Filed,
    state: &'static str,
    since: String,
    notice: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "rp/desk/delete.html")]
struct Confirm<'a> {
    rp: &'a RpConfig,
    filed: &'a Filed,
}

/// A form, as sent.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    intitule: String,
    #[serde(default)]
    texte: String,
    #[serde(default)]
    beneficiaire: String,
    /// `envoyer`, or anything else to keep it as a draft.
    #[serde(default)]
    action: String,
}

impl Written {
    fn sends(&self) -> bool {
        self.action == "envoyer"
    }

    fn content(&self) -> Content {
        let clean = |text: &str| text.trim().replace("\r\n", "\n");
        Content { title: clean(&self.intitule), text: clean(&self.texte), beneficiary: clean(&self.beneficiaire) }
    }

    /// What is wrong, field by field: a draft may be incomplete, but it has a name.
    fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let content = self.content();
        let line = |text: &str| text.chars().count() <= MAX_LINE && !text.chars().any(char::is_control);
        let mut found = Vec::new();
        let mut refuse = |wrong: bool, field, text| {
            if wrong {
                found.push((field, text));
            }
        };
        refuse(content.title.is_empty(), "intitule", "Donnez un intitulé à votre demande");
        refuse(!line(&content.title), "intitule", "L’intitulé compte au plus 120 caractères, sur une ligne");
        refuse(!line(&content.beneficiary), "beneficiaire", "Le nom compte au plus 120 caractères, sur une ligne");
        refuse(self.sends() && content.text.is_empty(), "texte", "Décrivez votre demande avant de l’envoyer");
        refuse(content.text.chars().count() > MAX_TEXT, "texte", "La description compte au plus 4\u{a0}000 caractères");
        found
    }
}

/// The person in front of a page of the desk.
struct Here {
    session: String,
    viewer: Viewer,
}

impl Here {
    /// Asked of the hub at this instant.
    async fn find(rp: &Arc<Rp>, headers: &HeaderMap) -> Result<Self, Stop> {
        let session = rp.sessions.id(headers).ok_or(Stop::SignedOut)?;
        let tokens = rp.sessions.with(&session, |s| s.tokens.clone()).flatten().ok_or(Stop::SignedOut)?;
        let (_, userinfo) = rp.recheck(&session, tokens).await?;
        Ok(Self { viewer: Viewer::from_userinfo(&userinfo), session })
    }

    /// The same, for a form of our own.
    async fn find_for_form(rp: &Arc<Rp>, headers: &HeaderMap) -> Result<Self, Stop> {
        rp.own_form(headers)?;
        Self::find(rp, headers).await
    }

    /// Back to a page that says `notice` once.
    fn told(&self, rp: &Rp, to: &str, notice: &'static str) -> Response {
        rp.sessions.with(&self.session, |s| s.notice = Some(notice));
        redirect(to, None)
    }
}

/// Why a page is not shown.
enum Stop {
    /// Nobody is signed in.
    SignedOut,
    Trouble(Trouble),
    Refused(Refusal),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn answer(rp: &Rp, page: Result<Response, Stop>) -> Response {
    match page {
        Ok(page) => page,
        Err(Stop::SignedOut) => redirect("/", None),
        Err(Stop::Trouble(trouble)) => rp.trouble(&trouble),
        Err(Stop::Refused(refusal)) => refused(rp, refusal),
    }
}

fn refused(rp: &Rp, refusal: Refusal) -> Response {
    let (status, title, text) = match refusal {
        Refusal::Missing => (StatusCode::NOT_FOUND, "Demande introuvable", "Elle n’existe pas, ou vous n’y avez pas accès."),
        Refusal::Closed => {
            (StatusCode::CONFLICT, "Cette demande ne peut plus être modifiée", "Elle est envoyée, ou une autre personne l’a commencée.")
        }
        Refusal::Full => (
            StatusCode::CONFLICT,
            "Trop de demandes",
            "Ce service de démonstration n’en garde pas plus. Supprimez un brouillon, puis recommencez.",
        ),
        Refusal::Nowhere => {
            (StatusCode::FORBIDDEN, "Vous n’agissez pour aucun établissement", "Associez votre compte à un établissement, puis revenez.")
        }
    };
    rp.message(status, title, text, None)
}

fn number(number: Number) -> Result<u32, Stop> {
    number.map(|Path(number)| number).map_err(|_| Refusal::Missing.into())
}

fn sheet(sheet: Sheet) -> Result<Written, Stop> {
    sheet.map(|Form(written)| written).map_err(|_| Trouble::Malformed.into())
}

/// One that the person may change.
fn own(rp: &Rp, here: &Here, number: u32) -> Result<Filed, Refusal> {
    let filed = rp.desk.read(&here.viewer, number)?;
    if filed.is_changed_by(&here.viewer) { Ok(filed) } else { Err(Refusal::Closed) }
}

fn edit(rp: &Rp, viewer: &Viewer, number: Option<u32>, content: Content, errors: Vec<(&'static str, &'static str)>) -> Response {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page::render(status, &Edit { rp: rp.hub.config(), viewer, number, content, errors }, &rp.csp)
}

async fn blank(State(rp): App, headers: HeaderMap) -> Response {
    let page = async {
        let here = Here::find(&rp, &headers).await?;
        if !here.viewer.may_file() {
            return Err(Refusal::Nowhere.into());
        }
        Ok(edit(&rp, &here.viewer, None, Content::default(), Vec::new()))
    };
    answer(&rp, page.await)
}

async fn create(State(rp): App, headers: HeaderMap, form: Sheet) -> Response {
    let page = async {
        let here = Here::find_for_form(&rp, &headers).await?;
        let written = sheet(form)?;
        let problems = written.problems();
        if !problems.is_empty() {
            return Ok(edit(&rp, &here.viewer, None, written.content(), problems));
        }
        let number = rp.desk.begin(&here.viewer, written.content(), rp.now())?;
        kept(&rp, &here, number, &written)
    };
    answer(&rp, page.await)
}

/// After writing: sends it if that was asked.
fn kept(rp: &Rp, here: &Here, number: u32, written: &Written) -> Result<Response, Stop> {
    if !written.sends() {
        return Ok(here.told(rp, "/", SAVED));
    }
    rp.desk.send(&here.viewer, number, rp.now())?;
    Ok(here.told(rp, &format!("/demandes/{number}"), SENT))
}

/// A draft of the person's own is shown as the form that changes it.
async fn show(State(rp): App, headers: HeaderMap, at: Number) -> Response {
    let page = async {
        let here = Here::find(&rp, &headers).await?;
        let filed = rp.desk.read(&here.viewer, number(at)?)?;
        if filed.is_changed_by(&here.viewer) {
            return Ok(edit(&rp, &here.viewer, Some(filed.number), filed.content, Vec::new()));
        }
        let notice = rp.sessions.with(&here.session, |s| s.notice.take()).flatten();
        let (state, since) = (state(filed.state), since(&filed));
        let view = Show { rp: rp.hub.config(), viewer: &here.viewer, filed: &filed, state, since, notice };
        Ok(page::render(StatusCode::OK, &view, &rp.csp))
    };
    answer(&rp, page.await)
}

async fn change(State(rp): App, headers: HeaderMap, at: Number, form: Sheet) -> Response {
    let page = async {
        let here = Here::find_for_form(&rp, &headers).await?;
        let filed = own(&rp, &here, number(at)?)?;
        let written = sheet(form)?;
        let problems = written.problems();
        if !problems.is_empty() {
            return Ok(edit(&rp, &here.viewer, Some(filed.number), written.content(), problems));
        }
        rp.desk.change(&here.viewer, filed.number, written.content(), rp.now())?;
        kept(&rp, &here, filed.number, &written)
    };
    answer(&rp, page.await)
}

async fn confirm(State(rp): App, headers: HeaderMap, at: Number) -> Response {
    let page = async {
        let here = Here::find(&rp, &headers).await?;
        let filed = own(&rp, &here, number(at)?)?;
        Ok(page::render(StatusCode::OK, &Confirm { rp: rp.hub.config(), filed: &filed }, &rp.csp))
    };
    answer(&rp, page.await)
}

async fn delete(State(rp): App, headers: HeaderMap, at: Number) -> Response {
    let page = async {
        let here = Here::find_for_form(&rp, &headers).await?;
        rp.desk.delete(&here.viewer, number(at)?)?;
        Ok(here.told(&rp, "/", DELETED))
    };
    answer(&rp, page.await)
}
