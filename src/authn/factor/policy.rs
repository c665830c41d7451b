//! Which passwords are accepted (ux 3.4, CNIL deliberation 2022-100): long enough, not on the list of those everybody
//! uses, not made of one's own name or address, and not guessed in few tries. No rule of composition, no renewal.
//!
//! Guessability is estimated by the zxcvbn crate, which holds the frequency lists of leaked passwords and English
//! words; `common_passwords.txt` adds the French ones, both as an outright refusal and as known words.

use std::sync::LazyLock;

use zxcvbn::{Score, zxcvbn};

use crate::base::rng::Rng;
use crate::base::{Email, Secret};
use crate::crypto::{Hasher, hasher};

/// Longest password, in characters.
pub const MAX: usize = 128;

/// Shortest part of a name or address whose presence is refused, in characters.
const PART: usize = 4;

static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
});

/// What a guesser would try first.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The address of the account.
    pub email: Option<Email>,
    /// Given name, family name.
    pub names: Vec<String>,
    /// Name of the portal.
    pub portal: String,
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Nothing was typed.
    Missing,
    /// Shorter than the minimum.
    TooShort,
    /// Longer than [`MAX`].
    TooLong,
    /// On the list.
    Divulged,
    /// Contains the name or the address.
    Personal,
    /// Guessed in too few tries.
    Guessable,
}

/// A password that passed. Only [`check`] makes one.
#[derive(Debug)]
pub struct Accepted(Secret);

impl Accepted {
    /// Hashes it, outside any transaction.
    pub async fn hash(self, hasher: &Hasher, rng: &dyn Rng) -> Result<String, hasher::Failure> {
        hasher.hash(self.0, rng).await
    }
}

/// Judges a password of at least `min` characters. Takes some milliseconds of computation: not for an async thread.
pub fn check(password: &str, min: usize, about: &About) -> Result<Accepted, Weakness> {
    let length = password.chars().count();
    if length == 0 {
        return Err(Weakness::Missing);
    }
    if length < min {
        return Err(Weakness::TooShort);
    }
    if length > MAX {
        return Err(Weakness::TooLong);
    }
    let plain = fold(password);
    let parts = about.parts();
    if parts.iter().any(|part| part.chars().count() >= PART && plain.contains(part.as_str())) {
        return Err(Weakness::Personal);
    }
    if is_common(&plain) {
        return Err(Weakness::Divulged);
    }
    let mut known: Vec<&str> = parts.iter().map(String::as_str).collect();
    known.extend(COMMON.iter());
    let worst = [zxcvbn(password, &known).score(), zxcvbn(&plain, &known).score()].into_iter().min();
    if worst.is_none_or(|score| score < Score::Three) {
        return Err(Weakness::Guessable);
    }
    Ok(Accepted(Secret::new(password)))
}

impl About {
    /// Every part of what is known, folded.
    fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut add = |text: &str| {
            let text = fold(text);
            parts.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).map(str::to_owned));
            parts.push(text.chars().filter(|c| c.is_alphanumeric()).collect());
            parts.push(text);
        };
        if let Some(email) = &self.email {
            add(email.as_str().rsplit_once('@').map_or("", |(local, _)| local));
        }
        self.names.iter().for_each(|name| add(name));
        add(&self.portal);
        parts.retain(|p| !p.is_empty());
        parts
    }
}

/// Lower case, without accents: what a guesser's rules would do away with.
fn fold(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).map(bare).collect()
}

fn bare(c: char) -> char {
    match c {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ñ' => 'n',
        'ô' | 'ö' | 'ó' | 'õ' => 'o',
        'ù' | 'û' | 'ü' | 'ú' => 'u',
        'ÿ' | 'ý' => 'y',
        other => other,
    }
}

/// Letters that digits and signs commonly stand for.
fn undressed(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether nothing remains of a folded password once the words of the list, digits and signs are taken out of it.
fn is_common(plain: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let trimmed = plain.trim_matches(|c: char| !c.is_alphabetic());
    let dressed: String = trimmed.chars().map(undressed).collect();
    [letters(plain), letters(&dressed)].iter().any(|core| !core.is_empty() && COMMON.iter().any(|word| is_word(core, word)))
}

/// The word, once or several times.
fn is_word(core: &str, word: &str) -> bool {
    core.len().is_multiple_of(word.len()) && core.as_bytes().chunks(word.len()).all(|chunk| chunk == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Option<Weakness> {
        let about = About {
            email: Email::parse("camille.durand@boulangerie.example").ok(),
            names: vec!["Camille".into(), "Durand-Lévêque".into()],
            portal: "Guichet".into(),
        };
        check(password, 12, &about).err()
    }

    #[test]
    fn phrases_and_long_random_passwords_are_accepted() {
        let long = "x7Qf".repeat(2) + &"m2ZpLw9vRt".repeat(3);
        for good in [
            "vélo jaune sous la pluie",
            "trois-ponts-et-un-canal",
            "Kx9#fPq2!vLm",
            "correcte agrafe de cheval",
            "日本語のパスワードは長い方がいい",
            &long,
        ] {
            assert_eq!(judge(good), None, "{good}");
        }
    }

    #[test]
    fn each_weakness_is_told_apart() {
        for (weak, why) in [
            ("", Weakness::Missing),
            ("court", Weakness::TooShort),
            ("éàçùôîêëïüö", Weakness::TooShort),
            (&"abc déf ".repeat(17), Weakness::TooLong),
            ("motdepasse123", Weakness::Divulged),
            ("MotDePasse2026!", Weakness::Divulged),
            ("M0td3p@sse!!", Weakness::Divulged),
            ("azertyuiop123", Weakness::Divulged),
            ("bonjour123bonjour", Weakness::Divulged),
            ("camille.durand@boulangerie.example", Weakness::Personal),
            ("la grotte de LÉVÊQUE", Weakness::Personal),
            ("vive le guichet du coin", Weakness::Personal),
            ("aaaaaaaaaaaa", Weakness::Guessable),
            ("abcdefghijkl", Weakness::Guessable),
            ("password1234", Weakness::Divulged),
            ("qwertyuiop12", Weakness::Guessable),
            ("soleil14071789", Weakness::Divulged),
            ("chocolatvanille", Weakness::Guessable),
        ] {
            assert_eq!(judge(weak), Some(why), "{weak}");
        }
    }

    #[test]
    fn the_longest_password_is_accepted_and_judged_in_bounded_time() {
        let longest: String = (0..MAX).map(|i| char::from(b'a' + u8::try_from(i * 7 % 26).unwrap())).collect();
        assert_ne!(judge(&longest), Some(Weakness::TooLong));
        assert_eq!(judge(&(longest + "z")), Some(Weakness::TooLong));
    }

    #[test]
    fn the_list_is_plain_and_folded() {
        assert!(COMMON.len() > 150);
        assert!(COMMON.iter().all(|w| w.bytes().all(|b| b.is_ascii_lowercase())));
    }
}
