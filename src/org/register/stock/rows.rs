//! Lines of the stock files: the columns that are kept, and what makes a line unreadable.

use super::Kind;
use crate::base::siret::Siren;
use crate::base::{Siret, Timestamp};
use crate::config::shape::nearest;
use crate::org::register::{Record, Source, fold};

/// Longest value kept, in characters.
const LONGEST: usize = 250;
/// What INSEE writes in place of what may not be told.
const HIDDEN: &str = "[ND]";
/// Counts with every mark: another value writes every row again, after a change of what is kept or how it is found.
const EDITION: &str = "1";

const UNIT: &[&str] = &[
    "siren",
    "denominationUniteLegale",
    "denominationUsuelle1UniteLegale",
    "denominationUsuelle2UniteLegale",
    "denominationUsuelle3UniteLegale",
    "sigleUniteLegale",
    "nomUniteLegale",
    "nomUsageUniteLegale",
    "prenomUsuelUniteLegale",
    "categorieJuridiqueUniteLegale",
    "etatAdministratifUniteLegale",
    "statutDiffusionUniteLegale",
    "trancheEffectifsUniteLegale",
    "identifiantAssociationUniteLegale",
    "activitePrincipaleUniteLegale",
];
const ESTABLISHMENT: &[&str] = &[
    "siret",
    "etablissementSiege",
    "etatAdministratifEtablissement",
    "statutDiffusionEtablissement",
    "dateDebut",
    "enseigne1Etablissement",
    "enseigne2Etablissement",
    "enseigne3Etablissement",
    "denominationUsuelleEtablissement",
    "complementAdresseEtablissement",
    "numeroVoieEtablissement",
    "indiceRepetitionEtablissement",
    "typeVoieEtablissement",
    "libelleVoieEtablissement",
    "distributionSpecialeEtablissement",
    "codePostalEtablissement",
    "libelleCommuneEtablissement",
    "libelleCommuneEtrangerEtablissement",
    "libelleCedexEtablissement",
    "codeCommuneEtablissement",
    "activitePrincipaleEtablissement",
];
const LINK: &[&str] =
    &["siretEtablissementPredecesseur", "siretEtablissementSuccesseur", "dateLienSuccession", "transfertSiege", "continuiteEconomique"];

impl Kind {
    /// Columns that are read, and those a file must have.
    const fn columns(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Units => (UNIT, &["siren", "denominationUniteLegale", "etatAdministratifUniteLegale"]),
            Self::Establishments => (ESTABLISHMENT, &["siret", "etablissementSiege", "etatAdministratifEtablissement"]),
            Self::Successions => (LINK, &["siretEtablissementPredecesseur", "siretEtablissementSuccesseur"]),
        }
    }
}

/// Where the columns are, in the order of the file; others are passed over.
#[derive(Debug)]
pub(super) struct Columns {
    names: &'static [&'static str],
    /// Place of each name in a line.
    places: Vec<Option<usize>>,
    width: usize,
}

impl Columns {
    pub(super) fn of(kind: Kind, headings: &[&str]) -> Result<Self, String> {
        let (names, needed) = kind.columns();
        let places: Vec<Option<usize>> = names.iter().map(|n| headings.iter().position(|h| h.trim() == *n)).collect();
        let found = |name: &str| headings.iter().any(|h| h.trim() == name);
        if let Some(missing) = needed.iter().find(|n| !found(n)) {
            let other = Kind::ALL.into_iter().find(|k| k.columns().1.iter().all(|n| found(n)));
            let advice = match other {
                Some(other) => format!("this is the file of {}", other.name()),
                None => nearest(missing, headings).map_or_else(|| "is this a stock file of INSEE?".to_owned(), |h| format!("there is {h}")),
            };
            return Err(format!("no column {missing}: {advice}"));
        }
        Ok(Self { names, places, width: headings.len() })
    }

    pub(super) fn row<'r>(&'r self, fields: &'r [&'r str]) -> Result<Row<'r>, String> {
        if fields.len() == self.width {
            Ok(Row { columns: self, fields })
        } else {
            Err(format!("{} fields, {} expected", fields.len(), self.width))
        }
    }
}

