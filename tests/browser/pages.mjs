// Walks past every page and inspects each in four views: wide, narrow, dark, without JavaScript. Then the weight of S-02.
//
//   pages.mjs [--captures FOLDER] [--only WORDS]
import { inspect, planted } from './inspect.mjs';
import {
  account, answered, authorization, byCode, byPassword, capture, check, CODE, demo, finish, follow, identify, journey, knock, mailAfter,
  newcomer, newContext, pair, PASSWORD, submit,
} from './support.mjs';

const { issuer, dossier } = demo;

const WIDE = { viewport: { width: 1280, height: 900 }, colorScheme: 'light', javaScriptEnabled: true };
const NARROW = { ...WIDE, viewport: { width: 320, height: 640 } };
/** The walks, and how each looks at every page. */
const WALKS = [
  { label: 'JavaScript', options: WIDE, views: [['wide', WIDE], ['narrow', NARROW], ['dark', { ...WIDE, colorScheme: 'dark' }]] },
  { label: 'no JavaScript', options: { ...WIDE, javaScriptEnabled: false }, views: [['no JavaScript', { ...WIDE, javaScriptEnabled: false }]] },
];

/** Inspects the page in each view of the walk, and leaves it as the walk had it. */
async function looked(page, stop, { options, views }) {
  for (const [label, view] of [...views, [undefined, options]]) {
    if (views.length > 1) {
      await page.setViewportSize(view.viewport);
      await page.emulateMedia({ colorScheme: view.colorScheme });
    }
    if (label) await inspect(page, stop, { label, options: view });
  }
}

/** Pages that anybody may open. */
const PUBLIC = ['/', '/connexion', '/creation', '/mot-de-passe-oublie', '/aide', '/contact', '/accessibilite', '/mentions-legales',
  '/donnees-personnelles', '/conditions', '/plan-du-site', '/services', '/nulle-part', '/deconnexion'];
/** Pages of a person who is signed in. */
const PRIVATE = ['/accueil', '/compte', '/compte/identite', '/compte/courriel-connexion', '/compte/courriel-contact',
  '/compte/mot-de-passe', '/compte/sessions', '/compte/activite', '/compte/autorisations', '/services', '/deconnexion'];

const ask = async (page, extra) => page.goto(await authorization(extra));

await journey('the inspection sees the faults of a planted page', { viewport: { width: 320, height: 640 } }, planted);

