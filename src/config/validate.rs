//! What must hold between and beyond single values.

use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Url};

use super::document::{At, Fault};
use super::{Config, Environment, Protection, Relay};
use crate::base::Email;
use crate::crypto::webauthn;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Everything that is refused, by key; [`super::load`] adds where it was written.
pub fn problems(config: &Config) -> Vec<Fault> {
    let mut rules = Rules { real: config.server.environment == Environment::Production, out: Vec::new() };
    rules.server(config);
    rules.store(config);
    rules.mail(config);
    rules.sms(config);
    rules.sign_in(config);
    rules.policy(config);
    rules.tokens(config);
    rules.rest(config);
    rules.out
}

/// Whether a host is this machine: `localhost`, `*.localhost`, 127.0.0.0/8, ::1.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

struct Rules {
    real: bool,
    out: Vec<Fault>,
}

impl Rules {
    fn holds(&mut self, ok: bool, key: &str, why: impl Into<String>, advice: &str) {
        if !ok {
            let fault = Fault::new(At::Nowhere, key, why);
            self.out.push(if advice.is_empty() { fault } else { fault.advise(advice) });
        }
    }

    fn between(&mut self, key: &str, value: Duration, least: Duration, most: Duration) {
        let why = format!("{} is not between {} and {}", said(value), said(least), said(most));
        self.holds((least..=most).contains(&value), key, why, "");
    }

    fn server(&mut self, config: &Config) {
        let server = &config.server;
        self.issuer(&server.issuer);
        let same = server.listen == server.admin_listen && server.listen.port() != 0;
        self.holds(
            !same,
            "server.admin_listen",
            "the same address as server.listen",
            "health and metrics have a listener of their own, never public",
        );
        for (i, proxy) in server.trusted_proxies.iter().enumerate() {
            self.holds(
                is_block(proxy),
                &format!("server.trusted_proxies[{i}]"),
                format!("`{proxy}` is neither an address nor a CIDR block"),
                "write 10.0.0.1 or 10.0.0.0/8",
            );
        }
        self.holds(server.threads <= 1024, "server.threads", "more than 1024", "0 means one per core");
    }

    fn issuer(&mut self, issuer: &Url) {
        let key = "server.issuer";
        let loopback = issuer.host_str().is_some_and(is_loopback);
        match issuer.scheme() {
            "https" => {}
            "http" => {
                self.holds(loopback, key, format!("{issuer} is not https"), "publish the hub over https, by a reverse proxy for instance");
                let why = format!("{issuer} is not https, and server.environment is production");
                self.holds(
                    !loopback || !self.real,
                    key,
                    why,
                    "use https, or set server.environment to \"test\" for a trial on this machine",
                );
            }
            other => self.holds(false, key, format!("scheme `{other}` is not https"), ""),
        }
        let bare = issuer.path() == "/" && issuer.query().is_none() && issuer.fragment().is_none();
        self.holds(bare, key, format!("{issuer} has a path, a query or a fragment"), "write scheme and host only");
        self.holds(issuer.username().is_empty() && issuer.password().is_none(), key, "has user information", "");
        self.holds(issuer.host().is_some_and(|h| !matches!(h, Host::Domain(""))), key, "has no host", "");
    }

    fn store(&mut self, config: &Config) {
        let url = config.database.url.as_ref().map(|u| Url::parse(u.expose()).ok());
        let postgres = url.is_none_or(|u| u.is_some_and(|u| matches!(u.scheme(), "postgres" | "postgresql")));
        self.holds(
            postgres,
            "database.url",
            "not a postgres:// URL",
            "write postgres://user:password@host/database, or remove it for the embedded database",
        );
        self.holds((1..=1_000).contains(&config.database.connections), "database.connections", "not between 1 and 1000", "");
        let keys = &config.keys;
        let both = keys.master_key.is_some() && keys.master_key_file.is_some();
        self.holds(!both, "keys.master_key", "given beside keys.master_key_file", "keep one");
        let sized =
            keys.master_key.as_ref().is_none_or(|k| crate::base::encode::from_b64u(k.expose().trim()).is_some_and(|b| b.len() == 32));
        self.holds(sized, "keys.master_key", "not 32 bytes as unpadded base64url (43 characters)", "");
        self.between("keys.rotate_every", keys.rotate_every, DAY, 1_000 * DAY);
    }