/// A line.
pub(super) struct Row<'r> {
    columns: &'r Columns,
    fields: &'r [&'r str],
}

impl Row<'_> {
    /// A value; empty when there is no such column, or when it may not be told.
    fn get(&self, name: &str) -> &str {
        let at = self.columns.names.iter().position(|n| *n == name).and_then(|i| self.columns.places.get(i).copied().flatten());
        at.and_then(|i| self.fields.get(i)).copied().filter(|v| *v != HIDDEN).unwrap_or_default()
    }

    /// The same as it is kept: no control characters, bounded.
    fn text(&self, name: &str) -> String {
        clean(self.get(name))
    }

    fn one_of(&self, name: &str, known: &[&str]) -> Result<String, String> {
        let value = self.get(name);
        if known.contains(&value) {
            Ok(value.to_owned())
        } else {
            Err(format!("{name}: {}, expected {}", clean(value), known.join(" or ")))
        }
    }

    fn truth(&self, name: &str) -> Result<bool, String> {
        match self.get(name) {
            "true" | "True" | "1" => Ok(true),
            "false" | "False" | "0" | "" => Ok(false),
            other => Err(format!("{name}: {}, expected true or false", clean(other))),
        }
    }

    /// A day, or nothing.
    fn day(&self, name: &str) -> Result<Option<String>, String> {
        let value = self.get(name);
        let day = value.get(..10).unwrap_or(value);
        if day.is_empty() {
            return Ok(None);
        }
        day.parse::<jiff::civil::Date>().map(|d| Some(d.to_string())).map_err(|_| format!("{name}: {} is not a date", clean(value)))
    }

    /// Full, or partial for anything else (`P`, `N` of old): what is not known to be public is not shown.
    fn diffusion(&self, name: &str) -> String {
        if matches!(self.get(name), "O" | "") { "O".to_owned() } else { "P".to_owned() }
    }

    fn joined(&self, names: &[&str], between: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for part in names.iter().map(|n| self.text(n)).filter(|p| !p.is_empty()) {
            if between == " " || !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(between)
    }
}

/// A value as it is kept: no control characters, bounded.
pub fn clean(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>().trim().to_owned()
}

fn siret(row: &Row<'_>, name: &str) -> Result<String, String> {
    let value = row.get(name);
    match Siret::unchecked(value) {
        Ok(siret) if siret.as_str() == value => Ok(value.to_owned()),
        _ => Err(format!("{name}: {} is not fourteen digits", clean(value))),
    }
}

/// A legal unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Nine digits.
    pub siren: String,
    /// Name people read (french-domain §7.3); empty when it is hidden.
    pub name: String,
    /// Usual names, separated by ` / `.
    pub usual_name: String,
    /// *Sigle*.
    pub acronym: String,
    /// *Catégorie juridique*.
    pub legal_category: String,
    /// *Activité principale*.
    pub activity: String,
    /// *Tranche d'effectifs*.
    pub staff_band: String,
    /// Number in the register of associations (RNA).
    pub association: String,
    /// `A` or `C`.
    pub state: String,
    /// `O` or `P`.
    pub diffusion: String,
}

impl Unit {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, String> {
        let siren = row.get("siren");
        if !Siren::unchecked(siren).is_ok_and(|s| s.as_str() == siren) {
            return Err(format!("siren: {} is not nine digits", clean(siren)));
        }
        let company = row.text("denominationUniteLegale");
        let diffusion = row.diffusion("statutDiffusionUniteLegale");
        let name = match (company.is_empty(), diffusion.as_str()) {
            (false, _) => company,
            (true, "O") => person(&row.text("prenomUsuelUniteLegale"), &row.text("nomUniteLegale"), &row.text("nomUsageUniteLegale")),
            (true, _) => String::new(),
        };
        let hidden = name.is_empty() && diffusion != "O";
        let usual = ["denominationUsuelle1UniteLegale", "denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale"];
        Ok(Self {
            siren: siren.to_owned(),
            name,
            usual_name: if hidden { String::new() } else { row.joined(&usual, " / ") },
            acronym: if hidden { String::new() } else { row.text("sigleUniteLegale") },
            legal_category: row.text("categorieJuridiqueUniteLegale"),
            activity: row.text("activitePrincipaleUniteLegale"),
            staff_band: row.text("trancheEffectifsUniteLegale"),
            association: row.text("identifiantAssociationUniteLegale"),
            state: row.one_of("etatAdministratifUniteLegale", &["A", "C"])?,
            diffusion,
        })
    }