for (const walk of WALKS) {
  const tour = (name, steps) => journey(`pages, ${name}, ${walk.label}`, walk.options, (page) => steps(page, (stop) => looked(page, stop, walk)));

  await tour('open to all', async (page, look) => {
    for (const path of PUBLIC) {
      const response = await page.goto(issuer + path);
      check(response.status() < 500, `${path} answered ${response.status()}`);
      await look(path);
    }
  });

  await tour('signing in', async (page, look) => {
    const email = account();
    await knock(page, dossier);
    await look('S-02');
    await submit(page, 'Continuer');
    await look('S-02 in error');
    await identify(page, email);
    await look('S-03');
    if (!walk.options.javaScriptEnabled) {
      await page.getByRole('button', { name: /^Renvoyer un code/ }).click();
      await look('S-03 too early');
    }
    const code = page.url();
    await follow(page, 'Autres moyens de connexion');
    await look('S-05');
    await page.goto(code);
    await page.locator('[name=code]').fill('1');
    await submit(page, 'Valider');
    await look('S-03 in error');
    await follow(page, 'Se connecter avec mon mot de passe');
    await look('S-04');
    await page.locator('[name=mot_de_passe]').fill('x');
    await submit(page, 'Se connecter');
    await look('S-04 in error');
    await follow(page, 'Mot de passe oublié');
    await look('S-23');
    const mail = await mailAfter(email, CODE, async () => {
      await page.locator('[name=courriel]').fill(email);
      await submit(page, 'Recevoir un code');
    });
    await look('S-23 code');
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    await look('S-23b');
    await page.locator('[name=nouveau_mot_de_passe]').fill('x');
    await submit(page, 'Enregistrer le mot de passe');
    await look('S-23b in error');
  });

  await tour('first sign-ins', async (page, look) => {
    await page.goto(`${issuer}/premiere-connexion`);
    await look('S-22');
    await submit(page, 'Recevoir les codes');
    await look('S-22 in error');
    await page.locator('[name=courriel]').fill(account());
    await page.locator('[name=telephone]').fill('06 12 34 56 78');
    await submit(page, 'Recevoir les codes');
    await look('S-22 codes');
    await submit(page, 'Valider');
    await look('S-22 codes in error');
    await knock(page, dossier);
    await byCode(page, `repris${3 + WALKS.indexOf(walk)}@essai.example`);
    await look('S-20');
    await submit(page, 'Enregistrer le mot de passe');
    await look('S-20 in error');
  });

  await tour('second factors', async (page, look) => {
    const two = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['aal2'] } } }) };
    const email = account();
    await ask(page, two);
    await byCode(page, email);
    await look('S-21');
    await follow(page, 'Configurer une application');
    await look('P-11 in a sign-in');
    await submit(page, 'Valider le code');
    await look('P-11 in error');
    await page.goto(`${issuer}/compte/securite`);
    await look('P-08');
    await page.goto(`${issuer}/compte/securite/cle`);
    await look('P-09');
    await page.goto(`${issuer}/compte/securite/codes`);
    await look('P-12 before');
    await submit(page, 'Créer mes codes de secours');
    await look('P-12');
    await submit(page, 'Terminer');
    await look('P-12 in error');
    await page.goto(`${issuer}/compte/securite/navigateurs`);
    await look('P-15');
    await page.goto(`${issuer}/compte/securite/application`);
    await look('P-11');
    await page.goto(`${issuer}/secours/annuler`);
    await look('S-11 link');
  });

  await tour('creating an account', async (page, look) => {
    const email = newcomer();
    await knock(page, dossier);
    await follow(page, 'Créer un compte');
    await look('C-01');
    const mail = await identify(page, email);
    await look('C-02');
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    await look('C-03');
    await submit(page, 'Continuer');
    await look('C-03 in error');
    await page.getByLabel(/^Prénom/).fill('Maëlle');
    await page.getByLabel(/^Nom/).fill('Guérin');
    await submit(page, 'Continuer');
    await look('C-04');
    await submit(page, 'Créer mon compte');
    await look('C-04 in error');
    await page.getByLabel(/Choisir un mot de passe/).check();
    await page.locator('[name=nouveau_mot_de_passe]').fill('x');
    await submit(page, 'Créer mon compte');
    await look('C-04 weak password');
    await page.getByLabel(/Recevoir un code à chaque connexion/).check();
    await submit(page, 'Créer mon compte');
    await look('C-10');
  });

  await tour('asked by a service', async (page, look) => {
    const email = account();
    await ask(page);
    await byPassword(page, email);
    await look('S-16');
    await submit(page, 'Autoriser');
    await answered(page);
    await ask(page, { prompt: 'select_account' });
    await look('S-12');
    await ask(page, { prompt: 'login' });
    await look('S-13');
    for (const [stop, wrong] of [
      ['A101', { client_id: 'inconnu' }], ['A102', { redirect_uri: 'https://parcours.example/autre' }],
    ]) {
      check((await ask(page, wrong)).status() === 400, `${stop}: status`);
      await look(stop);
    }
  });

  await tour('cards', async (page, look) => {
    const cards = `${issuer}/etablissements/73282932000074/cartes`;
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, pair()[0]);
    await page.goto(`${issuer}/compte/securite/carte`);
    await look('P-13 without a card');
    await page.goto(cards);
    await look('G-10');
    await follow(page, 'Lier une carte');
    await look('G-11');
    await submit(page, 'Continuer');
    await look('G-11 in error');
    await page.goto(`${cards}/lier/valider?carte=DEMO0001`);
    await look('G-12');
    await page.goto(`${cards}/DEMO0001/resynchroniser`);
    await look('G-12 twice');
    await submit(page, 'Valider le code');
    await look('G-12 twice in error');
    await page.goto(`${cards}/DEMO0001/delier`);
    await look('G-13');
    await submit(page, 'Délier la carte');
    await look('G-13 in error');
  });

  await tour('signed in', async (page, look) => {
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, account(), PASSWORD);
    for (const path of PRIVATE) {
      const response = await page.goto(issuer + path);
      check(response.status() === 200, `${path} answered ${response.status()}`);
      await look(`${path} signed in`);
    }
    await page.goto(`${issuer}/compte/identite`);
    await page.getByLabel(/^Prénom/).fill('');
    await submit(page, 'Enregistrer');
    await look('/compte/identite in error');
    await page.goto(`${issuer}/compte`);
    await submit(page, 'Se déconnecter');
    await look('S-29');
  });
}

await journey('the first visit of S-02 weighs at most 4 requests and 15 KB', {}, async () => {
  const context = await newContext({});
  const page = await context.newPage();
  const url = await authorization();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  let bytes = 0;
  const seen = [];
  network.on('Network.requestWillBeSent', ({ redirectResponse }) => { bytes += redirectResponse?.encodedDataLength ?? 0; });
  network.on('Network.responseReceived', ({ response }) => {
    // The redirect that leads here is not part of the page; the icon of the tab is the logo of the page, one address.
    const { pathname } = new URL(response.url);
    if (!response.fromDiskCache && response.status < 300 && !seen.includes(pathname)) seen.push(pathname);
  });
  network.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await page.goto(url, { waitUntil: 'networkidle' });
  await capture(page, 'sign-in');
  await context.close();
  console.log(`     ${seen.length} requests, ${bytes} bytes: ${seen.join(' ')}`);
  check(seen.length <= 4, `S-02: ${seen.length} requests`);
  check(bytes > 0 && bytes <= 15 * 1024, `S-02: ${bytes} bytes`);
});

await finish();