    fn mail(&mut self, config: &Config) {
        let mail = &config.mail;
        self.holds(is_mailbox(&mail.from), "mail.from", format!("`{}` is not an e-mail address", mail.from), "");
        let reply = mail.reply_to.as_ref().is_none_or(|a| is_mailbox(a));
        self.holds(reply, "mail.reply_to", "not an e-mail address", "");
        for (i, relay) in mail.relays.iter().enumerate() {
            self.relay(&format!("mail.relays[{i}]"), relay);
        }
        self.holds(mail.per_recipient_hour >= 1, "mail.per_recipient_hour", "less than 1", "people could not receive any code");
        let ordered = mail.per_recipient_day >= mail.per_recipient_hour;
        self.holds(ordered, "mail.per_recipient_day", "less than mail.per_recipient_hour", "");
    }

    fn relay(&mut self, at: &str, relay: &Relay) {
        self.holds(!relay.host.trim().is_empty(), &format!("{at}.host"), "required", "");
        self.holds(relay.port != Some(0), &format!("{at}.port"), "0 is not a port", "");
        let bare = relay.protection == Protection::None && !is_loopback(&relay.host);
        self.holds(
            !bare,
            &format!("{at}.protection"),
            format!("none, and {} is not this machine", relay.host),
            "use \"starttls\" or \"tls\": mails hold sign-in codes",
        );
        let both = relay.username.is_some() == relay.password.is_some();
        self.holds(both, &format!("{at}.username"), "a user name goes with a password", "");
    }

    fn sms(&mut self, config: &Config) {
        let sms = &config.sms;
        if let Err(super::sms::Invalid { key, why }) = super::sms::check(sms) {
            self.holds(false, &format!("sms.{key}"), why, "");
        }
        self.between("sms.timeout", sms.timeout, Duration::from_secs(1), Duration::from_secs(30));
        self.holds(sms.per_recipient_hour >= 1, "sms.per_recipient_hour", "less than 1", "");
        self.holds(sms.per_recipient_day >= sms.per_recipient_hour, "sms.per_recipient_day", "less than sms.per_recipient_hour", "");
    }

    fn sign_in(&mut self, config: &Config) {
        let s = &config.sign_in;
        self.between("sign_in.session_absolute", s.session_absolute, MINUTE, 31 * DAY);
        self.between("sign_in.session_idle", s.session_idle, MINUTE, s.session_absolute.max(MINUTE));
        self.between("sign_in.interaction", s.interaction, MINUTE, DAY);
        self.between("sign_in.email_code", s.email_code, MINUTE, HOUR);
        self.holds(
            (1..=10).contains(&s.email_code_attempts),
            "sign_in.email_code_attempts",
            "not between 1 and 10",
            "a code has six digits: more tries make it guessable",
        );
        self.holds((3..=100).contains(&s.password_attempts), "sign_in.password_attempts", "not between 3 and 100", "");
    }

    fn policy(&mut self, config: &Config) {
        let p = &config.policy;
        self.between("policy.grace", p.grace, Duration::ZERO, 366 * DAY);
        self.between("policy.trusted_browser", p.trusted_browser, HOUR, 90 * DAY);
        self.between("policy.recovery_delay", p.recovery_delay, Duration::ZERO, 31 * DAY);
        self.between("policy.identity_valid_for", p.identity_valid_for, HOUR, 3_660 * DAY);
    }

    fn tokens(&mut self, config: &Config) {
        let t = &config.tokens;
        self.between("tokens.code", t.code, Duration::from_secs(1), MINUTE);
        self.between("tokens.access", t.access, Duration::from_secs(10), DAY);
        self.between("tokens.id", t.id, Duration::from_secs(10), DAY);
        self.between("tokens.refresh_absolute", t.refresh_absolute, MINUTE, 1_000 * DAY);
        self.between("tokens.refresh_idle", t.refresh_idle, MINUTE, t.refresh_absolute.max(MINUTE));
    }

