// Passkeys in Chromium, with an authenticator that it simulates.
//
//   passkeys.mjs [--captures FOLDER] [--only WORDS]
import {
  account, answered, authorization, body, byCode, demo, equal, finish, follow, heading, identify, includes, inside, journey, knock,
  mailAfter, submit, wait,
} from './support.mjs';
import { inspect } from './inspect.mjs';

const { dossier, mandat, issuer } = demo;
const ADD = `${issuer}/compte/securite/cle`;
const USE = 'Utiliser une clé d’accès';

const path = (page) => new URL(page.url()).pathname;

/** An authenticator in this page; it answers at once, for somebody who unlocked it. */
async function plug(page, options = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...options,
    },
  });
  const send = (method, more) => cdp.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return { send, keys: async () => (await send('getCredentials')).credentials };
}

/** A browser that does not offer keys under the address field: only the button is left. */
const withoutOffers = (page) => page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = undefined; });

/** Signs in with a code and makes a passkey. */
async function enrol(page, email, name) {
  await page.goto(`${issuer}/connexion`);
  await byCode(page, email);
  // This browser can make keys: once a month one is proposed on the way.
  await page.waitForURL((url) => ['/accueil', '/connexion/cle-proposee'].includes(url.pathname));
  await mailAfter(email, 'Une clé d’accès a été ajoutée', async () => {
    await page.goto(ADD);
    await submit(page, 'Créer une clé d’accès');
    await page.waitForURL(/cle\/fac_/);
  });
  if (name) {
    await page.getByLabel('Nom de la clé').fill(name);
    await submit(page, 'Enregistrer');
    await page.waitForURL(`${issuer}/compte/securite`);
  }
}

await journey('passkey: created, named after the browser, renamed, used from the button for a service', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  const device = await plug(page);
  await enrol(page, email);
  includes(await body(page), 'Votre clé d’accès est enregistrée.', 'notice');
  includes(await page.getByLabel('Nom de la clé').inputValue(), 'Chrome sur', 'name');
  includes(await body(page), 'Dans un seul appareil', 'kept');
  await page.getByLabel('Nom de la clé').fill('Ordinateur du bureau');
  await submit(page, 'Enregistrer');
  await page.waitForURL(`${issuer}/compte/securite`);
  const [key] = await device.keys();
  equal(key.rpId, new URL(issuer).hostname, 'RP ID');
  equal(key.isResidentCredential, true, 'discoverable');

  await context.clearCookies();
  await knock(page, dossier);
  await submit(page, USE);
  await inside(page, dossier, email);
  equal((await device.keys())[0].signCount > key.signCount, true, 'counter');
});

for (const [choice, end] of [['Créer une clé d’accès', 'created'], ['Plus tard', 'put off'], ['Ne plus me le proposer', 'refused']]) {
  await journey(`passkey: proposed after a sign-in for a service, ${end}`, {}, async (page) => {
    const email = account();
    await withoutOffers(page);
    await plug(page);
    await knock(page, dossier);
    await byCode(page, email);
    await page.waitForURL((url) => url.pathname === '/connexion/cle-proposee');
    equal(await heading(page), 'Créer une clé d’accès\u00a0?', 'the proposal');
    if (end === 'put off') await inspect(page, 'passkey proposed', { label: 'wide', options: { javaScriptEnabled: true } });
    if (end === 'created') {
      await follow(page, choice);
      await submit(page, 'Créer une clé d’accès');
      await page.waitForURL(/cle\/fac_/);
      await submit(page, 'Enregistrer');
    } else {
      await submit(page, choice);
    }
    await inside(page, dossier, email);
  });
}

await journey('passkey: not proposed to a browser without scripts', { javaScriptEnabled: false }, async (page) => {
  const email = account();
  await knock(page, dossier);
  await byCode(page, email);
  await inside(page, dossier, email);
});

await journey('passkey: offered under the address field, without a click or a letter', {}, async (page, context) => {
  const email = account();
  await plug(page);
  await enrol(page, email);
  await context.clearCookies();
  // The service's own button is the last thing pressed.
  await page.goto(mandat);
  await page.locator('#login').click();
  await inside(page, mandat, email);
});

await journey('passkey: several people in one browser, each with their own key', {}, async (page, context) => {
  await withoutOffers(page);
  const people = [account(), account()];
  const kept = [];
  for (const email of people) {
    const device = await plug(page);
    await enrol(page, email);
    kept.push((await device.keys())[0]);
    await device.send('removeVirtualAuthenticator');
    await context.clearCookies();
  }
  for (const [at, email] of people.entries()) {
    const device = await plug(page);
    await device.send('addCredential', { credential: kept[at] });
    await knock(page, dossier);
    await submit(page, USE);
    await inside(page, dossier, email);
    await device.send('removeVirtualAuthenticator');
    await context.clearCookies();
  }
});

