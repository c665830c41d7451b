// Second factors in Chromium, with and without JavaScript: set up, used, lost. `oathtool` computes the codes that are typed.
//
//   strong.mjs [--captures FOLDER] [--only WORDS]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  account, answered, authorization, body, byCode, byPassword, CALLBACK, capture, equal, finish, follow, heading, identify, includes,
  journey, mailAfter, submit, wait,
} from './support.mjs';

let ahead = 0;
/** A minute passes for the hub: the next code of an application is fresh. */
async function aMinute() {
  await wait(60);
  ahead += 60;
}

/** What the application that holds this key shows now. */
function shows(key) {
  const now = new Date(Date.now() + ahead * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return execFileSync('oathtool', ['--totp', '--base32', `--now=${now} UTC`, key.replaceAll(' ', '')]).toString().trim();
}

const request = async (page, extra) => page.goto(await authorization(extra));
const two = { acr_values: 'aal2' };

/** Signs in to « Mon compte » and sets up an application; its key. */
async function enrol(page, email, issuer) {
  await page.goto(`${issuer}/compte/securite`);
  if (await page.locator('[name=courriel]').count()) await byCode(page, email);
  await follow(page, 'Ajouter une application d’authentification');
  equal(await heading(page), 'Configurer une application d’authentification', 'P-11');
  const shown = () => page.locator('img.qr').evaluate((image) => image.complete && image.naturalWidth > 100);
  for (let tries = 0; tries < 50 && !(await shown()); tries += 1) await page.waitForTimeout(100);
  equal(await shown(), true, 'the QR code shows');
  await page.locator('summary').first().click();
  const key = await page.locator('.secret').textContent();
  await page.locator('[name=code]').fill(shows(key));
  await page.locator('[name=nom_moyen]').fill('Téléphone de service');
  await submit(page, 'Valider le code');
  includes(await body(page), 'Téléphone de service', 'P-08');
  await aMinute();
  return key;
}

/** What the service received, once the person allowed it. */
async function arrived(page) {
  await page.waitForURL((url) => url.href.startsWith(CALLBACK) || url.pathname === '/connexion/autorisation');
  if (!page.url().startsWith(CALLBACK)) await submit(page, 'Autoriser');
  const answer = await answered(page);
  if (!answer.code) throw new Error(`no code for the service: ${JSON.stringify(answer)}`);
}

const issuer = JSON.parse(process.env.DEMO).issuer;

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ' (without JavaScript)';
  const walk = (name, steps) => journey(name + how, { javaScriptEnabled }, steps);

  await walk('AC-03 an application is set up and used, in a second tab too, with back and reload', async (page, context) => {
    const email = account();
    const key = await enrol(page, email, issuer);
    await capture(page, `securite${how}`);
    await context.clearCookies();
    await request(page, two);
    await byCode(page, email);
    equal(await heading(page), 'Saisissez le code de votre application', 'S-07');
    await capture(page, `verification${how}`);
    const other = await context.newPage();
    await request(other, two);
    equal(await heading(other), 'Saisissez le code de votre application', 'S-07 in a second tab');
    await page.reload();
    await page.locator('[name=code]').fill(shows(key) === '000000' ? '000001' : '000000');
    await submit(page, 'Valider');
    includes(await body(page), 'Vérifiez que l’heure de votre téléphone', 'S-07');
    await page.locator('[name=code]').fill(shows(key));
    await submit(page, 'Valider');
    await arrived(page);
    // The other tab goes on with its own journey, whatever is typed there.
    await other.locator('[name=code]').fill('000000');
    await submit(other, 'Valider');
    await arrived(other);
    await page.goBack();
    includes(await body(page), 'Service des parcours', 'back: a page that says where the person is');
  });

  await walk('recovery codes are printed, downloaded and used without any other means', async (page, context) => {
    const email = account();
    await enrol(page, email, issuer);
    await page.goto(`${issuer}/compte/securite/codes`);
    await submit(page, 'Créer mes codes de secours');
    const codes = await page.locator('.codes code').allTextContents();
    equal(codes.length, 10, 'codes');
    await capture(page, `codes de secours${how}`);
    equal(await page.locator('[data-print]').isVisible(), javaScriptEnabled, 'the button that prints');
    const [file] = await Promise.all([page.waitForEvent('download'), submit(page, 'Télécharger (.txt)')]);
    includes(readFileSync(await file.path(), 'utf8'), `${codes[9]}\r\n`, 'the file');
    await page.getByLabel('J’ai conservé ces codes').check();
    await submit(page, 'Terminer');
    includes(await body(page), 'Il vous reste 10 codes de secours', 'P-08');
    await context.clearCookies();
    await request(page, two);
    await byCode(page, email);
    await follow(page, 'Utiliser un autre moyen');
    await follow(page, /Utiliser.*Code de secours/);
    await page.locator('[name=code_secours]').fill(codes[3].toLowerCase().replace('-', ' '));
    await mailAfter(email, 'Un code de secours a été utilisé', () => submit(page, 'Valider'));
    await arrived(page);
  });

  await walk('a service that demands two factors leads through the three steps', async (page) => {
    const email = account();
    await request(page, { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['aal2'] } } }) });
    await byCode(page, email);
    includes(await heading(page), 'Renforcez votre connexion', 'S-21');
    await capture(page, `renforcement${how}`);
    await follow(page, 'Configurer une application');
    await page.locator('summary').first().click();
    const key = await page.locator('.secret').textContent();
    await page.locator('[name=code]').fill(shows(key));
    await submit(page, 'Valider le code');
    await submit(page, 'Créer mes codes de secours');
    await submit(page, 'Terminer');
    includes(await body(page), 'Confirmez que vous avez conservé ces codes.', 'P-12');
    await page.getByLabel('J’ai conservé ces codes').check();
    await submit(page, 'Terminer');
    await arrived(page);
    await aMinute();
  });

  await walk('two steps, a trusted browser, and the end of its trust', async (page, context) => {
    const email = account();
    await page.goto(`${issuer}/compte/securite`);
    await byPassword(page, email);
    await submit(page, 'Activer');
    includes(await body(page), 'Un code par e-mail suit votre mot de passe.', 'P-08');
    const session = async () => context.clearCookies({ name: '__Host-session' });
    await session();
    await page.goto(`${issuer}/connexion`);
    const mail = await identify(page, email);
    await follow(page, 'Se connecter avec mon mot de passe');
    await page.locator('[name=mot_de_passe]').fill('quatorze parapluies au vestiaire');
    await submit(page, 'Se connecter');
    equal(await page.locator('[name=confiance]').isChecked(), false, 'never ticked by us');
    await capture(page, `deux etapes${how}`);
    await page.locator('[name=confiance]').check();
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    await page.waitForURL('**/accueil');
    await session();
    await page.goto(`${issuer}/compte/securite/navigateurs`);
    await byPassword(page, email);
    includes(await heading(page), 'Navigateurs de confiance', 'P-15, without a code');
    await submit(page, /Ne plus faire confiance/);
    includes(await body(page), 'Vous n’avez aucun navigateur de confiance.', 'P-15');
  });

  await walk('everything is lost: asked, told to every address, stopped by the link', async (page, context) => {
    const email = account();
    await enrol(page, email, issuer);
    await context.clearCookies();
    await request(page, two);
    await byCode(page, email);
    await follow(page, 'Je n’ai plus accès à mes moyens de connexion');
    await capture(page, `perdu${how}`);
    const mail = await mailAfter(email, 'Perte de vos moyens de connexion signalée', () => submit(page, 'Prévenir l’assistance'));
    includes(await body(page), 'Votre demande a été envoyée', 'S-11');
    const link = mail.text.match(/https?:\/\/\S*\/secours\/annuler\S*/)[0];
    await page.goto(link);
    await submit(page, 'Arrêter la demande');
    includes(await body(page), 'La demande est arrêtée.', 'the link');
  });
}

await finish();
