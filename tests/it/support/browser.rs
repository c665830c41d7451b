//! A browser without a screen: cookies, redirects within the hub, forms as they stand in the page.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::{Answer, ISSUER, TestApp, encode};

/// One browser.
#[derive(Clone)]
pub struct Browser {
    app: TestApp,
    cookies: Vec<(String, String)>,
    pub accept_language: String,
    /// Whether it keeps the cookies it is given.
    pub keeps_cookies: bool,
}

/// A page as received, after redirects within the hub.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: StatusCode,
    /// Path and query of the last request.
    pub path: String,
    pub body: String,
    pub answer: Answer,
    /// The address outside the hub that the journey left for, by `Location` or by the relay page's `Refresh`.
    pub left_for: Option<String>,
}

impl Browser {
    pub fn new(app: TestApp) -> Self {
        Self { app, cookies: Vec::new(), accept_language: "fr".into(), keeps_cookies: true }
    }

    /// The application it talks to.
    pub fn app(&self) -> &TestApp {
        &self.app
    }

    /// Every cookie.
    pub fn cookies(&self) -> Vec<(String, String)> {
        self.cookies.clone()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Sets or removes a cookie by hand.
    pub fn set_cookie(&mut self, name: &str, value: Option<&str>) {
        self.cookies.retain(|(n, _)| n != name);
        if let Some(v) = value {
            self.cookies.push((name.to_owned(), v.to_owned()));
        }
    }

    /// Everything but redirects.
    pub async fn request(&mut self, mut request: Request<Body>) -> Answer {
        let jar = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ");
        if !jar.is_empty() {
            request.headers_mut().insert(header::COOKIE, jar.parse().unwrap());
        }
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, self.accept_language.parse().unwrap());
        request
            .headers_mut()
            .insert(header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".parse().unwrap());
        let answer = Answer::of(self.app.send(request).await).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let text = set.to_str().unwrap();
            assert!(
                text.starts_with("__Host-") && text.contains("; Secure") && text.contains("; HttpOnly") && text.contains("SameSite="),
                "{text}"
            );
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            let gone = text.contains("Max-Age=0");
            self.set_cookie(name, (!gone && self.keeps_cookies).then_some(value));
        }
        answer
    }

    /// GET, following redirects within the hub.
    pub async fn get(&mut self, path: &str) -> Page {
        let path = path.strip_prefix(ISSUER).unwrap_or(path).to_owned();
        let answer = self.request(Request::get(&path).body(Body::empty()).unwrap()).await;
        self.follow(path, answer).await
    }

    /// POST of these fields as a page of ours would, following redirects within the hub.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post_once(path, fields).await;
        self.follow(path.to_owned(), answer).await
    }

    /// POST without following.
    pub async fn post_once(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, ISSUER)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(encode(fields)))
            .unwrap();
        self.request(request).await
    }

    /// Submits the first form of `page` that has all these fields (or any form, when none has), hidden inputs included.
    pub async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form_with(fields).unwrap_or_else(|| panic!("no such form on {}: {}", page.path, page.body));
        let hidden = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).filter(|(n, _)| fields.iter().all(|(name, _)| name != n));
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let action = if form.action.is_empty() { page.path.clone() } else { form.action.clone() };
        self.post(&action, &all).await
    }

    /// Submits the form whose action starts with `action`.
    pub async fn press(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = page
            .forms()
            .into_iter()
            .find(|f| f.action.starts_with(action))
            .unwrap_or_else(|| panic!("no form to {action} on {}: {}", page.path, page.body));
        let mut all = form.hidden.clone();
        all.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.post(&form.action, &all).await
    }

    async fn follow(&mut self, mut path: String, mut answer: Answer) -> Page {
        let mut left_for = None;
        for _ in 0..10 {
            if !answer.status.is_redirection() {
                break;
            }
            let to = answer.header("location").to_owned();
            let inside = to.strip_prefix(ISSUER).unwrap_or(&to).to_owned();
            if !inside.starts_with('/') {
                left_for = Some(to);
                break;
            }
            answer = self.request(Request::get(&inside).body(Body::empty()).unwrap()).await;
            path = inside;
        }
        if let Some((_, url)) = answer.header("refresh").split_once("url=") {
            left_for = Some(url.to_owned());
        }
        Page { status: answer.status, path, body: answer.body.clone(), answer, left_for }
    }

    /// Signs in with a code, from whatever page asks for an address.
    pub async fn sign_in_with_code(&mut self, page: &Page, email: &str) -> Page {
        let page = self.submit(page, &[("courriel", email)]).await;
        let code = self.app.clone().last_code(email.trim()).await;
        self.submit(&page, &[("code", &code)]).await
    }
}

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub hidden: Vec<(String, String)>,
    pub names: Vec<String>,
}

impl Page {
    /// Every POST form.
    pub fn forms(&self) -> Vec<Form> {
        let mut out = Vec::new();
        for part in self.body.split("<form").skip(1) {
            let part = part.split("</form>").next().unwrap_or_default();
            let open = part.split('>').next().unwrap_or_default();
            let mut form = Form { action: attribute(open, "action").unwrap_or_default(), hidden: Vec::new(), names: Vec::new() };
            if !attribute(open, "method").is_some_and(|m| m.eq_ignore_ascii_case("post")) {
                continue;
            }
            for tag in ["<input", "<select", "<textarea", "<button"] {
                for input in part.split(tag).skip(1) {
                    let input = input.split('>').next().unwrap_or_default();
                    let Some(name) = attribute(input, "name") else { continue };
                    if attribute(input, "type").as_deref() == Some("hidden") {
                        form.hidden.push((name.clone(), attribute(input, "value").unwrap_or_default()));
                    }
                    form.names.push(name);
                }
            }
            out.push(form);
        }
        out
    }

    fn form_with(&self, fields: &[(&str, &str)]) -> Option<Form> {
        self.forms().into_iter().find(|f| fields.iter().all(|(n, _)| f.names.iter().any(|m| m == n)))
    }

    /// Addresses of links.
    pub fn links(&self) -> Vec<String> {
        self.body.split("<a ").skip(1).filter_map(|a| attribute(a.split('>').next()?, "href")).collect()
    }

    /// Whether these words stand in the page, whatever the kind of its spaces.
    pub fn says(&self, words: &str) -> bool {
        unescape(&self.body.replace(['\u{a0}', '\u{202f}'], " ")).contains(words)
    }

    /// The content of the only h1, without tags.
    pub fn h1(&self) -> String {
        let inner =
            self.body.split("<h1").nth(1).and_then(|s| s.split_once('>')).and_then(|(_, s)| s.split("</h1>").next()).unwrap_or_default();
        let mut out = String::new();
        let mut tag = false;
        for c in inner.chars() {
            match c {
                '<' => tag = true,
                '>' => tag = false,
                c if !tag => out.push(c),
                _ => {}
            }
        }
        unescape(out.trim())
    }

    /// A parameter of the address the journey left for.
    pub fn left_with(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.left_for.as_deref()?).ok()?;
        url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag
        .find(&format!(" {name}=\""))
        .map(|i| i + name.len() + 3)
        .or_else(|| tag.strip_prefix(&format!("{name}=\"")).map(|_| name.len() + 2))?;
    tag.get(start..)?.split('"').next().map(unescape)
}

fn unescape(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