    /// Tells this row from one that says something else.
    pub fn mark(&self) -> i64 {
        let all = [
            EDITION,
            &self.siren,
            &self.name,
            &self.usual_name,
            &self.acronym,
            &self.legal_category,
            &self.activity,
            &self.staff_band,
            &self.association,
            &self.state,
            &self.diffusion,
        ];
        fold::mark(&all.join("\u{1f}"))
    }

    /// Gives a record of one of its establishments what is the unit's.
    pub(super) fn name_in(&self, record: &mut Record) {
        record.name.clone_from(&self.name);
        record.usual_name.clone_from(&self.usual_name);
        record.acronym.clone_from(&self.acronym);
        record.legal_category.clone_from(&self.legal_category);
        record.staff_band.clone_from(&self.staff_band);
        if self.diffusion != "O" {
            record.partial = true;
            record.street.clear();
            record.complement.clear();
            if self.name.is_empty() {
                record.sign.clear();
                record.own_name.clear();
            }
        }
    }
}

/// « PRÉNOM NOM D'USAGE (NOM) ».
fn person(given: &str, family: &str, usage: &str) -> String {
    let name = match (usage, family) {
        ("", family) => format!("{given} {family}"),
        (usage, family) if usage == family || family.is_empty() => format!("{given} {usage}"),
        (usage, family) => format!("{given} {usage} ({family})"),
    };
    name.trim().to_owned()
}

/// An establishment, without what is its unit's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Establishment {
    /// Fourteen digits.
    pub siret: String,
    /// *Siège*.
    pub head: bool,
    /// `A` or `F`.
    pub state: String,
    /// `O` or `P`.
    pub diffusion: String,
    /// The day it closed.
    pub closed_on: Option<String>,
    /// *Enseignes*, separated by ` / `.
    pub sign: String,
    /// *Dénomination usuelle*.
    pub own_name: String,
    /// *Complément d'adresse*, with what distribution adds.
    pub complement: String,
    /// Number and street.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// Commune.
    pub commune: String,
    /// Its code.
    pub commune_code: String,
    /// *Activité principale*.
    pub activity: String,
}

impl Establishment {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, String> {
        let state = row.one_of("etatAdministratifEtablissement", &["A", "F"])?;
        let diffusion = row.diffusion("statutDiffusionEtablissement");
        let public = |text: String| if diffusion == "O" { text } else { String::new() };
        let street = ["numeroVoieEtablissement", "indiceRepetitionEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement"];
        let signs = ["enseigne1Etablissement", "enseigne2Etablissement", "enseigne3Etablissement"];
        let communes = ["libelleCommuneEtablissement", "libelleCedexEtablissement", "libelleCommuneEtrangerEtablissement"];
        Ok(Self {
            siret: siret(row, "siret")?,
            head: row.truth("etablissementSiege")?,
            // The period that runs since `dateDebut` is the one it is closed in.
            closed_on: if state == "F" { row.day("dateDebut")? } else { None },
            state,
            sign: row.joined(&signs, " / "),
            own_name: row.text("denominationUsuelleEtablissement"),
            complement: public(row.joined(&["complementAdresseEtablissement", "distributionSpecialeEtablissement"], " - ")),
            street: public(row.joined(&street, " ")),
            postcode: row.text("codePostalEtablissement"),
            commune: communes.iter().map(|n| row.text(n)).find(|c| !c.is_empty()).unwrap_or_default(),
            commune_code: row.text("codeCommuneEtablissement"),
            activity: row.text("activitePrincipaleEtablissement"),
            diffusion,
        })
    }

    /// The unit it is part of.
    pub fn siren(&self) -> &str {
        self.siret.get(..9).unwrap_or_default()
    }

