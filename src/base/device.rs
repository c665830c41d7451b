//! A browser's `User-Agent` as two words people recognise.

/// « Firefox, Linux »; `None` when neither the browser nor the system is recognised. Nothing is decided on it:
/// it only helps a person recognise their own devices.
#[must_use]
pub fn describe(user_agent: &str) -> Option<String> {
    let browser = first_match(user_agent, &BROWSERS);
    let system = first_match(user_agent, &SYSTEMS);
    match (browser, system) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

// Order matters: most browsers also name the ones they imitate.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

fn first_match(user_agent: &str, table: &[(&str, &'static str)]) -> Option<&'static str> {
    table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn common_browsers_are_recognised_by_their_own_name() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(describe(chrome).as_deref(), Some("Chrome, Windows"));
        assert_eq!(describe(&format!("{chrome} Edg/140.0.0.0")).as_deref(), Some("Edge, Windows"));
        assert_eq!(describe("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0").as_deref(), Some("Firefox, Linux"));
        assert_eq!(describe(iphone).as_deref(), Some("Safari, iPhone"));
        assert_eq!(describe("curl/8.5.0"), None);
        assert_eq!(describe("<script>alert(1)</script>"), None);
    }
}
