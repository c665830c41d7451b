# Physical cards (P-13, G-10 to G-13).

cards-reason-loss = Loss
cards-reason-theft = Theft
cards-reason-breakage = Breakage
cards-reason-malfunction = Malfunction
cards-reason-departure = The person leaves
cards-reason-mistake = Mistake
cards-reason-other = Other