    /// Tells this row from one that says something else.
    pub fn mark(&self) -> i64 {
        let all = [
            EDITION,
            &self.siret,
            if self.head { "head" } else { "" },
            &self.state,
            &self.diffusion,
            self.closed_on.as_deref().unwrap_or_default(),
            &self.sign,
            &self.own_name,
            &self.complement,
            &self.street,
            &self.postcode,
            &self.commune,
            &self.commune_code,
            &self.activity,
        ];
        fold::mark(&all.join("\u{1f}"))
    }

    /// As it is kept; `None` for a number that is none.
    pub(super) fn record(&self, source: Source, now: Timestamp) -> Option<Record> {
        Some(Record {
            siret: Siret::unchecked(&self.siret).ok()?,
            name: String::new(),
            usual_name: String::new(),
            acronym: String::new(),
            legal_category: String::new(),
            staff_band: String::new(),
            sign: self.sign.clone(),
            own_name: self.own_name.clone(),
            complement: self.complement.clone(),
            street: self.street.clone(),
            postcode: self.postcode.clone(),
            commune: self.commune.clone(),
            commune_code: self.commune_code.clone(),
            activity: self.activity.clone(),
            head: self.head,
            open: self.state == "A",
            closed_on: self.closed_on.clone(),
            partial: self.diffusion != "O",
            source,
            fetched_at: now,
        })
    }
}

/// A succession: one establishment took over from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which ended.
    pub from: String,
    /// Which took over.
    pub to: String,
    /// When, `YYYY-MM-DD`.
    pub happened_on: String,
    /// The head office moved.
    pub head_transfer: bool,
    /// The same activity went on.
    pub continuity: bool,
}

impl Link {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, String> {
        let (from, to) = (siret(row, "siretEtablissementPredecesseur")?, siret(row, "siretEtablissementSuccesseur")?);
        if from == to {
            return Err("an establishment cannot take over from itself".to_owned());
        }
        Ok(Self {
            from,
            to,
            happened_on: row.day("dateLienSuccession")?.unwrap_or_default(),
            head_transfer: row.truth("transfertSiege")?,
            continuity: row.truth("continuiteEconomique")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(headings: &[&str], line: &[&str]) -> Result<Unit, String> {
        let columns = Columns::of(Kind::Units, headings)?;
        Unit::read(&columns.row(line)?)
    }

    #[test]
    fn the_name_is_the_company_s_or_the_person_s() {
        let headings = [
            "siren",
            "etatAdministratifUniteLegale",
            "statutDiffusionUniteLegale",
            "denominationUniteLegale",
            "prenomUsuelUniteLegale",
            "nomUniteLegale",
            "nomUsageUniteLegale",
            "extra",
        ];
        for (line, name) in [
            (["732829320", "A", "O", "BOULANGERIE DURAND", "", "", "", "x"], "BOULANGERIE DURAND"),
            (["732829320", "A", "O", "", "JEANNE", "PETIT", "", "x"], "JEANNE PETIT"),
            (["732829320", "A", "O", "", "JEANNE", "PETIT", "ROY", "x"], "JEANNE ROY (PETIT)"),
            (["732829320", "A", "P", "[ND]", "[ND]", "[ND]", "[ND]", "x"], ""),
            (["732829320", "A", "P", "", "JEANNE", "PETIT", "", "x"], ""),
            (["732829320", "A", "N", "ASSOCIATION DU PONT", "", "", "", "x"], "ASSOCIATION DU PONT"),
        ] {
            assert_eq!(unit(&headings, &line).unwrap().name, name, "{line:?}");
        }
    }

    #[test]
    fn a_broken_line_says_what_is_wrong() {
        let headings = ["siren", "etatAdministratifUniteLegale", "denominationUniteLegale"];
        for (line, said) in [
            (vec!["73282932", "A", "X"], "siren: 73282932 is not nine digits"),
            (vec!["732829320", "Z", "X"], "etatAdministratifUniteLegale: Z, expected A or C"),
            (vec!["732829320", "A"], "2 fields, 3 expected"),
        ] {
            assert_eq!(unit(&headings, &line).unwrap_err(), said);
        }
        let wrong = Columns::of(Kind::Establishments, &headings).unwrap_err();
        assert!(wrong.contains("no column siret") && wrong.contains("the file of units"), "{wrong}");
    }
}
