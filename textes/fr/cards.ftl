# Physical cards (P-13, G-10 to G-13).

cards-reason-loss = Perte
cards-reason-theft = Vol
cards-reason-breakage = Casse
cards-reason-malfunction = Dysfonctionnement
cards-reason-departure = Départ de la personne
cards-reason-mistake = Erreur
cards-reason-other = Autre
