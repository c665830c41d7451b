//! `guichet card`.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::account::find as find_account;
use super::args::{Card as Command, CardImport};
use super::out::{Failure, Out, list, message, table};
use crate::app::App;
use crate::authn::card::import::{self, Defaults, Fault, MAX_FILE, Outcome, Unlock};
use crate::authn::card::link::{self, Handler, NotLinked, NotMoved, NotUnlinked};
use crate::authn::card::store::{self, Filter};
use crate::authn::card::{self, Card, CardState, Moves, Refused, Serial, UnlinkReason};
use crate::authn::factor::Kit;
use crate::base::encode::from_hex;
use crate::base::{Actor, Secret, Siret};
use crate::db::Handle;
use crate::org;

pub async fn run(out: Out, app: &App, command: Command) -> Result<(), Failure> {
    let ctx = app.ctx(Actor::Operator);
    let kit = Kit { ctx: &ctx, keys: &app.keys, config: &app.config };
    match command {
        Command::Import(args) => run_import(out, app, &kit, &args).await,
        Command::List { state, siret, after, limit } => {
            let cards = store::list(&mut app.db.read().await?, &Filter { state, siret }, &after, i64::from(limit)).await?;
            out.data(&cards.iter().map(view).collect::<Vec<_>>(), || {
                table(&["SERIAL", "STATE", "TYPE", "ESTABLISHMENT", "HOLDER"], &cards.iter().map(row).collect::<Vec<_>>())
            });
            if cards.len() == limit as usize
                && let Some(last) = cards.last()
            {
                message(format_args!("There may be more: --after {}", last.serial));
            }
            Ok(())
        }
        Command::Show { serial } => show(out, app, &serial).await,
        Command::Send { siret, serials, dry_run } => send(out, app, &kit, &siret, &serials, dry_run).await,
        Command::Link { serial, who, code } => lend(out, app, &kit, &serial, &who, code.as_deref()).await,
        Command::Unlink { serial, reason, replace_by } => unlink(out, app, &kit, &serial, reason, replace_by).await,
        Command::Resync { serial, first, second } => resync(out, app, &kit, &serial, &first, &second).await,
        Command::SetState { serial, state, reason } => set_state(out, app, &kit, &serial, state, &reason).await,
    }
}

async fn run_import(out: Out, app: &App, kit: &Kit<'_>, args: &CardImport) -> Result<(), Failure> {
    let name = args.file.display().to_string();
    let file = Zeroizing::new(bytes(&args.file)?);
    let refused = |faults: Vec<Fault>| {
        let said: Vec<String> = faults.iter().map(|f| format!("  {f}")).collect();
        Failure::Error(format!("nothing was imported from {name}\n{}", said.join("\n")))
    };
    let moves = if args.r#type == "hotp" { Moves::Event } else { Moves::Time { step: args.step } };
    let defaults = Defaults { moves, hash: args.algorithm, digits: args.digits };
    let entries = import::read(&file, defaults, &unlock(args)?).map_err(refused)?;
    let mut tx = app.db.begin().await?;
    let lines = import::import(&mut tx, kit, &entries).await?.map_err(refused)?;
    if args.dry_run {
        tx.rollback().await?
    } else {
        tx.commit().await?
    }
    let created = lines.iter().filter(|l| l.outcome == Outcome::Created).count();
    let report = json!({ "dry_run": args.dry_run, "created": created, "unchanged": lines.len() - created, "cards": lines });
    out.data(&report, || {
        let note = if args.dry_run { " (dry run: nothing was written)" } else { "" };
        format!("{created} imported, {} known already{note}", lines.len() - created)
    });
    Ok(())
}

fn unlock(args: &CardImport) -> Result<Unlock, Failure> {
    let secret = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::Error(format!("{}: {e}", path.display())))?;
        Ok::<_, Failure>(Secret::new(text.trim_end_matches(['\r', '\n'])))
    };
    match (&args.key_file, &args.passphrase_file) {
        (Some(path), _) => {
            let key = from_hex(secret(path)?.expose().trim()).filter(|k| matches!(k.len(), 16 | 32));
            let key = key.ok_or_else(|| Failure::Error(format!("{}: expected 32 or 64 hexadecimal digits", path.display())))?;
            Ok(Unlock::Key(Zeroizing::new(key)))
        }
        (None, Some(path)) => Ok(Unlock::Passphrase(secret(path)?)),
        (None, None) => Ok(Unlock::Nothing),
    }
}

