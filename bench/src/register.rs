//! A made-up company register, in the files that INSEE publishes: for measuring `guichet register`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

/// Words of names, the most common first; as in the real register, some are in one name of thirty.
const TRADES: &[&str] = &[
    "SCI",
    "BOULANGERIE",
    "GARAGE",
    "RESTAURANT",
    "PHARMACIE",
    "SOCIETE",
    "CABINET",
    "ETABLISSEMENTS",
    "TRANSPORTS",
    "MAISON",
    "ATELIER",
    "COIFFURE",
    "ASSOCIATION",
    "MENUISERIE",
    "PLOMBERIE",
    "ÉLECTRICITÉ",
    "TAXI",
    "HÔTEL",
    "ÉCOLE",
    "COMMUNE DE",
    "IMMOBILIÈRE",
    "FERME",
    "COMPTOIR",
    "CLINIQUE",
    "LIBRAIRIE",
    "FLEURS",
    "OPTIQUE",
    "L'ATELIER",
    "S.A.R.L.",
    "GROUPEMENT D'EXPLOITATION",
];
const FIRST: &[&str] = &[
    "MAR", "DU", "BER", "LE", "PE", "GAR", "RO", "MO", "LAM", "BON", "VIN", "CHE", "FAU", "GI", "HEN", "JAC", "KER", "LOU", "MER", "NI",
    "OL", "PAS", "QUE", "RI", "SAU", "TES", "VAL", "WAG", "BÉ", "CLÉ",
];
const MIDDLE: &[&str] =
    &["", "RAN", "TI", "NAR", "ROU", "MI", "LE", "BO", "CHE", "DO", "GNE", "LI", "MOU", "NO", "PI", "RE", "SSE", "TRO", "VI", "ZE"];
const LAST: &[&str] = &["D", "N", "T", "UX", "L", "Y", "R", "AND", "ET", "ARD", "EAU", "IN", "IER", "OT", "EL"];
const PLACES: &[(&str, &str)] = &[
    ("75001", "PARIS 1"),
    ("75015", "PARIS 15"),
    ("69003", "LYON 3EME"),
    ("13001", "MARSEILLE 1ER ARRONDISSEMENT"),
    ("31000", "TOULOUSE"),
    ("06000", "NICE"),
    ("44000", "NANTES"),
    ("34000", "MONTPELLIER"),
    ("67000", "STRASBOURG"),
    ("33000", "BORDEAUX"),
    ("59000", "LILLE"),
    ("35000", "RENNES"),
    ("42000", "SAINT-ETIENNE"),
    ("58000", "NEVERS"),
    ("29200", "BREST"),
    ("93200", "SAINT-DENIS"),
];

/// `guichet-bench register`
#[derive(Debug, Args)]
pub struct Options {
    /// Establishments.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// Folder of the three files.
    #[arg(long)]
    pub out: PathBuf,
}

/// Numbers that look drawn by lot, the same at each run (xorshift64*).
struct Lot(u64);