    fn rest(&mut self, config: &Config) {
        let (brand, limits, p) = (&config.brand, &config.limits, &config.passwords);
        self.holds(!brand.name.trim().is_empty(), "brand.name", "empty", "");
        let help = brand.help_url.as_ref().is_none_or(|u| matches!(u.scheme(), "https" | "http"));
        self.holds(help, "brand.help_url", "not an http or https URL", "");
        let support = brand.support_email.as_ref().is_none_or(|a| Email::parse(a).is_ok());
        self.holds(support, "brand.support_email", "not an e-mail address", "");
        self.holds(limits.codes_per_hour >= 1, "limits.codes_per_hour", "less than 1", "people could not receive any code");
        self.holds(limits.codes_per_day >= limits.codes_per_hour, "limits.codes_per_day", "less than limits.codes_per_hour", "");
        let (memory, passes, length) = if self.real { (19_456, 2, 12) } else { (8, 1, 1) };
        let floor = "the floor is 19456 KiB and 2 passes in production";
        self.holds((memory..=1_048_576).contains(&p.memory), "passwords.memory", format!("not between {memory} and 1048576 KiB"), floor);
        self.holds((passes..=20).contains(&p.passes), "passwords.passes", format!("not between {passes} and 20"), floor);
        self.holds((length..=64).contains(&p.min_length), "passwords.min_length", format!("not between {length} and 64"), "");
        self.holds(p.parallel <= 256, "passwords.parallel", "more than 256", "0 means one per core");
        self.holds(p.queue >= 1, "passwords.queue", "less than 1", "");
        let issuer = &config.server.issuer;
        let rp_id = config.passkeys.rp_id.as_deref().is_none_or(|id| webauthn::rp_id(issuer, Some(id)).is_some());
        self.holds(rp_id, "passkeys.rp_id", format!("{issuer} is not in it"), "write the host of the issuer, or a domain it is in");
        let register = &config.register;
        let https = register.live_url.as_ref().is_none_or(|u| u.scheme() == "https" || (!self.real && u.scheme() == "http"));
        self.holds(https, "register.live_url", "not an https URL", "");
        self.between("register.live_fresh", register.live_fresh, MINUTE, 366 * DAY);
        self.between("register.live_timeout", register.live_timeout, Duration::from_millis(1), Duration::from_secs(8));
        self.between("audit.keep", config.audit.keep, DAY, 3_700 * DAY);
        let collector = config.traces.endpoint.as_ref().is_none_or(|u| matches!(u.scheme(), "https" | "http") && u.has_host());
        self.holds(collector, "traces.endpoint", "not an http or https URL", "as http://127.0.0.1:4318/v1/traces");
        self.holds((0.0..=1.0).contains(&config.traces.ratio), "traces.ratio", "not between 0 and 1", "");
        let level = tracing_subscriber::EnvFilter::builder().parse(&config.log.level);
        self.holds(level.is_ok(), "log.level", format!("`{}` is not a log filter", config.log.level), "write info, or guichet=debug,info");
    }
}

fn said(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0 => "0s".into(),
        _ if s.is_multiple_of(86_400) => format!("{}d", s / 86_400),
        _ if s.is_multiple_of(3_600) => format!("{}h", s / 3_600),
        _ if s.is_multiple_of(60) => format!("{}m", s / 60),
        _ => format!("{s}s"),
    }
}

fn is_block(text: &str) -> bool {
    text.parse::<ipnet::IpNet>().is_ok() || text.parse::<IpAddr>().is_ok()
}

/// `address`, or `Name <address>`.
fn is_mailbox(text: &str) -> bool {
    let address = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end().trim_end_matches('>'));
    !text.contains(['\r', '\n']) && Email::parse(address).is_ok()
}
