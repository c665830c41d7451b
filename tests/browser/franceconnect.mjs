// Individuals in Chromium, through the simulator of FranceConnect: everybody signs in or reads why not, with and without
// JavaScript.
//
//   franceconnect.mjs [--captures FOLDER] [--only WORDS]
import {
  account, answered, authorization, body, byCode, CALLBACK, capture, check, demo, equal, finish, follow, heading, includes, journey,
  mailAfter, submit,
} from './support.mjs';
import { inspect } from './inspect.mjs';
import { exchange } from '../support/loopback.mjs';

const { franceconnect, issuer, dossier, mandat } = demo;
const BUTTON = 'S’identifier avec FranceConnect';

const json = async (url, init) => JSON.parse((await exchange(url, init)).body);
const people = await json(`${franceconnect}/api/personas`);

/** From S-02 to the simulator's list, through the page that leaves. */
async function leave(page) {
  await submit(page, BUTTON);
  await page.waitForURL(`${franceconnect}/**`);
}

/** From the simulator's list to the answer of the identity provider. */
async function identify(page, persona, idp = 'impots') {
  await page.locator(`#idp-${idp}`).click();
  await page.locator(`#persona-${persona}`).click();
}

/** From the request of the test's client to the identity provider's answer. */
async function knockAs(page, persona) {
  await page.goto(await authorization());
  await leave(page);
  await identify(page, persona);
}

const ANSWERS = [
  ['Votre espace est ouvert', 'Continuer'],
  ['Un compte existe peut-être déjà', 'Ce n’est pas moi, créer un espace distinct'],
  ['Service des parcours', 'Autoriser'],
];

/** Answers what the hub asks of a newcomer, each page once, until the browser is at `end`; the pages that were shown. */
async function settle(page, end) {
  const seen = [];
  for (let tries = 0; tries < 150 && !page.url().startsWith(end); tries += 1) {
    const title = (await page.locator('h1').first().textContent({ timeout: 200 }).catch(() => ''))?.trim() ?? '';
    const answer = ANSWERS.find(([words]) => title.includes(words) && !seen.includes(words));
    if (answer) {
      seen.push(answer[0]);
      await submit(page, answer[1]);
    }
    await page.waitForTimeout(100);
  }
  return seen;
}

/** The same, until the client has its code. */
async function arrive(page) {
  const seen = await settle(page, CALLBACK);
  const answer = await answered(page);
  if (!answer.code) throw new Error(`no code for the service: ${JSON.stringify(answer)}`);
  return seen;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ' (without JavaScript)';
  const walk = (name, steps) => journey(name + how, { javaScriptEnabled }, steps);

  for (const { id, code, about } of people) {
    if (code) {
      await walk(`AC-30 ${id}: ${code} is explained, and one button starts again`, async (page) => {
        await knockAs(page, id);
        equal(await page.locator('#code').textContent(), `Y${code}`, 'the simulator');
        await page.locator('#back-to-sp').click();
        await page.waitForURL(`${issuer}/**`);
        includes(await body(page), `Y${code}`, 'the code is on the page');
        await capture(page, `fc ${code}${how}`);
        equal((await body(page)).includes('navigateur et'), false, 'never « close your browser »');
        await page.locator('main a.button').first().click();
        await page.getByRole('button', { name: BUTTON, exact: true }).waitFor();
      });
    } else {
      await walk(`AG-01 ${id} signs in (${about})`, async (page) => {
        await knockAs(page, id);
        await page.locator('#continue').click();
        const seen = await arrive(page);
        const known = !javaScriptEnabled || id === 'jumeau-mail';
        check(known || seen.some((title) => title.includes('Votre espace est ouvert')), `${id}: S-17 is shown at the first sign-in${how} (${seen.join(', ')})`);
      });
    }
  }

  await walk('giving up at FranceConnect leads back, and on', async (page) => {
    await page.goto(await authorization());
    await leave(page);
    await page.locator('#abandon').click();
    await page.waitForURL(`${issuer}/**`);
    includes(await heading(page), 'Vous avez interrompu la connexion avec FranceConnect', 'A401');
    await page.locator('main a.button').first().click();
    await page.getByRole('button', { name: BUTTON, exact: true }).waitFor();
  });

  await walk('AC-31 an altered answer of an identity provider is explained', async (page) => {
    await page.goto(await authorization());
    await leave(page);
    await page.locator('#idp-impots').click();
    await page.locator('summary').click();
    await page.locator('#reponse').selectOption('autre-state');
    await page.locator('#persona-camille').click();
    equal(await page.locator('#code').textContent(), 'Y020022', 'the simulator');
    await page.locator('#back-to-sp').click();
    await page.waitForURL(`${issuer}/**`);
    includes(await body(page), 'Y020022', 'the hub');
  });

  await walk('a professional verifies who they are: names locked, out of FranceConnect at once, for the service too', async (page, context) => {
    const email = account();
    const identity = `${issuer}/compte/identite`;
    await page.goto(`${issuer}/connexion`);
    await byCode(page, email);
    await page.waitForURL((url) => url.href.startsWith(issuer) && url.pathname === '/accueil');
    await page.goto(identity);
    equal(await page.locator('[name=nom]').inputValue(), 'Durand', 'declared');
    await mailAfter(email, 'identité a été vérifiée', async () => {
      await submit(page, 'Vérifier mon identité avec FranceConnect');
      await page.waitForURL(`${franceconnect}/**`);
      await identify(page, javaScriptEnabled ? 'accents' : 'corse-2a');
      await page.locator('#continue').click();
      await page.waitForURL((url) => url.href.startsWith(identity));
    });
    await capture(page, `fc verification${how}`);
    includes(await body(page), 'Votre identité est vérifiée par FranceConnect.', 'notice');
    includes(await body(page), 'Identité vérifiée par FranceConnect le', 'what holds');
    equal(await page.locator('[name=nom], [name=prenom]').count(), 0, 'the names are locked');
    const simulator = await context.newPage();
    await simulator.goto(franceconnect);
    equal(await simulator.locator('#session').textContent(), 'personne n’est reconnu', 'FranceConnect');
    await simulator.close();
    await page.goto(`${issuer}/compte`);
    includes(await heading(page), 'Mon compte', 'still signed in here');
    // Removing it gives the names back.
    await page.goto(identity);
    await submit(page, 'Retirer cette vérification');
    await page.locator('[name=nom]').waitFor();
    includes(await body(page), 'La vérification de votre identité est retirée.', 'removed');
  });

  await walk('a professional who gives up at FranceConnect keeps what they declared', async (page) => {
    await page.goto(`${issuer}/connexion`);
    await byCode(page, account());
    await page.waitForURL((url) => url.pathname === '/accueil');
    await page.goto(`${issuer}/compte/identite`);
    await submit(page, 'Vérifier mon identité avec FranceConnect');
    await page.waitForURL(`${franceconnect}/**`);
    await page.locator('#abandon').click();
    await page.waitForURL(`${issuer}/**`);
    includes(await heading(page), 'Vous avez interrompu la connexion avec FranceConnect', 'A401');
    await page.locator('main a.button').first().click();
    equal(await page.locator('[name=nom]').inputValue(), 'Durand', 'as declared');
  });

  await walk('AG-27 two services, one identification; signing out ends both', async (page, context) => {
    await page.goto(`${dossier}/login`);
    await leave(page);
    await identify(page, 'corse-2a', 'laposte');
    await page.locator('#continue').click();
    await settle(page, dossier);
    await page.locator('#id-token').waitFor();
    await page.goto(`${mandat}/login`);
    await page.waitForURL(`${mandat}/**`);
    await page.locator('#id-token').waitFor();
    const simulator = await context.newPage();
    await simulator.goto(franceconnect);
    equal(await simulator.locator('#session').textContent(), 'une personne est reconnue', 'FranceConnect');
    await page.goto(`${issuer}/deconnexion`);
    await submit(page, /Se déconnecter/);
    await capture(page, `fc deconnexion${how}`);
    if (!page.url().startsWith(franceconnect)) await follow(page, 'Se déconnecter aussi de FranceConnect');
    await page.waitForURL((url) => !url.href.startsWith(franceconnect));
    await simulator.reload();
    equal(await simulator.locator('#session').textContent(), 'personne n’est reconnu', 'FranceConnect, after');
    await page.goto(`${dossier}/login?prompt=login`);
    await page.getByRole('button', { name: BUTTON, exact: true }).waitFor();
  });
}