impl Lot {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap_or(0) % n.max(1)
    }

    fn of(&mut self, all: &[&'static str]) -> &'static str {
        all.get(self.below(all.len())).copied().unwrap_or_default()
    }

    /// The same, the first ones more often.
    fn skewed(&mut self, all: &[&'static str]) -> &'static str {
        let most = self.below(all.len()) + 1;
        all.get(self.below(most)).copied().unwrap_or_default()
    }

    fn name(&mut self) -> String {
        format!("{}{}{}", self.of(FIRST), self.of(MIDDLE), self.of(LAST))
    }

    /// One of thousands of places: a few towns hold a third of the establishments.
    fn place(&mut self) -> (String, String) {
        if self.below(3) == 0 {
            let (code, name) = PLACES.get(self.below(PLACES.len())).copied().unwrap_or_default();
            return (code.to_owned(), name.to_owned());
        }
        let n = self.below(6_000);
        let name = format!(
            "{}{}-SUR-{}",
            FIRST.get(n % 30).unwrap_or(&""),
            LAST.get(n / 30 % 15).unwrap_or(&""),
            MIDDLE.get(n / 450 % 20).unwrap_or(&"")
        );
        (format!("{:05}", 1_000 + n * 16), name)
    }
}

/// The digit that makes a number satisfy Luhn's check.
fn check(digits: &str) -> u32 {
    let sum: u32 =
        digits.bytes().rev().zip([2, 1].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).map(|p| p / 10 + p % 10).sum();
    (10 - sum % 10) % 10
}

/// Writes the three files.
pub fn write(options: &Options) -> Result<()> {
    std::fs::create_dir_all(&options.out)?;
    let mut units = create(
        &options.out,
        "StockUniteLegale_utf8.csv",
        "siren,statutDiffusionUniteLegale,sigleUniteLegale,prenomUsuelUniteLegale,trancheEffectifsUniteLegale,etatAdministratifUniteLegale,nomUniteLegale,\
         denominationUniteLegale,categorieJuridiqueUniteLegale,activitePrincipaleUniteLegale",
    )?;
    let mut all = create(
        &options.out,
        "StockEtablissement_utf8.csv",
        "siren,nic,siret,statutDiffusionEtablissement,etablissementSiege,numeroVoieEtablissement,typeVoieEtablissement,libelleVoieEtablissement,\
         codePostalEtablissement,libelleCommuneEtablissement,codeCommuneEtablissement,dateDebut,etatAdministratifEtablissement,enseigne1Etablissement,\
         activitePrincipaleEtablissement",
    )?;
    let mut links = create(
        &options.out,
        "StockEtablissementLiensSuccession_utf8.csv",
        "siretEtablissementPredecesseur,siretEtablissementSuccesseur,dateLienSuccession,transfertSiege,continuiteEconomique",
    )?;
    let mut lot = Lot(0x9e37_79b9_7f4a_7c15);
    let (mut written, mut unit) = (0, 0_u64);
    while written < options.rows {
        // Spread over all the numbers there are, in order, as the files are.
        unit += 1;
        let stem = format!("{:08}", 10_000_000 + unit * (88_000_000 / options.rows.max(1)).max(1));
        let siren = format!("{stem}{}", check(&stem));
        let (trade, name) = (lot.skewed(TRADES), lot.name());
        match lot.below(10) {
            0..3 => writeln!(units, "{siren},O,,{},NN,A,{name},,1000,96.02A", lot.name())?,
            3 => {
                writeln!(units, "{siren},O,{}DF{},,03,A,,{trade} {name} ET FILS,5499,47.11B", name.get(..1).unwrap_or("A"), lot.below(99))?
            }
            _ => writeln!(units, "{siren},O,,,01,A,,{trade} {name},5710,43.21A")?,
        }
        let count = if lot.below(8) == 0 { 2 + lot.below(6) } else { 1 };
        let mut before: Option<String> = None;
        for n in 0..count {
            let stem = format!("{siren}{:04}", n + 1);
            let siret = format!("{stem}{}", check(&stem));
            let open = n + 1 == count || lot.below(4) > 0;
            let sign = if lot.below(5) == 0 { format!("{} {}", lot.of(TRADES), lot.name()) } else { String::new() };
            let (postcode, commune) = lot.place();
            let (state, head, street) = (if open { "A" } else { "F" }, n + 1 == count, lot.name());
            writeln!(
                all,
                "{siren},{},{siret},O,{head},{},RUE,{street},{postcode},{commune},{postcode},2020-01-01,{state},{sign},47.11B",
                siret.get(9..).unwrap_or_default(),
                1 + lot.below(120)
            )?;
            if let Some(before) = before.take() {
                writeln!(links, "{before},{siret},2020-01-01,{head},true")?;
            }
            before = (!open).then_some(siret);
            written += 1;
        }
    }
    for file in [&mut units, &mut all, &mut links] {
        file.flush()?;
    }
    println!("{written} establishments of {unit} units in {}", options.out.display());
    Ok(())
}

fn create(folder: &Path, name: &str, columns: &str) -> Result<BufWriter<File>> {
    let path = folder.join(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).with_context(|| path.display().to_string())?);
    writeln!(file, "{columns}")?;
    Ok(file)
}
