//! `[sms]`: the HTTP gateway that carries short messages, as its provider wants to be asked.

use std::path::PathBuf;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::duration;
use crate::base::Secret;

/// What may stand between braces.
const PLACEHOLDERS: &[&str] = &["phone", "text", "sender", "secret"];

/// What the body of a request to the gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum SmsFormat {
    /// `application/json`; values are escaped as in a string.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`; values are percent-encoded.
    Form,
}

impl SmsFormat {
    /// The `Content-Type`.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// `[sms]`: the HTTP gateway that carries short messages. Without a `url` there are none, and no page offers any.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Sms {
    /// Where messages are posted.
    pub url: Option<Url>,
    /// What the body is.
    pub format: SmsFormat,
    /// The body, with `{phone}`, `{text}`, `{sender}` and `{secret}`.
    pub body: String,
    /// Headers, as `Name: value`, with `{secret}` and `{sender}`.
    pub headers: Vec<String>,
    /// What `{secret}` stands for.
    pub secret: Option<Secret>,
    /// What `{sender}` stands for.
    pub sender: String,
    /// Answers that mean success; any 2xx when there is none.
    pub success_status: Vec<u16>,
    /// Words an answer must hold besides.
    pub success_contains: Option<String>,
    /// How long an answer is waited for.
    #[serde(with = "duration")]
    pub timeout: Duration,
    /// Certificates (PEM) of authorities trusted for this gateway, beside those the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// Messages a number may get per hour and per day.
    pub per_recipient_hour: i64,
    /// See `per_recipient_hour`.
    pub per_recipient_day: i64,
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            url: None,
            format: SmsFormat::Json,
            body: r#"{"to": "{phone}", "text": "{text}", "from": "{sender}"}"#.into(),
            headers: Vec::new(),
            secret: None,
            sender: "Guichet".into(),
            success_status: Vec::new(),
            success_contains: None,
            timeout: Duration::from_secs(10),
            ca_file: None,
            per_recipient_hour: 5,
            per_recipient_day: 10,
        }
    }
}

/// The configuration of the gateway cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sms.{key}: {why}")]
pub struct Invalid {
    /// Key of `[sms]`.
    pub key: &'static str,
    /// Why; never a secret.
    pub why: String,
}

