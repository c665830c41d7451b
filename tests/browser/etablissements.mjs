// Establishments from end to end, in Chromium, with and without JavaScript: a newcomer attaches, is accepted, asks for access to
// « Dépôt des aides », works there, switches establishment, and loses the right. run.sh opens that service on request only, and
// declares a manager for the establishments of each walk.
//
//   etablissements.mjs [--captures FOLDER] [--only WORDS]
import { inspect } from './inspect.mjs';
import {
  body, byPassword, CODE, demo, equal, finish, follow, heading, identify, includes, journey, knock, mailAfter, newcomer, newContext,
  submit,
} from './support.mjs';

const { dossier, issuer } = demo;

/** Each walk has a manager and two establishments of its own. */
const TEAMS = [
  ['chef1@essai.example', ['96000029700015', 'Menuiserie'], ['96000036200017', 'Électricité']],
  ['chef2@essai.example', ['96000043800015', 'Ferme'], ['96000050300016', 'Hôtel']],
];

const grouped = (siret) => siret.replace(/^(...)(...)(...)/, '$1 $2 $3 ');

/** Creates an account with codes by e-mail, from the page where the person says who they are. */
async function register(page, email) {
  await follow(page, 'Créer un compte');
  const mail = await identify(page, email);
  await page.locator('[name=code]').fill(mail.code);
  await submit(page, 'Valider');
  await page.getByLabel(/^Prénom/).fill('Inès');
  await page.getByLabel(/^Nom/).fill('Roy');
  await submit(page, 'Continuer');
  await page.getByLabel(/Recevoir un code à chaque connexion/).check();
  await submit(page, 'Créer mon compte');
}

/** Signs a manager in; a second factor may be put off for some days. */
async function lead(page, email) {
  await page.goto(`${issuer}/connexion`);
  await byPassword(page, email);
  const later = page.locator('[name=plus_tard]');
  await Promise.race([later.first().waitFor({ state: 'attached' }), page.waitForURL('**/accueil')]).catch(() => {});
  if (await later.count()) await page.locator('main form:has([name=plus_tard]) button').click();
  await page.waitForURL('**/accueil');
}

/** The establishment's requests: opens the one of this person, looks at it and accepts it. */
async function accept(page, siret, who, look) {
  await page.goto(`${issuer}/etablissements/${siret}/demandes`);
  await look('G-04');
  await page.locator('tr', { hasText: who }).getByRole('link', { name: /^Traiter/ }).click();
  await look('G-05');
  await submit(page, /^Accepter/);
}

/** Opens the service, where the person is signed in at the hub already. */
async function open(page) {
  await page.goto(dossier);
  await page.locator('#login').click();
}

async function choose(page, siret) {
  includes(await body(page), 'Pour quel établissement vous connectez-vous', 'S-14');
  await page.locator(`[name=etablissement][value="${siret}"]`).check();
  await submit(page, 'Continuer');
  await acting(page, siret);
}

/** In the service, for this establishment. */
async function acting(page, siret) {
  await page.waitForURL((url) => url.href.startsWith(dossier));
  includes((await page.locator('#etablissement').innerText()).replace(/\u00a0/g, ' '), grouped(siret), 'the establishment shown');
}

/** The other pages of a manager. */
const MANAGED = { 'G-01': '', 'G-06': '/inviter', 'G-09': '/transferer', 'G-14': '/services', 'G-15': '/journal', 'G-16': '/revue' };

