//! Physical cards.

use guichet::mail::message::UnlinkReason;
use guichet::web::view::cards::*;

use super::*;

const BASE: &str = "/etablissements/73282932000074/cartes";

impl Maker<'_> {
    fn manager(&self, path: &str) -> Page {
        Page { manager: true, ..self.private(path) }
    }

    pub(super) fn cards(&mut self) {
        let standings = [
            CardStanding::Free,
            CardStanding::ToValidate,
            CardStanding::InUse,
            CardStanding::Locked,
            CardStanding::Lost,
            CardStanding::Broken,
            CardStanding::Returned,
        ];
        let card = |(n, standing): (usize, CardStanding)| {
            let held = standing != CardStanding::Free && standing != CardStanding::Returned;
            CardLine {
                serial: format!("GADT000{n}"),
                holder: held.then(|| self.v("Camille Durand")),
                standing,
                since: held.then(|| self.v("22 novembre 2026")),
                last_used: (standing == CardStanding::InUse).then(|| self.v("22 novembre 2026")),
            }
        };
        let cards = standings.into_iter().enumerate().map(card).collect();
        let list = CardsPage {
            page: Page { notice: Some(Notice::Card(CardNotice::Validated(self.v("GADT0001")))), ..self.manager(BASE) },
            establishment: self.v("Boulangerie Durand"),
            siret: self.v("732 829 320 00074"),
            base: BASE.into(),
            cards,
            next_url: Some(format!("{BASE}?apres=GADT0006")),
        };
        self.add("cartes", list.clone());
        self.add("cartes-aucune", CardsPage { cards: vec![], next_url: None, ..list });
        self.card_forms();
        self.own_card();
    }

    fn card_forms(&mut self) {
        let mut errors = Errors::one("personne", Problem::Card(CardProblem::PersonMissing));
        errors.push("numero_serie", Problem::Card(CardProblem::Unknown));
        let link = LinkCardPage {
            page: self.manager(BASE),
            establishment: self.v("Boulangerie Durand"),
            base: BASE.into(),
            people: vec![("acc_1".into(), self.v("Camille Durand – camille@boulangerie.example"))],
            personne: "acc_1".into(),
            numero_serie: self.v("GADT0001"),
            errors,
        };
        self.add("carte-lier-erreurs", link.clone());
        self.add("carte-lier", LinkCardPage { errors: Errors::none(), personne: String::new(), ..link });
        let code = CardCodePage {
            page: self.manager(BASE),
            base: BASE.into(),
            action: format!("{BASE}/lier/valider?carte=GADT0001"),
            serial: "GADT0001".into(),
            holder: self.v("Camille Durand"),
            resynchronise: false,
            errors: Errors::none(),
        };
        self.add("carte-valider", code.clone());
        let every = [
            CardProblem::CodeMissing(6),
            CardProblem::CodeWrong(1),
            CardProblem::CodeWrong(9),
            CardProblem::Strayed(0),
            CardProblem::Strayed(1),
            CardProblem::Strayed(8),
            CardProblem::Replayed,
            CardProblem::Locked,
            CardProblem::Battery,
            CardProblem::NoCard,
            CardProblem::Later(self.v("10\u{a0}h\u{a0}42")),
            CardProblem::Elsewhere,
            CardProblem::NotSent,
            CardProblem::Taken,
            CardProblem::Unusable,
            CardProblem::NotMember,
            CardProblem::HoldsOne,
        ];
        for problem in every {
            let errors = Errors::one("code_suivant", Problem::Card(problem));
            self.add("carte-resynchroniser-erreur", CardCodePage { resynchronise: true, errors, ..code.clone() });
        }
        let unlink = UnlinkCardPage {
            page: self.manager(BASE),
            base: BASE.into(),
            serial: "GADT0001".into(),
            holder: self.v("Camille Durand"),
            only_means: true,
            motif: None,
            remplacer_par: self.v("GADT0004"),
            errors: Errors::one("motif", Problem::Card(CardProblem::ReasonMissing)),
        };
        self.add("carte-delier-erreur", unlink.clone());
        let serial = Errors::one("remplacer_par", Problem::Card(CardProblem::SerialMissing));
        self.add("carte-remplacer-erreur", UnlinkCardPage { motif: Some(UnlinkReason::Theft), errors: serial, ..unlink.clone() });
        self.add("carte-delier", UnlinkCardPage { only_means: false, errors: Errors::none(), ..unlink });
    }

    fn own_card(&mut self) {
        let card = OwnCard {
            serial: self.v("GADT0001"),
            standing: CardStanding::InUse,
            since: self.v("22 novembre 2026"),
            by: Some(self.v("Dominique Martin")),
            establishment: Some(self.v("Boulangerie Durand")),
            last_used: Some(self.v("22 novembre 2026 à 10 h 42")),
        };
        let page = self.private("/compte/securite/carte");
        self.add("compte-carte", OwnCardPage { page: page.clone(), card: Some(card.clone()) });
        let lost = OwnCard { standing: CardStanding::Lost, by: None, establishment: None, last_used: None, ..card };
        let notices = [
            CardNotice::Linked(self.v("GADT0001"), self.v("Camille Durand")),
            CardNotice::Unlinked(self.v("GADT0001")),
            CardNotice::Resynchronised(self.v("GADT0001")),
            CardNotice::ReportedLost,
        ];
        for notice in notices {
            let page = Page { notice: Some(Notice::Card(notice)), ..page.clone() };
            self.add("compte-carte-perdue", OwnCardPage { page, card: Some(lost.clone()) });
        }
        self.add("compte-carte-aucune", OwnCardPage { page, card: None });
    }
}