/// At most one byte more than what is accepted, so that a huge file is refused without being read.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(MAX_FILE).unwrap_or(u64::MAX) + 1;
    let said = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::NotFound(format!("{}: {e}", path.display())),
        _ => Failure::Error(format!("{}: {e}", path.display())),
    };
    let mut file = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut file).map_err(said)?;
    } else {
        std::fs::File::open(path).map_err(said)?.take(most).read_to_end(&mut file).map_err(said)?;
    }
    Ok(file)
}

async fn find(h: &mut impl Handle, serial: &Serial) -> Result<Card, Failure> {
    card::find(h, serial).await?.ok_or_else(|| Failure::NotFound(format!("no card {serial}")))
}

fn view(c: &Card) -> Value {
    json!({
        "serial": c.serial.as_str(), "state": c.state.name(), "type": c.moves.name(), "step": c.moves.step(),
        "algorithm": c.hash.name(), "digits": c.digits, "siret": c.siret.as_ref().map(Siret::as_str),
        "account": c.account.as_ref().map(|a| a.as_str()), "drift": c.drift, "failures": c.failures, "locked": c.locked_at.is_some(),
        "linked_at": c.linked_at.map(|t| t.to_string()), "linked_by": c.linked_by, "last_used_at": c.last_used_at.map(|t| t.to_string()),
        "created_at": c.created_at.to_string(), "changed_at": c.changed_at.to_string(),
    })
}

fn row(c: &Card) -> Vec<String> {
    let state = if c.locked_at.is_some() { format!("{}, locked", c.state.name()) } else { c.state.name().to_owned() };
    let kind = match c.moves {
        Moves::Event => c.moves.name().to_owned(),
        Moves::Time { step } => format!("{} {step}s", c.moves.name()),
    };
    let siret = c.siret.as_ref().map(Siret::to_string).unwrap_or_default();
    vec![c.serial.to_string(), state, kind, siret, c.account.as_ref().map(ToString::to_string).unwrap_or_default()]
}

async fn show(out: Out, app: &App, serial: &Serial) -> Result<(), Failure> {
    let view = view(&find(&mut app.db.read().await?, serial).await?);
    out.data(&view, || {
        let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let known = view.as_object().into_iter().flatten().filter(|(_, v)| !v.is_null());
        list(&known.map(|(name, value)| (name.as_str(), shown(value))).collect::<Vec<_>>())
    });
    Ok(())
}

async fn send(out: Out, app: &App, kit: &Kit<'_>, siret: &Siret, serials: &[Serial], dry_run: bool) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let Some(establishment) = org::find(&mut tx, siret).await? else {
        return Err(Failure::NotFound(format!("no establishment {siret}; declare it with `guichet apply` ([[establishment]])")));
    };
    for serial in serials {
        link::send(&mut tx, kit, serial, siret).await?.map_err(|e| not_moved(serial, e))?;
    }
    if dry_run {
        tx.rollback().await?
    } else {
        tx.commit().await?
    }
    let note = if dry_run { " (dry run: nothing was written)" } else { "" };
    let named: Vec<&str> = serials.iter().map(Serial::as_str).collect();
    let about = json!({ "siret": siret.as_str(), "establishment": establishment.name, "serials": named, "dry_run": dry_run });
    out.changed(!dry_run, about, format_args!("{} sent to {}{note}", serials.len(), establishment.name));
    Ok(())
}

