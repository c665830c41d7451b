//! The e-mail that tells a connection, and the devices that are known (§1.13).

use axum::http::HeaderMap;
use guichet::base::encode::{b64u, from_b64u};
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::errors::Refusal;
use super::state::Recognised;
use super::{Sim, cookie};
use crate::clock;

/// How long a device is known: 90 days.
const KNOWN_MS: i64 = 90 * 86_400_000;
/// Identities a device remembers, and how many at most it is trusted with.
const REMEMBERED: usize = 3;
const TRUSTED: usize = 2;

/// What is known of the browser's device.
pub(super) struct Device {
    /// This person came from here before, and few others did.
    pub trusted: bool,
    /// `Set-Cookie` that remembers it.
    pub cookie: String,
}

/// Reads the device's cookie: the end of its life, identities as keyed hashes, and a tag over both.
pub(super) fn device(sim: &Sim, headers: &HeaderMap, known: &Recognised, suspicious: bool) -> Result<Device, Refusal> {
    let name = format!("{}_device", sim.platform.key());
    let person =
        sim.device.tag(&["person", known.persona.given.family_name, known.persona.given.given_name, known.persona.given.birthdate]);
    let mut people: Vec<String> = match cookie(headers, &name) {
        Some(value) => read(sim, &value).ok_or_else(|| Refusal::new("510001"))?,
        None => vec![],
    };
    let trusted = !suspicious && people.contains(&person) && people.len() <= TRUSTED;
    people.retain(|p| *p != person);
    people.push(person);
    let extra = people.len().saturating_sub(REMEMBERED);
    let text = format!("{} {}", sim.ms() + KNOWN_MS, people.split_off(extra).join(" "));
    let value = format!("{}.{}", b64u(&text), sim.device.tag(&["device", &text]));
    Ok(Device { trusted, cookie: format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax", KNOWN_MS / 1_000) })
}

fn read(sim: &Sim, value: &str) -> Option<Vec<String>> {
    let (text, tag) = value.split_once('.')?;
    let text = String::from_utf8(from_b64u(text)?).ok()?;
    if !guichet::crypto::same(&sim.device.tag(&["device", &text]), tag) {
        return None;
    }
    let mut words = text.split(' ').map(str::to_owned);
    let ends: i64 = words.next()?.parse().ok()?;
    Some(if ends > sim.ms() { words.collect() } else { vec![] })
}

/// Tells the person of a connection.
pub(super) fn send(sim: &Sim, service: &str, known: &Recognised) {
    let (platform, at) = (sim.platform.name(), clock::for_people(sim.ms()));
    let text = format!(
        "Bonjour,\n\nUne connexion au service «\u{a0}{service}\u{a0}» a eu lieu le {at} avec {platform} (simulateur), par {}.\n\n\
         Si ce n’était pas vous, prévenez l’assistance.\n\nCeci est une démonstration : aucune personne réelle n’est concernée.\n",
        known.idp.name
    );
    post(sim, known.persona.given.email, format!("Alerte de connexion au service «\u{a0}{service}\u{a0}»"), text);
}

/// The second factor of ProConnect (§2.4).
pub(super) fn send_code(sim: &Sim, to: &str, code: &str) {
    let text = format!(
        "Bonjour,\n\nVotre code de vérification {} (simulateur) est\u{a0}: {code}\n\nIl est valable une heure.\n",
        sim.platform.name()
    );
    post(sim, to, "Votre code de vérification".into(), text);
}

/// Sends a message, without making anybody wait.
fn post(sim: &Sim, to: &str, subject: String, text: String) {
    let Some(smtp) = sim.smtp else { return };
    let message = to.parse::<Mailbox>().map_err(anyhow::Error::from).and_then(|to| {
        let from = "ne-pas-repondre@franceconnect.localhost".parse::<Mailbox>()?;
        Ok(Message::builder().from(from).to(to).subject(subject).body(text.replace('\n', "\r\n"))?)
    });
    tokio::spawn(async move {
        let sent = async {
            let transport: AsyncSmtpTransport<Tokio1Executor> =
                AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string()).port(smtp.port()).build();
            transport.send(message?).await?;
            anyhow::Ok(())
        };
        if let Err(error) = sent.await {
            tracing::warn!(%error, "a simulator's message was not sent");
        }
    });
}
