//! Finding the one-time code of a message.

/// The six-digit code of a message, digits only. A code alone on its line of `text` wins, then
/// one in the `subject`, then the first anywhere in `text`. `123 456` counts (any single space
/// or no-break space between the halves); longer digit groups such as a SIRET do not.
pub fn find_code(subject: &str, text: &str) -> Option<String> {
    text.lines().find_map(alone_on_line).or_else(|| first_in(subject)).or_else(|| first_in(text))
}

fn alone_on_line(line: &str) -> Option<String> {
    let code = first_in(line)?;
    line.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()).then_some(code)
}

/// Reads runs of digits (single spaces allowed inside) and keeps the first shaped `6` or `3 3`.
fn first_in(text: &str) -> Option<String> {
    let mut run: Vec<usize> = Vec::new();
    let mut digits = String::new();
    let mut gap = 0;
    for c in text.chars().chain(std::iter::once('\n')) {
        if c.is_ascii_digit() {
            match run.last_mut() {
                Some(group) if gap == 0 => *group += 1,
                _ => run.push(1),
            }
            digits.push(c);
            gap = 0;
        } else if is_gap(c) && gap == 0 && !run.is_empty() {
            gap = 1;
        } else {
            if matches!(run.as_slice(), [6] | [3, 3]) && !c.is_alphanumeric() {
                return Some(digits);
            }
            run.clear();
            digits.clear();
            gap = 0;
        }
    }
    None
}

/// Space, no-break space, narrow no-break space, thin space.
fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

#[cfg(test)]
mod tests {
    use super::find_code;

    #[test]
    fn a_code_is_found_with_or_without_a_space_between_its_halves() {
        for text in ["Votre code :\n\n123 456\n\nmerci", "Code 123456.", "x 123\u{202f}456", "123\u{a0}456"] {
            assert_eq!(find_code("", text).as_deref(), Some("123456"), "{text:?}");
        }
        assert_eq!(find_code("Votre code : 654 321", "").as_deref(), Some("654321"));
    }

    #[test]
    fn a_code_alone_on_its_line_wins_over_the_subject_and_other_numbers() {
        assert_eq!(find_code("Dossier 999999", "demande 888888 du jour\n  123 456 \n").as_deref(), Some("123456"));
    }

    #[test]
    fn longer_or_shorter_numbers_are_not_codes() {
        for text in ["SIRET 123 456 789 00012", "12345678900012", "12345", "1 23456", "valable 10 minutes", "123456abc"] {
            assert_eq!(find_code("", text), None, "{text:?}");
        }
    }

    #[test]
    fn a_number_that_ends_with_a_letter_does_not_hide_the_code_that_follows() {
        assert_eq!(find_code("", "réf. 123456abc, code 654321").as_deref(), Some("654321"));
    }
}