for (const [team, javaScriptEnabled] of [true, false].entries()) {
  const how = javaScriptEnabled ? '' : ' (without JavaScript)';
  const view = { label: javaScriptEnabled ? 'wide' : 'no JavaScript', options: { javaScriptEnabled, viewport: { width: 1280, height: 900 } } };
  const [manager, here, there] = TEAMS[team];

  await journey(`attach, be accepted, ask for access, work, switch, lose the right${how}`, view.options, async (page) => {
    const email = newcomer();
    const seen = new Set();
    // Each page once: the second establishment shows the same ones.
    const looking = (at) => async (name) => {
      if (seen.has(name)) return;
      seen.add(name);
      await inspect(at, name, view);
    };
    const look = looking(page);
    const office = await newContext(view.options);
    try {
      const desk = await office.newPage();
      const watch = looking(desk);

      // A newcomer wants the service: an establishment comes first.
      await knock(page, dossier);
      await register(page, email);
      await page.getByText(/^Continuer vers/).first().click();
      includes(await heading(page), 'Vous n’avez pas encore accès à', 'S-15');
      includes(await body(page), 'Commencez par associer le vôtre', 'S-15');
      await look('S-15 without an establishment');
      await follow(page, 'Ajouter un établissement');

      // They look two establishments up, and ask to join; the manager is told, signs in and decides.
      await lead(desk, manager);
      for (const [siret, name] of [here, there]) {
        await page.goto(`${issuer}/etablissements/recherche`);
        await look('C-05');
        await page.locator('[name=q]').fill(grouped(siret));
        await submit(page, 'Rechercher');
        includes((await body(page)).toLowerCase(), name.toLowerCase().normalize('NFD').replace(/\p{M}/gu, ''), 'C-05 found');
        await follow(page, /^Rejoindre/);
        await look('C-06');
        await mailAfter(manager, 'demande à rejoindre', () => submit(page, 'Envoyer ma demande'));
        includes(await body(page), 'Votre demande a été envoyée', 'C-07');
        await look('P-05 pending');
        await mailAfter(email, 'acceptée', () => accept(desk, siret, 'Inès Roy', watch));
      }
      await page.goto(`${issuer}/etablissements`);
      await look('P-17');

      // Members now, still without access: each establishment asks for its own.
      await open(page);
      includes(await heading(page), 'Vous n’avez pas encore accès à', 'S-15 of a member');
      await look('S-15 of a member');
      for (const [siret] of [here, there]) {
        await page.goto(`${issuer}/services/dossier/demande`);
        await look('P-04');
        await page.locator(`[name=etablissement][value="${siret}"]`).check();
        await page.getByLabel('Déposant').check();
        await submit(page, 'Envoyer ma demande');
        if (siret === here[0]) {
          await open(page);
          includes(await body(page), 'attend une réponse', 'S-15 while it waits');
          await look('S-15 while it waits');
        }
        await mailAfter(email, 'ouvert', () => accept(desk, siret, 'Inès Roy', watch));
      }

      // Two establishments qualify: S-14, then the service shows which one.
      await open(page);
      await look('S-14');
      await choose(page, here[0]);
      await look('dossier, empty');
      await page.locator('#nouvelle').click();
      await look('dossier, new request');
      await submit(page, 'Envoyer');
      equal(await page.locator('[aria-invalid]').count(), 2, 'title and text are missing');
      await look('dossier, request in error');
      await page.getByLabel('Intitulé').fill('Rampe d’accès');
      await submit(page, 'Enregistrer et quitter');
      includes(await page.locator('#demandes').innerText(), 'Brouillon', 'a draft');
      await follow(page, /^Rampe d’accès/);
      await follow(page, 'Supprimer');
      await look('dossier, deleting a draft');
      await follow(page, 'Garder le brouillon');
      await page.getByLabel('Description').fill('Deux marches à l’entrée.');
      await submit(page, 'Envoyer');
      equal(await page.locator('#etat').textContent(), 'En cours', 'state');
      await look('dossier, request sent');
      await page.goto(dossier);
      await look('dossier, list');

      // Another establishment, and nothing of the first.
      await page.locator('#changer').click();
      await choose(page, there[0]);
      equal(await page.getByText('Rampe d’accès').count(), 0, 'filed for the other establishment');
      await page.locator('#changer').click();
      await choose(page, here[0]);
      equal(await page.locator('#demandes tbody tr').count(), 1, 'back where it was filed');

      // They leave the first establishment: the service learns it at the next page.
      await deactivate(desk, here[0], email, watch);
      await page.reload();
      includes(await heading(page), 'Vous n’avez plus accès à ce service', 'the right is gone');
      await look('dossier, access lost');
      await follow(page, 'Se connecter');
      await acting(page, there[0]);

      // And the second: no establishment is left.
      await deactivate(desk, there[0], email, watch);
      await page.goto(`${dossier}/demandes/nouvelle`);
      includes(await heading(page), 'Vous n’avez plus accès à ce service', 'gone too');
      await open(page);
      includes(await heading(page), 'Vous n’avez pas encore accès à', 'S-15 again');
    } finally {
      await office.close();
    }
  });
}

