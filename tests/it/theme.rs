//! The style sheet's tokens: every pair of colours that carries a meaning keeps its contrast (WCAG 1.4.3, 1.4.11), light and dark.

use std::collections::BTreeMap;

type Colours = BTreeMap<String, [f64; 3]>;

/// The tokens of the two schemes, dark ones over the light ones.
fn schemes() -> [(&'static str, Colours); 2] {
    let css = include_str!("../../assets/guichet.css");
    let mut blocks = css.split(":root {").skip(1).map(|rest| tokens(rest.split('}').next().unwrap()));
    let light = blocks.next().unwrap();
    let mut dark = light.clone();
    dark.extend(blocks.next().unwrap());
    assert!(blocks.next().is_none() && dark != light);
    [("light", light), ("dark", dark)]
}

fn tokens(block: &str) -> Colours {
    let colour = |declaration: &str| {
        let (name, value) = declaration.trim().split_once(": #")?;
        Some((name.strip_prefix("--")?.to_owned(), rgb(value)))
    };
    block.split(';').filter_map(colour).collect()
}

fn rgb(hex: &str) -> [f64; 3] {
    let long: String = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_owned() };
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&long[at..at + 2], 16).unwrap()) / 255.0)
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const TEXT: [(&str, &str); 20] = [
    ("texte", "fond"),
    ("texte", "fond-2"),
    ("texte-2", "fond"),
    ("texte-2", "fond-2"),
    ("accent", "fond"),
    ("accent", "fond-2"),
    ("accent", "info-fond"),
    ("accent", "alerte-fond"),
    ("accent-2", "fond"),
    ("accent-2", "fond-2"),
    ("accent-2", "info-fond"),
    ("sur-accent", "accent"),
    ("sur-accent", "accent-2"),
    ("erreur", "fond"),
    ("erreur", "erreur-fond"),
    ("succes", "succes-fond"),
    ("alerte-fond", "alerte"),
    ("texte", "alerte-fond"),
    ("texte", "info-fond"),
    ("texte-2", "info-fond"),
];

const SHAPES: [(&str, &str); 4] = [("bord", "fond"), ("bord", "fond-2"), ("foyer", "fond"), ("foyer", "fond-2")];

#[test]
fn colours_that_go_together_keep_their_contrast() {
    assert!((contrast(rgb("000"), rgb("ffffff")) - 21.0).abs() < 1e-9);
    for (scheme, colours) in schemes() {
        let all = TEXT.iter().map(|pair| (pair, 4.5)).chain(SHAPES.iter().map(|pair| (pair, 3.0)));
        for ((front, back), least) in all {
            let found = contrast(colours[*front], colours[*back]);
            assert!(found >= least, "{scheme}: {front} on {back} is {found:.1}, {least} needed");
        }
    }
}