await journey('a fault of FranceConnect is never a sign-in', {}, async (page) => {
  const faults = ['wrong_nonce', 'wrong_signature', 'wrong_audience', 'hs256', 'other_sub', 'wrong_state', 'plain_userinfo'];
  try {
    for (const fault of faults) {
      await json(`${franceconnect}/api/control`, { method: 'POST', body: JSON.stringify({ faults: [fault] }), headers: { 'content-type': 'application/json' } });
      await page.context().clearCookies();
      await knockAs(page, 'camille');
      await page.locator('#continue').click();
      await page.waitForURL(`${issuer}/**`);
      await page.locator('h1').waitFor();
      equal(page.url().startsWith(CALLBACK), false, fault);
      includes(await body(page), 'Code de l’erreur', fault);
      await page.goto(`${issuer}/compte`);
      equal(await page.locator('[name=courriel]').count(), 1, `${fault}: nobody is signed in`);
    }
  } finally {
    await exchange(`${franceconnect}/api/control/reset`, { method: 'POST' });
  }
});

await journey('FranceConnect+ answers encrypted, at the substantial level', {}, async (page) => {
  await page.goto(await authorization());
  await submit(page, 'S’identifier avec FranceConnect+');
  await page.waitForURL(`${demo.franceconnect_plus}/**`);
  await identify(page, 'accents', 'laposte');
  await page.locator('#continue').click();
  await arrive(page);
});

await journey('the pages of the simulators are inspected like the others', {}, async (page) => {
  const look = (name) => inspect(page, `simulateur ${name}`, { label: 'simulateur', options: { javaScriptEnabled: true } });
  await page.goto(await authorization());
  await leave(page);
  await look('choix');
  await page.locator('#idp-aidants-connect').click();
  await look('fournisseur');
  await page.locator('#persona-camille').click();
  await look('information');
  await page.goto(`${franceconnect}/api/v2/authorize?code_challenge=x`);
  equal(await page.locator('#code').textContent(), 'Y030007', 'strict parameters');
  await look('erreur');
  await page.goto(`${franceconnect}/erreurs`);
  await look('codes');
  await page.goto(franceconnect);
  await look('comportement');
  const back = encodeURIComponent(`${issuer}/connexion/retour/proconnect`);
  await page.goto(`${demo.proconnect}/api/v2/authorize?client_id=guichet&response_type=code&redirect_uri=${back}&scope=openid&state=s`);
  await look('proconnect adresse');
  await page.locator('[name=email]').fill('alix.ferrand@ministere.example');
  await submit(page, 'Continuer');
  await look('proconnect fournisseur');
});

await journey('the connection is told by mail', {}, async (page) => {
  await mailAfter('karim.benali@particulier.example', 'Alerte de connexion', async () => {
    await knockAs(page, 'etranger-lieu');
    await page.locator('#continue').click();
    await arrive(page);
  });
});

await finish();
