//! A small scripted browser: cookies by host, redirects, `Refresh`, forms filled in by name.

use std::collections::HashMap;

use guichet_demo::launch::Demo;
use reqwest::{Client, Method, StatusCode, Url, header};

/// One person's browser.
pub struct Browser {
    client: Client,
    jars: HashMap<String, HashMap<String, String>>,
    /// Where the last page is.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its HTML.
    pub html: String,
    /// Every address visited since the browser opened, in order.
    pub visited: Vec<String>,
}

/// A form as found on a page.
struct Form {
    method: Method,
    action: Url,
    fields: Vec<(String, String)>,
    /// Those of them that nobody writes.
    hidden: Vec<(String, String)>,
}

impl Browser {
    pub fn new(demo: &Demo) -> Self {
        Self {
            client: crate::launcher::client(demo),
            jars: HashMap::new(),
            url: demo.urls.issuer.parse().unwrap(),
            status: StatusCode::OK,
            html: String::new(),
            visited: Vec::new(),
        }
    }

    /// Opens an address and follows redirects to a page.
    pub async fn open(&mut self, url: &str) {
        let url = self.url.join(url).unwrap();
        self.go(Method::GET, url, Vec::new()).await;
    }

    /// Sends the form that has a field `name` after writing `value` in it.
    pub async fn fill(&mut self, name: &str, value: &str) {
        let form = self.forms().into_iter().find(|f| f.fields.iter().any(|(n, _)| n == name));
        let mut form = form.unwrap_or_else(|| panic!("no field {name} at {}: {}", self.url, self.html));
        for (_, v) in form.fields.iter_mut().filter(|(n, _)| n == name) {
            *v = value.to_owned();
        }
        self.go(form.method, form.action, form.fields).await;
    }

    /// Presses the button of the form sent to `path`.
    pub async fn press(&mut self, path: &str) {
        self.press_one(path, &[]).await;
    }

    /// The same with the name and value of one button of several.
    pub async fn press_one(&mut self, path: &str, button: &[(&str, &str)]) {
        let form = self.forms().into_iter().find(|f| f.action.path() == path);
        let mut form = form.unwrap_or_else(|| panic!("no form to {path} at {}: {}", self.url, self.html));
        form.fields.extend(button.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self.go(form.method, form.action, form.fields).await;
    }

    /// Sends the form to `path` with these values, whatever stands in its fields.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) {
        let form = self.forms().into_iter().find(|f| f.action.path() == path);
        let form = form.unwrap_or_else(|| panic!("no form to {path} at {}: {}", self.url, self.html));
        let written = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        self.go(form.method, form.action, form.hidden.into_iter().chain(written).collect()).await;
    }

    /// Posts to an address without any form.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) {
        let url = self.url.join(url).unwrap();
        self.go(Method::POST, url, fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()).await;
    }

    /// Whether the page has a link or text.
    pub fn sees(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// The first link whose address contains `part`.
    pub fn link(&self, part: &str) -> Option<String> {
        tags(&self.html, "a").find_map(|tag| attribute(tag, "href").filter(|href| href.contains(part)))
    }

    /// The `Cookie` header for a host.
    pub fn cookies(&self, host: &str) -> String {
        let cookies = self.jars.get(host).into_iter().flatten().map(|(n, v)| format!("{n}={v}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    async fn go(&mut self, mut method: Method, mut url: Url, mut fields: Vec<(String, String)>) {
        for _ in 0..15 {
            self.visited.push(format!("{method} {}{}", url.host_str().unwrap(), url.path()));
            let cookies = self.cookies(url.host_str().unwrap());
            let jar = self.jars.entry(url.host_str().unwrap().to_owned()).or_default();
            let mut request = self.client.request(method.clone(), url.clone());
            if !cookies.is_empty() {
                request = request.header(header::COOKIE, cookies);
            }
            if method == Method::POST {
                request = request.form(&fields).header(header::ORIGIN, url.origin().ascii_serialization());
            }
            let answer = request.send().await.unwrap();
            for cookie in answer.headers().get_all(header::SET_COOKIE) {
                let cookie = cookie.to_str().unwrap();
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                match value.is_empty() || cookie.contains("Max-Age=0") {
                    true => drop(jar.remove(name)),
                    false => drop(jar.insert(name.to_owned(), value.to_owned())),
                }
            }
            let told = |name| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
            let refresh = told(header::REFRESH).and_then(|r| Some(r.split_once("url=")?.1.to_owned()));
            match told(header::LOCATION).or(refresh) {
                Some(next) => (method, url, fields) = (Method::GET, url.join(&next).unwrap(), Vec::new()),
                None => {
                    (self.status, self.url) = (answer.status(), url);
                    self.html = answer.text().await.unwrap();
                    return;
                }
            }
        }
        panic!("too many redirects: {:?}", self.visited);
    }

    fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        for piece in self.html.split("<form").skip(1) {
            let piece = piece.split("</form>").next().unwrap();
            let tag = piece.split('>').next().unwrap();
            let post = attribute(tag, "method").is_some_and(|m| m.eq_ignore_ascii_case("post"));
            let named = |tag: &&str| attribute(tag, "name").zip(Some(attribute(tag, "value").unwrap_or_default()));
            let hidden = tags(piece, "input").filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
            let fields = tags(piece, "input")
                .chain(tags(piece, "button"))
                .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())));
            forms.push(Form {
                method: if post { Method::POST } else { Method::GET },
                action: self.url.join(&attribute(tag, "action").unwrap_or_default()).unwrap(),
                fields: fields.collect(),
                hidden: hidden.filter_map(|tag| named(&tag)).collect(),
            });
        }
        forms
    }
}

/// The inside of every `<name …>` tag.
fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let open = format!("<{name} ");
    let starts: Vec<usize> = html.match_indices(&open).map(|(at, _)| at).collect();
    starts.into_iter().filter_map(move |at| html[at..].split('>').next())
}

/// An attribute's value, with the few character references that templates write decoded.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}="))?;
    let value = match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => after.split(char::is_whitespace).next()?,
    };
    Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"").replace("&#39;", "'"))
}