for (const [team, javaScriptEnabled] of [true, false].entries()) {
  const view = { label: javaScriptEnabled ? 'wide' : 'no JavaScript', options: { javaScriptEnabled, viewport: { width: 1280, height: 900 } } };
  const [closed, orphan, official] = ['93000001300019', '97000001400013', '97000002200016'].map((siret) => `${issuer}/etablissements/${siret}`);

  await journey(`what managers and contacts see on rarer days${javaScriptEnabled ? '' : ' (without JavaScript)'}`, view.options, async (page) => {
    const look = (name) => inspect(page, name, view);
    const relay = `relais${team + 1}@essai.example`;
    await lead(page, TEAMS[team][0]);
    // The establishment closed: another one follows.
    await page.goto(closed);
    await follow(page, 'Succession de l’établissement');
    await look('G-01 succession');
    // What newcomers receive.
    await page.goto(`${closed}/services`);
    await page.getByLabel('Déposant').check();
    await submit(page, 'Enregistrer');
    includes(await body(page), 'Les accès des nouveaux intervenants sont enregistrés', 'G-14');
    await look('G-14 saved');
    // One right, and several people at once.
    await page.goto(`${closed}/intervenants`);
    await page.locator('tr', { hasText: relay }).getByRole('checkbox').check();
    await submit(page, 'Désactiver les personnes cochées');
    includes(await heading(page), 'Désactiver plusieurs intervenants', 'G-07 of several');
    await look('G-07 of several');
    await page.goto(`${closed}/intervenants`);
    await page.locator('tr', { hasText: relay }).getByRole('checkbox').check();
    await submit(page, 'Relancer l’enrôlement');
    includes(await heading(page), 'Relancer l’enrôlement', 'G-02 reminding');
    await look('G-02 reminding');
    await mailAfter(relay, 'moyen de connexion renforcé', () => submit(page, 'Envoyer le rappel'));
    includes(await body(page), 'Le rappel est envoyé à 1 personne', 'G-02 reminded');
    await page.goto(`${closed}/intervenants`);
    await page.locator('tr', { hasText: relay }).getByRole('link').first().click();
    await follow(page, /^Gérer cet accès/);
    await look('G-03 one right');
    // Inviting: not to what closed; elsewhere it shows who will be written to.
    await page.goto(`${closed}/inviter`);
    await page.locator('[name=adresses]').fill('nouvelle@essai.example');
    await page.locator('[name=role][value=contact]').check();
    await submit(page, 'Continuer');
    includes(await body(page), 'Cet établissement est fermé', 'G-06 closed');
    await page.goto(`${issuer}/etablissements/${TEAMS[team][1][0]}/inviter`);
    await page.locator('[name=adresses]').fill('nouvelle@essai.example\npas une adresse');
    await page.locator('[name=role][value=contact]').check();
    await page.locator('[name=droit]').first().check();
    await submit(page, 'Continuer');
    includes(await body(page), 'Avec ces accès :', 'G-06 services');
    await look('G-06 preview');
    // Handing over: the contact is asked.
    await page.goto(`${closed}/transferer`);
    const next = page.locator('[name=personne] option', { hasText: ['Lou', 'Léa'][team] });
    await page.locator('[name=personne]').selectOption(await next.getAttribute('value'));
    const offered = await mailAfter(relay, 'Proposition de transfert', () => submit(page, 'Transférer'));
    await look('G-09 offered');
    // An official address proves a place.
    await page.goto(`${official}/rejoindre`);
    await look('C-06 with an official address');
    await mailAfter('accueil@valbonne.example', CODE, () => submit(page, 'Recevoir un code à l’adresse officielle de l’établissement'));
    await look('C-06 official code');
    await submit(page, 'Valider');
    await look('C-06 official code in error');

    await page.context().clearCookies();
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, relay);
    await page.waitForURL('**/accueil');
    await page.goto(offered.text.match(/http\S+\/transfert\/\w+/)[0]);
    includes(await body(page), 'vous propose de devenir gestionnaire de compte', 'the offer');
    await look('G-09 offer');
    await submit(page, 'Décliner');
    await page.goto(`${orphan}/reprendre`);
    includes(await body(page), 'n’a plus de gestionnaire de compte', 'the claim');
    await look('G-05 claim');
  });
}

/** G-02, G-03, G-07: the manager takes a person's place away. */
async function deactivate(page, siret, email, look) {
  for (const [stop, path] of Object.entries(MANAGED)) {
    const response = await page.goto(`${issuer}/etablissements/${siret}${path}`);
    equal(response.status(), 200, stop);
    await look(stop);
  }
  await page.goto(`${issuer}/etablissements/${siret}/intervenants`);
  await look('G-02');
  await page.locator('tr', { hasText: email }).getByRole('link').first().click();
  await look('G-03');
  await follow(page, /^Désactiver/);
  await look('G-07');
  await page.getByLabel('Départ').check();
  await mailAfter(email, 'désactivé', () => submit(page, /^Désactiver/));
}

await finish();
