//! « Vouliez-vous dire … ? »: slips in the domain of an address, recognised among the ones people use most in France.

use strsim::osa_distance;

use super::Email;

const COMMON: &[&str] = &[
    "gmail.com",
    "orange.fr",
    "hotmail.fr",
    "hotmail.com",
    "outlook.fr",
    "outlook.com",
    "yahoo.fr",
    "yahoo.com",
    "free.fr",
    "wanadoo.fr",
    "laposte.net",
    "sfr.fr",
    "live.fr",
    "icloud.com",
    "bbox.fr",
    "neuf.fr",
    "numericable.fr",
    "protonmail.com",
    "proton.me",
];

/// Real domains one or two letters away from a common one.
const GENUINE: &[&str] = &[
    "mail.com",
    "gmx.fr",
    "gmx.com",
    "gmx.net",
    "ymail.com",
    "email.com",
    "fmail.com",
    "hotmail.be",
    "hotmail.ch",
    "outlook.be",
    "live.be",
    "live.com",
    "yahoo.be",
    "yahoo.de",
    "yahoo.es",
    "yahoo.it",
    "hotmail.de",
    "hotmail.es",
    "hotmail.it",
    "fre.fr",
    "sfr.com",
    "orange.com",
    "free.com",
    "me.com",
    "mac.com",
    "cfr.fr",
    "ssr.fr",
];

/// The address that was probably meant; `None` when the domain is as good as any.
pub fn suggest(email: &Email) -> Option<Email> {
    let domain = email.domain();
    if COMMON.contains(&domain) || GENUINE.contains(&domain) {
        return None;
    }
    let (distance, meant) = COMMON.iter().map(|d| (osa_distance(domain, d), *d)).min_by_key(|(distance, _)| *distance)?;
    // A short domain is a slip of a common one only when almost nothing differs.
    let tolerated = if meant.len() < 9 { 1 } else { 2 };
    if distance > tolerated {
        return None;
    }
    let local = email.as_str().strip_suffix(domain)?;
    Email::parse(&format!("{local}{meant}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(typed: &str) -> Option<String> {
        suggest(&Email::parse(typed).unwrap()).map(String::from)
    }

    #[test]
    fn slips_are_recognised_and_real_domains_left_alone() {
        for (slip, domain) in [
            ("gmial.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("hotmial.fr", "hotmail.fr"),
            ("orang.fr", "orange.fr"),
            ("wanado.fr", "wanadoo.fr"),
            ("la-poste.net", "laposte.net"),
            ("fre.fre", ""),
        ] {
            let expected = (!domain.is_empty()).then(|| format!("Jean.Dupont@{domain}"));
            assert_eq!(meant(&format!("Jean.Dupont@{slip}")), expected, "{slip}");
        }
        for real in ["gmail.com", "boulangerie.example", "entreprise.fr", "gmx.fr", "mail.com", "ville-paris.fr", "afpa.fr", "uimm.fr"] {
            assert_eq!(meant(&format!("a@{real}")), None, "{real}");
        }
    }
}