async fn lend(out: Out, app: &App, kit: &Kit<'_>, serial: &Serial, who: &str, code: Option<&str>) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let person = find_account(&mut tx, who).await?;
    let card = link::link(&mut tx, kit, serial, &person, &Handler::OPERATOR).await?.map_err(|e| not_linked(serial, e))?;
    if let Some(code) = code {
        card::confirm(&mut tx, kit, &card, code).await?.map_err(|e| refused(serial, e))?;
    }
    tx.commit().await?;
    if code.is_none() {
        message(format_args!("{serial} is linked; it serves once a code it shows confirms it"));
    }
    show(out, app, serial).await
}

async fn unlink(
    out: Out,
    app: &App,
    kit: &Kit<'_>,
    serial: &Serial,
    reason: UnlinkReason,
    replace_by: Option<Serial>,
) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let card = find(&mut tx, serial).await?;
    let shown = match replace_by {
        None => {
            let done = link::unlink(&mut tx, kit, &card, reason, &Handler::OPERATOR).await?;
            done.map_err(|e: NotUnlinked| Failure::Refused(format!("{serial}: {e}")))?;
            serial.clone()
        }
        Some(new) => {
            let holder = card.account.as_ref().ok_or_else(|| Failure::Refused(format!("{serial}: {}", NotUnlinked::Free)))?;
            let person = find_account(&mut tx, holder.as_str()).await?;
            let done = link::replace(&mut tx, kit, &card, reason, (&new, &person), &Handler::OPERATOR).await?;
            done.map_err(|e| not_linked(&new, e))?;
            new
        }
    };
    tx.commit().await?;
    show(out, app, &shown).await
}

async fn resync(out: Out, app: &App, kit: &Kit<'_>, serial: &Serial, first: &str, second: &str) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let card = find(&mut tx, serial).await?;
    let found = card::resynchronise_for(&mut tx, kit, &card, first, second).await?;
    // A try is counted whatever its outcome.
    tx.commit().await?;
    found.map_err(|e| refused(serial, e))?;
    let now = find(&mut app.db.read().await?, serial).await?;
    out.changed(true, view(&now), format_args!("{serial} was found again and serves"));
    Ok(())
}

async fn set_state(out: Out, app: &App, kit: &Kit<'_>, serial: &Serial, state: CardState, reason: &str) -> Result<(), Failure> {
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(100).collect();
    let mut tx = app.db.begin().await?;
    let before = find(&mut tx, serial).await?.state;
    link::set_state(&mut tx, kit, serial, state, &reason).await?.map_err(|e| not_moved(serial, e))?;
    let now = find(&mut tx, serial).await?;
    tx.commit().await?;
    out.changed(before != now.state, view(&now), format_args!("{serial} is {}", state.name()));
    Ok(())
}

fn not_moved(serial: &Serial, why: NotMoved) -> Failure {
    match why {
        NotMoved::Unknown => Failure::NotFound(format!("no card {serial}")),
        NotMoved::Held | NotMoved::Unusable(_) | NotMoved::NotByHand(_) => Failure::Refused(format!("{serial}: {why}")),
    }
}

fn not_linked(serial: &Serial, why: NotLinked) -> Failure {
    match why {
        NotLinked::Unknown => Failure::NotFound(format!("no card {serial}")),
        NotLinked::Elsewhere
        | NotLinked::NotSent
        | NotLinked::Taken
        | NotLinked::Unusable(_)
        | NotLinked::NotMember
        | NotLinked::HoldsOne => Failure::Refused(format!("{serial}: {why}")),
    }
}

fn refused(serial: &Serial, why: Refused) -> Failure {
    let why = match why {
        Refused::Wrong { .. } => "wrong code".to_owned(),
        Refused::NeedsResync { .. } => "wrong code; `guichet card resync` takes two codes in a row".to_owned(),
        Refused::Replayed => "that code was used already; wait for the next one".to_owned(),
        Refused::Locked => "locked after too many wrong codes; `guichet card resync` unlocks it".to_owned(),
        Refused::Battery => "that is the level of the battery; press the button briefly".to_owned(),
        Refused::Missing { digits } => format!("a code of this card has {digits} digits"),
        Refused::NoCard => "nobody holds this card".to_owned(),
        Refused::Later { until } => format!("too many tries; again at {until}"),
    };
    Failure::Refused(format!("{serial}: {why}"))
}