impl Sms {
    /// The body with its values, each escaped for the format. One pass: a value that looks like a placeholder is left as it is.
    pub fn filled(&self, phone: &str, text: &str) -> String {
        let mut out = String::with_capacity(self.body.len() + text.len());
        let mut rest = self.body.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let known = after.split_once('}').and_then(|(name, tail)| {
                let value = match name {
                    "phone" => phone,
                    "text" => text,
                    "sender" => &self.sender,
                    "secret" => self.secret.as_ref().map_or("", Secret::expose),
                    _ => return None,
                };
                Some((value, tail))
            });
            match known {
                Some((value, tail)) => {
                    out.push_str(&escaped(value, self.format));
                    rest = tail;
                }
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out + rest
    }
}

impl Invalid {
    fn new(key: &'static str, why: impl Into<String>) -> Self {
        Self { key, why: why.into() }
    }
}

/// Says what is wrong with `[sms]`, for the configuration check as well.
pub fn check(config: &Sms) -> Result<(), Invalid> {
    let Some(url) = &config.url else { return Ok(()) };
    let local = url.scheme() == "http" && url.host_str().is_some_and(super::validate::is_loopback);
    if url.scheme() != "https" && !local {
        return Err(Invalid::new("url", format!("scheme `{}` is not https, and it is not this machine", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new("url", "holds credentials: they would end in logs; put {secret} in a header"));
    }
    for (key, template) in config.headers.iter().map(|h| ("headers", h)).chain([("body", &config.body)]) {
        let unknown = placeholders(template).find(|name| !PLACEHOLDERS.contains(name));
        if let Some(name) = unknown {
            return Err(Invalid::new(key, format!("unknown placeholder {{{name}}}; known: {}", PLACEHOLDERS.join(", "))));
        }
        if config.secret.is_none() && placeholders(template).any(|name| name == "secret") {
            return Err(Invalid::new(key, "names {secret}, and sms.secret is not set"));
        }
    }
    for needed in ["phone", "text"] {
        if !placeholders(&config.body).any(|name| name == needed) {
            return Err(Invalid::new("body", format!("does not name {{{needed}}}")));
        }
    }
    let sample = config.filled("+33612345678", "a \"text\"\n");
    if config.format == SmsFormat::Json && serde_json::from_str::<serde_json::Value>(&sample).is_err() {
        return Err(Invalid::new("body", "is not JSON once filled in"));
    }
    headers(config).map(|_| ())
}

/// The headers of every request. [`Invalid`] when one cannot be sent.
pub fn headers(config: &Sms) -> Result<HeaderMap, Invalid> {
    let mut all = HeaderMap::new();
    for line in &config.headers {
        let (name, value) = line.split_once(':').ok_or_else(|| Invalid::new("headers", "write `Name: value`"))?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| Invalid::new("headers", "not a header name"))?;
        let secret = config.secret.as_ref().map_or("", Secret::expose);
        let value = value.trim().replace("{secret}", secret).replace("{sender}", &config.sender);
        let mut value = HeaderValue::try_from(value).map_err(|_| Invalid::new("headers", format!("the value of {name} cannot be sent")))?;
        value.set_sensitive(true);
        all.append(name, value);
    }
    Ok(all)
}

/// Names between braces: letters only, so that the braces of JSON are none.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
}

fn escaped(value: &str, format: SmsFormat) -> String {
    match format {
        SmsFormat::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
        }
        SmsFormat::Form => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sms(format: SmsFormat, body: &str) -> Sms {
        Sms {
            url: Some("https://sms.example.fr/v1/send".parse().unwrap()),
            format,
            body: body.into(),
            sender: "Guichet".into(),
            secret: Some(Secret::new("clé \"s\"")),
            ..Sms::default()
        }
    }

    #[test]
    fn values_are_escaped_for_where_they_stand() {
        let json = sms(SmsFormat::Json, r#"{"to":"{phone}","message":{"body":"{text}"},"from":"{sender}","key":"{secret}"}"#);
        check(&json).unwrap();
        let filled = json.filled("+33612345678", "dit \"{phone}\"\n@x #1");
        let value: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(value["message"]["body"], "dit \"{phone}\"\n@x #1");
        assert_eq!((&value["to"], &value["key"]), (&"+33612345678".into(), &"clé \"s\"".into()));
        let form = sms(SmsFormat::Form, "to={phone}&text={text}");
        check(&form).unwrap();
        assert_eq!(form.filled("+33612345678", "a&b=c é\n"), "to=%2B33612345678&text=a%26b%3Dc+%C3%A9%0A");
    }

    #[test]
    fn what_cannot_work_is_refused_before_it_is_used() {
        let good = r#"{"to":"{phone}","text":"{text}"}"#;
        for (change, said) in [
            ((|c: &mut Sms| c.url = Some("https://u:p@sms.example.fr/".parse().unwrap())) as fn(&mut Sms), "credentials"),
            (|c| c.url = Some("ftp://sms.example.fr/".parse().unwrap()), "not https"),
            (|c| c.body = "{\"to\":\"{phone}\"}".into(), "{text}"),
            (|c| c.body = "{\"to\":\"{phone}\",\"text\":{text}}".into(), "not JSON"),
            (|c| c.body = "{\"to\":\"{phone}\",\"text\":\"{text}\",\"x\":\"{telephone}\"}".into(), "unknown placeholder {telephone}"),
            (|c| c.headers = vec!["Authorization Bearer".into()], "write `Name: value`"),
            (|c| c.headers = vec!["X-A: a\nb".into()], "cannot be sent"),
            (
                |c| {
                    c.headers = vec!["Authorization: Bearer {secret}".into()];
                    c.secret = None;
                },
                "sms.secret is not set",
            ),
        ] {
            let mut config = sms(SmsFormat::Json, good);
            change(&mut config);
            let refused = check(&config).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
            assert!(!refused.contains("clé"), "{refused}");
        }
    }
}