await journey('passkey: not unlocked, then another means', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  const device = await plug(page);
  await enrol(page, email);
  await context.clearCookies();
  await device.send('setUserVerified', { isUserVerified: false });
  await knock(page, dossier);
  const url = page.url();
  await submit(page, USE);
  await page.getByText('La demande a été annulée ou a expiré.').waitFor();
  equal(page.url(), url, 'the page stays');
  if (/NotAllowed|Error/.test(await body(page))) throw new Error('the exception is shown');
  // Once more, unlocked this time; or a code, as ever.
  await byCode(page, email);
  await inside(page, dossier, email);
  await context.clearCookies();
  await device.send('setUserVerified', { isUserVerified: true });
  await knock(page, dossier);
  await submit(page, USE);
  await inside(page, dossier, email);
});

await journey('passkey: refused once removed, with a way on', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  const device = await plug(page);
  await enrol(page, email, 'À supprimer');
  const [key] = await device.keys();
  await page.goBack();
  await follow(page, 'Supprimer cette clé');
  includes(await body(page), 'À supprimer', 'which one');
  await mailAfter(email, 'Une clé d’accès a été supprimée', () => submit(page, 'Supprimer cette clé'));

  await context.clearCookies();
  // Told which keys are left, the browser drops this one in its own time.
  for (let n = 0; n < 50 && (await device.keys()).length; n += 1) await page.waitForTimeout(100);
  if (!(await device.keys()).length) await device.send('addCredential', { credential: key });
  await knock(page, dossier);
  await submit(page, USE);
  await page.getByRole('heading', { name: 'La clé d’accès n’a pas pu être utilisée' }).waitFor();
  // Reloading the refusal sends the same answer again: it is refused again, and nothing breaks.
  await page.reload();
  equal(await heading(page), 'La clé d’accès n’a pas pu être utilisée', 'reload');
  await follow(page, 'Autres moyens de connexion');
  equal(await heading(page), 'Connexion', 'the address comes first');
  await byCode(page, email);
  await inside(page, dossier, email);
});

await journey('passkey: the same authenticator is not enrolled twice', {}, async (page) => {
  await plug(page);
  await enrol(page, account());
  await page.goto(ADD);
  await submit(page, 'Créer une clé d’accès');
  await page.getByText('Cette clé est déjà enregistrée.').waitFor();
});

await journey('passkey: an authenticator that cannot keep a key, or that is not unlocked, creates none', {}, async (page) => {
  const device = await plug(page, { isUserVerified: false });
  await page.goto(`${issuer}/connexion`);
  await byCode(page, account());
  await page.goto(ADD);
  await submit(page, 'Créer une clé d’accès');
  await page.getByText('La demande a été annulée ou a expiré.').waitFor();
  equal(path(page), '/compte/securite/cle', 'the page stays');
  equal((await device.keys()).length, 0, 'keys');
});

await journey('passkey: as a second factor, of the person who is known', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  await plug(page);
  await enrol(page, email);
  await context.clearCookies();
  await page.goto(await authorization({ acr_values: 'aal3' }));
  await byCode(page, email);
  await page.getByRole('heading', { name: 'Utilisez une clé d’accès' }).waitFor();
  await submit(page, USE);
  await page.getByRole('button', { name: 'Autoriser' }).click();
  equal(typeof (await answered(page)).code, 'string', 'code');
});

await journey('passkey: confirming one’s identity before a sensitive change', {}, async (page) => {
  const email = account();
  await withoutOffers(page);
  await plug(page);
  await enrol(page, email);
  await wait(601);
  await page.goto(ADD);
  equal(await heading(page), 'Confirmez votre identité', 'S-13');
  await submit(page, USE);
  await page.waitForURL(ADD);
  equal(await heading(page), 'Créer une clé d’accès', 'P-09');
});

await journey('passkey: two tabs, two services; back and reload', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  const device = await plug(page);
  await enrol(page, email);
  const [key] = await device.keys();
  await context.clearCookies();
  const other = await context.newPage();
  await withoutOffers(other);
  const second = await plug(other);
  await second.send('addCredential', { credential: key });

  await knock(page, dossier);
  await knock(other, mandat);
  await submit(other, USE);
  await inside(other, mandat, email);
  // The first tab goes on to its own service, as somebody who is signed in by now.
  await page.reload();
  await inside(page, dossier, email);
  await page.goBack();
  await page.waitForLoadState();
  if ((await body(page)).includes('Erreur interne')) throw new Error('back');
});

await journey('passkey: a page left open for ten minutes still works', {}, async (page, context) => {
  const email = account();
  await withoutOffers(page);
  await plug(page);
  await enrol(page, email);
  await context.clearCookies();
  await knock(page, dossier);
  await wait(600);
  await submit(page, USE);
  await inside(page, dossier, email);
});

await journey('passkey: without JavaScript the other means are there, and the page says why', { javaScriptEnabled: false }, async (page) => {
  const email = account();
  await knock(page, dossier);
  equal(await page.getByRole('button', { name: USE }).count(), 0, 'no dead button');
  const { code } = await identify(page, email);
  await follow(page, 'Autres moyens de connexion');
  includes(await body(page), 'Les clés d’accès nécessitent JavaScript.', 'S-05');
  equal(await page.getByRole('button', { name: USE }).count(), 0, 'no dead button');
  await page.goBack();
  await page.locator('[name=code]').fill(code);
  await submit(page, 'Valider');
  await inside(page, dossier, email);
});

await finish();
