// The journeys a person makes, in Chromium, each with and without JavaScript.
//
//   journeys.mjs [--captures FOLDER] [--only WORDS]
import { once } from 'node:events';
import http from 'node:http';
import {
  account, answered, authorization, body, byCode, byPassword, CALLBACK, CODE, demo, equal, finish, follow, heading, identify, includes,
  inside, journey, knock, mailAfter, mails, newcomer, pair, PASSWORD, press, sms, submit, wait,
} from './support.mjs';

const { dossier, mandat, issuer } = demo;

const request = async (page, extra) => page.goto(await authorization(extra));

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ' (without JavaScript)';
  const walk = (name, steps, options = {}) => journey(name + how, { javaScriptEnabled, ...options }, steps);

  await walk('code by e-mail, second service without typing, sign-out of both', async (page) => {
    const email = account();
    await knock(page, dossier);
    const mail = await identify(page, email, { typed: `  ${email.toUpperCase()} ` });
    equal(mail.code.length, 6, 'code');
    await page.locator('[name=code]').fill(` ${mail.code.slice(0, 3)} ${mail.code.slice(3)}`);
    await submit(page, 'Valider');
    await inside(page, dossier, email);

    await page.goto(mandat);
    await page.locator('#login').click();
    await inside(page, mandat, email);

    await page.goto(dossier);
    await page.locator('#logout').click();
    await page.waitForURL((url) => url.href.startsWith(dossier));
    await page.locator('#login').waitFor();
    // The other service hears of it from the hub.
    await page.goto(mandat);
    for (let n = 0; n < 50 && await page.locator('#login').count() === 0; n++) {
      await page.waitForTimeout(100);
      await page.goto(mandat);
    }
    includes(await body(page), 'Votre session a pris fin', 'told by the hub');
    for (const service of [dossier, mandat]) await knock(page, service);
  });

  await walk('password: wrong, then right', async (page) => {
    const email = account();
    await knock(page, dossier);
    await byPassword(page, email, 'pas le bon mot de passe');
    includes(await body(page), 'Adresse e-mail ou mot de passe incorrect.', 'S-04');
    includes(await page.title(), 'Erreur', 'title');
    equal(await page.locator('[name=mot_de_passe]').inputValue(), '', 'the field is emptied');
    await page.locator('[name=mot_de_passe]').fill(PASSWORD);
    await submit(page, 'Se connecter');
    await inside(page, dossier, email);
  });

  await walk('from the password back to a code', async (page) => {
    const email = account();
    await knock(page, dossier);
    const { code } = await identify(page, email);
    await follow(page, 'Se connecter avec mon mot de passe');
    equal(await page.locator('[autocomplete=username]').inputValue(), email, 'the address for password managers');
    await page.getByText('Recevoir un code par e-mail').first().click();
    await page.locator('[name=code]').fill(code);
    await submit(page, 'Valider');
    await inside(page, dossier, email);
  });

  await walk('EF-20 taken over without a password: a code, then a password that may be declined', async (page, context) => {
    const email = `repris${javaScriptEnabled ? 1 : 2}@essai.example`;
    await knock(page, dossier);
    await byCode(page, email);
    includes(await heading(page), 'Choisissez un mot de passe (facultatif)', 'S-20');
    await page.reload();
    includes(await heading(page), 'Choisissez un mot de passe (facultatif)', 'S-20 reloaded');
    if (javaScriptEnabled) {
      await page.locator('[name=nouveau_mot_de_passe]').fill('court');
      await submit(page, 'Enregistrer le mot de passe');
      includes(await body(page), '12 caractères', 'a weak password');
      await page.locator('[name=nouveau_mot_de_passe]').fill(PASSWORD);
      await submit(page, 'Enregistrer le mot de passe');
    } else await submit(page, 'Continuer sans mot de passe');
    await inside(page, dossier, email);
    if (!javaScriptEnabled) return;
    const later = await context.browser().newContext({ locale: 'fr-FR' });
    const other = await later.newPage();
    await knock(other, dossier);
    await byPassword(other, email);
    await inside(other, dossier, email);
    await later.close();
  });

  await walk('AC-02 first sign-in of a designated manager, with a code by mail and one by SMS', async (page) => {
    const n = javaScriptEnabled ? 1 : 2;
    const email = `designe${n}@essai.example`;
    await page.goto(`${issuer}/connexion`);
    await follow(page, 'Première connexion gestionnaire');
    await page.locator('[name=courriel]').fill(email);
    await page.locator('[name=telephone]').fill('01 23 45 67 89');
    await submit(page, 'Recevoir les codes');
    includes(await body(page), 'Un numéro de téléphone fixe ne permet pas de recevoir le code', 'AC-27');
    await page.locator('[name=telephone]').fill(`+33 7 00 00 00 0${n}`);
    const mail = await mailAfter(email, CODE, () => submit(page, 'Recevoir les codes'));
    equal(await heading(page), 'Saisissez les deux codes reçus', 'S-22');
    const { code, text } = await sms(`3370000000${n}`);
    includes(text, `@${new URL(issuer).hostname} #${code}`, 'the bound code');
    await page.locator('[name=code]').fill(mail.code);
    await page.locator('[name=code_sms]').fill(code === '000000' ? '000001' : '000000');
    await submit(page, 'Valider');
    includes(await body(page), 'Ces informations ne correspondent pas à une invitation en cours', 'one is not enough');
    await page.locator('[name=code]').fill(mail.code);
    await page.locator('[name=code_sms]').fill(code);
    await submit(page, 'Valider');
    await page.waitForURL((url) => url.pathname === '/connexion/renforcement');
    await page.reload();
    await page.goto(`${issuer}/compte`);
    await page.waitForURL((url) => url.pathname.startsWith('/compte'));
  });

  await walk('an unknown address sees the same pages and is told by e-mail', async (page) => {
    const stranger = newcomer();
    await knock(page, dossier);
    const known = account();
    await identify(page, known);
    const shown = (await body(page)).replaceAll(known, '@');
    await page.goBack();
    const mail = await identify(page, stranger, { wanted: 'aucun compte' });
    equal((await body(page)).replaceAll(stranger, '@').replace(/\d+ secondes?/g, ''), shown.replace(/\d+ secondes?/g, ''), 'S-03');
    equal(mail.code, null, 'no code for a stranger');
    await page.locator('[name=code]').fill('123456');
    await submit(page, 'Valider');
    includes(await body(page), 'Ce code n’est pas valable.', 'S-03');
  });

  await walk('registration with codes, and nothing before the address is proved', async (page) => {
    const email = newcomer();
    await knock(page, dossier);
    await follow(page, 'Créer un compte');
    const mail = await identify(page, email);
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    await submit(page, 'Continuer');
    includes(await body(page), 'Saisissez votre prénom', 'C-03');
    await page.getByLabel(/^Prénom/).fill('Maëlle');
    await page.getByLabel(/^Nom/).fill('L’Hermitte-Guérin');
    await submit(page, 'Continuer');
    await page.getByLabel(/Recevoir un code à chaque connexion/).check();
    await submit(page, 'Créer mon compte');
    includes(await heading(page), 'Votre compte est créé', 'C-10');
    await page.getByText(/^Continuer vers/).first().click();
    await inside(page, dossier, email);
    includes(await page.locator('#userinfo').textContent(), 'Maëlle', 'userinfo');
  });

  await walk('registration with a password, refused when weak, then used', async (page, context) => {
    const email = newcomer();
    await knock(page, mandat);
    await follow(page, 'Créer un compte');
    const mail = await identify(page, email);
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    await page.getByLabel(/^Prénom/).fill('Noé');
    await page.getByLabel(/^Nom/).fill('Zidane');
    await submit(page, 'Continuer');
    for (const [weak, error] of [['court', '12 caractères'], ['motdepasse123', 'divulgués|deviner'], [`${email}`, 'votre adresse e-mail']]) {
      await page.getByLabel(/Choisir un mot de passe/).check();
      await page.locator('[name=nouveau_mot_de_passe]').fill(weak);
      await submit(page, 'Créer mon compte');
      if (!new RegExp(error).test(await body(page))) throw new Error(`« ${weak} »: ${error} expected, ${await body(page)}`);
    }
    await page.getByLabel(/Choisir un mot de passe/).check();
    await page.locator('[name=nouveau_mot_de_passe]').fill(PASSWORD);
    await submit(page, 'Créer mon compte');
    await page.getByText(/^Continuer vers/).first().click();
    await inside(page, mandat, email);
    await context.clearCookies();
    await knock(page, mandat);
    await byPassword(page, email);
    await inside(page, mandat, email);
  });

  await walk('registration of an address that has an account already: the mail tells', async (page) => {
    const email = account();
    await knock(page, dossier);
    await follow(page, 'Créer un compte');
    await identify(page, email, { wanted: 'déjà un compte' });
    equal(await page.locator('[name=code]').count(), 1, 'the page does not tell');
  });

  await walk('forgotten password', async (page, context) => {
    const email = account();
    const changed = 'une autre phrase assez longue';
    await knock(page, dossier);
    await identify(page, email);
    await follow(page, 'Se connecter avec mon mot de passe');
    await follow(page, 'Mot de passe oublié');
    const mail = await mailAfter(email, 'Réinitialisation', async () => {
      await page.locator('[name=courriel]').fill(email);
      await submit(page, 'Recevoir un code');
    });
    await page.locator('[name=code]').fill(mail.code);
    await submit(page, 'Valider');
    const notice = await mailAfter(email, 'Votre mot de passe a été modifié', async () => {
      await page.locator('[name=nouveau_mot_de_passe]').fill(changed);
      await submit(page, 'Enregistrer le mot de passe');
    });
    await inside(page, dossier, email);
    await context.clearCookies();
    await knock(page, dossier);
    await byPassword(page, email, PASSWORD);
    includes(await body(page), 'incorrect', 'the old one');
    await page.locator('[name=mot_de_passe]').fill(changed);
    await submit(page, 'Se connecter');
    await inside(page, dossier, email);
  });

  await walk('five wrong codes, and the right one no longer works', async (page) => {
    const email = account();
    await knock(page, dossier);
    const { code } = await identify(page, email);
    const wrong = code === '000000' ? '000001' : '000000';
    for (const left of ['Il vous reste 4 essais', 'Il vous reste 3 essais', 'Il vous reste 2 essais', 'Il vous reste un essai', '']) {
      await page.locator('[name=code]').fill(wrong);
      await submit(page, 'Valider');
      includes(await body(page), left, 'tries left');
    }
    await page.locator('[name=code]').fill(code);
    await submit(page, 'Valider');
    equal(new URL(page.url()).origin, new URL(issuer).origin, 'still at the hub');
    includes(await body(page), 'Demandez un nouveau code', 'S-03');
  });

  await walk('an empty or mistyped code says what to do', async (page) => {
    await knock(page, dossier);
    await identify(page, account());
    for (const typed of ['', '12', 'abcdef']) {
      await page.locator('[name=code]').fill(typed);
      await submit(page, 'Valider');
      includes(await body(page), 'Saisissez les 6 chiffres du code', typed);
    }
  });

  await walk('another code: too early, then sent; the first one still works', async (page) => {
    const email = account();
    await knock(page, dossier);
    const first = await identify(page, email);
    const resend = () => page.getByRole('button', { name: /^Renvoyer un code/ }).click({ force: true });
    if (javaScriptEnabled) {
      includes(await page.getByRole('button', { name: /^Renvoyer un code/ }).textContent(), '(dans', 'countdown');
      await resend();
    } else {
      includes(await body(page), 'Vous pourrez demander un nouveau code dans', 'announced');
      await resend();
      includes(await body(page), 'Un code vient déjà d’être envoyé', 'too early');
    }
    equal((await mails(email)).length, 1, 'one message only');
    await wait(31);
    await page.reload();
    const second = await mailAfter(email, CODE, resend);
    includes(await body(page), 'Un nouveau code a été envoyé', 'S-03');
    if (second.code === first.code) throw new Error('the same code twice');
    await page.locator('[name=code]').fill(first.code);
    await submit(page, 'Valider');
    await inside(page, dossier, email);
  });

  await walk('a code of another browser is refused', async (page, context) => {
    const email = account();
    await knock(page, dossier);
    const { code } = await identify(page, email);
    const other = await context.browser().newContext({ javaScriptEnabled, locale: 'fr-FR' });
    try {
      const there = await other.newPage();
      await there.goto(page.url());
      const field = there.locator('[name=code]');
      if (await field.count()) {
        await field.fill(code);
        await submit(there, 'Valider');
      }
      equal(new URL(there.url()).origin, new URL(issuer).origin, 'still at the hub');
      if (await there.locator('#id-token').count()) throw new Error('signed in elsewhere');
    } finally {
      await other.close();
    }
    await page.locator('[name=code]').fill(code);
    await submit(page, 'Valider');
    await inside(page, dossier, email);
  });

  await walk('two tabs, two services: each comes back to its own', async (page, context) => {
    const email = account();
    const other = await context.newPage();
    await knock(page, dossier);
    await knock(other, mandat);
    await byPassword(page, email);
    await inside(page, dossier, email);
    await other.locator('[name=courriel]').fill(email);
    await submit(other, 'Continuer');
    await inside(other, mandat, email);
  });

  await walk('back from the service: already signed in, and a way on', async (page) => {
    const email = account();
    await knock(page, dossier);
    await byCode(page, email);
    await inside(page, dossier, email);
    for (const _ of ['the code', 'the address']) {
      await page.goBack();
      includes(await body(page), 'déjà connecté', 'A204');
      equal(new URL(page.url()).origin, issuer, 'still at the hub');
    }
    await follow(page, /^Continuer vers/);
    await inside(page, dossier, email);
  });

  await walk('back after signing out shows nothing of the person', async (page) => {
    const email = account();
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, email);
    await page.goto(`${issuer}/compte`);
    includes(await body(page), email, 'P-06');
    await submit(page, 'Se déconnecter');
    includes(await heading(page), 'Vous êtes déconnecté', 'S-29');
    await page.goBack();
    if ((await body(page)).includes(email)) throw new Error('the address is still shown');
  });

  await walk('reloading any step loses nothing', async (page) => {
    const email = account();
    await knock(page, dossier);
    await page.reload();
    const { code } = await identify(page, email);
    await page.reload();
    equal((await mails(email)).length, 1, 'reloading sends nothing');
    await follow(page, 'Se connecter avec mon mot de passe');
    await page.reload();
    await page.goBack();
    await page.locator('[name=code]').fill(code);
    await submit(page, 'Valider');
    await inside(page, dossier, email);
  });

  await walk('a lost cookie: the sign-in goes on', async (page, context) => {
    const email = account();
    await knock(page, dossier);
    await context.clearCookies({ domain: new URL(issuer).hostname });
    await page.locator('[name=courriel]').fill(email);
    await submit(page, 'Continuer');
    equal(await heading(page), 'Connexion', 'S-02 again');
    await byCode(page, email);
    await inside(page, dossier, email);
  });

  await walk('cookies blocked: told how to allow them, without end', async (page) => {
    await page.goto(await authorization());
    for (const _ of ['at once', 'tried again']) {
      includes(await heading(page), 'Votre navigateur bloque les cookies nécessaires', 'S-30');
      await follow(page, 'Réessayer');
    }
  }, { cookies: 'blocked' });

  await walk('an expired request is taken up again', async (page) => {
    const email = account();
    await knock(page, dossier);
    await wait(2 * 3600);
    await page.locator('[name=courriel]').fill(email);
    await submit(page, 'Continuer');
    includes(await heading(page), 'a expiré', 'A201');
    await follow(page, 'Reprendre la connexion');
    await byCode(page, email);
    await inside(page, dossier, email);
  });

  await walk('consent: refused, then given', async (page) => {
    const email = account();
    await request(page);
    await byPassword(page, email);
    includes(await heading(page), 'souhaite accéder à vos informations', 'S-16');
    includes(await body(page), email, 'what is transmitted');
    await submit(page, 'Refuser');
    const refusal = await answered(page);
    equal(refusal.error, 'access_denied', 'error');
    equal(refusal.state, 'etat', 'state');
    equal(refusal.iss, issuer, 'iss');
    equal(refusal.code, undefined, 'code');
    await request(page);
    await submit(page, 'Autoriser');
    const grant = await answered(page);
    equal(grant.iss, issuer, 'iss');
    if (!grant.code) throw new Error('no code');
    await request(page, { prompt: 'none' });
    if (!(await answered(page)).code) throw new Error('consent is not remembered');
  });

  await walk('form_post to a callback that leads to another origin', async (page) => {
    let posted;
    const callback = http.createServer((asked, answer) => {
      const chunks = [];
      asked.on('data', (chunk) => chunks.push(chunk));
      asked.on('end', () => {
        if (asked.method === 'POST') posted = new URLSearchParams(Buffer.concat(chunks).toString());
        answer.writeHead(303, { location: `${CALLBACK}?arrived=yes` }).end();
      });
    }).listen(0, '127.0.0.1');
    await once(callback, 'listening');
    try {
      await request(page, { response_mode: 'form_post', redirect_uri: `http://127.0.0.1:${callback.address().port}/cb` });
      await byPassword(page, account());
      await submit(page, 'Autoriser');
      if (!javaScriptEnabled) await submit(page, /^Continuer vers/);
      equal((await answered(page)).arrived, 'yes', 'where the service leads');
      equal(posted?.get('state'), 'etat', 'state');
      if (!posted.get('code')) throw new Error('no code');
    } finally {
      callback.close();
      callback.closeAllConnections();
    }
  });

  await walk('leaving before signing in: the service learns access_denied', async (page) => {
    await request(page);
    await page.getByText(/^Retour à|^Revenir à/).first().click();
    equal((await answered(page)).error, 'access_denied', 'error');
  });

  await walk('select_account: go on, or use another', async (page) => {
    const [first, second] = [account(), account()];
    await request(page);
    await byPassword(page, first);
    await submit(page, 'Autoriser');
    await answered(page);
    await request(page, { prompt: 'select_account' });
    includes(await body(page), first, 'S-12');
    await submit(page, 'Utiliser un autre compte');
    await byPassword(page, second);
    includes(await body(page), second, 'S-16');
    await submit(page, 'Autoriser');
    if (!(await answered(page)).code) throw new Error('no code');
  });

  await walk('prompt=login asks again, with the address settled', async (page) => {
    const email = account();
    await knock(page, dossier);
    await byPassword(page, email);
    await inside(page, dossier, email);
    const before = JSON.parse(await page.locator('#id-token').textContent()).auth_time;
    await wait(60);
    await page.locator('#login-again').click();
    includes(await heading(page), 'Confirmez votre identité', 'S-13');
    equal(await page.locator('[name=courriel]:not([readonly])').count(), 0, 'no other address');
    await follow(page, 'Se connecter avec mon mot de passe');
    await page.locator('[name=mot_de_passe]').fill(PASSWORD);
    await submit(page, 'Se connecter');
    await inside(page, dossier, email);
    const after = JSON.parse(await page.locator('#id-token').textContent()).auth_time;
    if (!(after >= before + 60)) throw new Error(`auth_time ${before} then ${after}`);
  });

  await walk('login_hint, prompt=create, ui_locales', async (page) => {
    await request(page, { login_hint: 'Quelqu.Un@essai.example' });
    equal((await page.locator('[name=courriel]').inputValue()).toLowerCase(), 'quelqu.un@essai.example', 'login_hint');
    await request(page, { prompt: 'create' });
    includes(new URL(page.url()).pathname, '/creation', 'prompt=create');
    await request(page, { ui_locales: 'en fr' });
    equal(await page.locator('html').getAttribute('lang'), 'en', 'lang');
    await request(page, { ui_locales: 'fr' });
    equal(await page.locator('html').getAttribute('lang'), 'fr', 'lang of the next journey');
  });

  await walk('refresh at the service', async (page) => {
    const email = account();
    await knock(page, dossier);
    await byPassword(page, email);
    await inside(page, dossier, email);
    for (let n = 0; n < 2; n += 1) {
      await page.locator('#refresh').click();
      await inside(page, dossier, email);
    }
  });

  await walk('double click on « Valider »', async (page) => {
    const email = account();
    await knock(page, dossier);
    const { code } = await identify(page, email);
    await page.locator('[name=code]').fill(code);
    await page.getByRole('button', { name: 'Valider', exact: true }).dblclick();
    await page.getByText(/^Continuer vers/).or(page.locator('#id-token')).first().waitFor();
    if (page.url().startsWith(issuer) && await page.getByText(/^Continuer vers/).count()) {
      // The page goes on by itself, and may be gone before the click.
      await page.getByText(/^Continuer vers/).first().click({ timeout: 2_000, noWaitAfter: true }).catch(() => {});
    }
    await inside(page, dossier, email);
  });

  await walk('« Mon compte »: name, sessions signed out from afar, history', async (page, context) => {
    const email = account();
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, email);
    await page.goto(`${issuer}/compte`);
    includes(await heading(page), 'Mon compte', 'P-06');
    await page.goto(`${issuer}/compte/identite`);
    await page.getByLabel(/^Prénom/).fill('Camille-Ève');
    await submit(page, 'Enregistrer');
    includes(await body(page), 'Camille-Ève', 'P-06');

    const other = await context.browser().newContext({ javaScriptEnabled, locale: 'fr-FR' });
    try {
      const there = await other.newPage();
      await there.goto(`${issuer}/connexion`);
      await byPassword(there, email);
      await there.goto(`${issuer}/compte`);
      includes(await body(there), email, 'signed in elsewhere');
      await page.goto(`${issuer}/compte/sessions`);
      await submit(page, 'Déconnecter tous les autres appareils');
      await there.reload();
      if ((await body(there)).includes('Camille-Ève')) throw new Error('the other session lives on');
    } finally {
      await other.close();
    }
    await page.goto(`${issuer}/compte`);
    includes(await body(page), email, 'this session lives on');
    await page.goto(`${issuer}/compte/activite`);
    includes(await body(page), 'Connexion', 'P-16');
  });

  await walk('« Mon compte »: the sign-in address changes, and the old one can undo it', async (page, context) => {
    const [old, fresh] = [account(), newcomer()];
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, old);
    await page.goto(`${issuer}/compte/courriel-connexion`);
    const proof = await mailAfter(fresh, CODE, async () => {
      await page.locator('input[type=email]:not([readonly])').fill(fresh);
      await page.locator('main form button').first().click();
    });
    const notice = await mailAfter(old, 'e-mail de connexion va changer', async () => {
      await page.locator('[name=code]').fill(proof.code);
      await submit(page, 'Valider');
    });
    await page.goto(`${issuer}/compte`);
    includes(await body(page), fresh, 'P-06');
    const undo = /https?:\/\/\S+/.exec(notice.text.split('\n').find((line) => line.includes('/compte/')) ?? '')?.[0];
    if (!undo) throw new Error(`no link in ${notice.text}`);
    await context.clearCookies();
    await page.goto(undo);
    await page.locator('main form button').first().click();
    await knock(page, dossier);
    await byPassword(page, old);
    await inside(page, dossier, old);
  });

  await walk('a manager lends a card, confirms it, and takes it back', async (page, context) => {
    const [manager, holder] = pair();
    const cards = `${issuer}/etablissements/73282932000074/cartes`;
    const choose = async (tab, serial) => {
      const person = await tab.locator('[name=personne] option', { hasText: holder }).getAttribute('value');
      await tab.locator('[name=personne]').selectOption(person);
      await tab.locator('[name=numero_serie]').fill(serial);
      await submit(tab, 'Continuer');
    };
    await page.goto(`${issuer}/connexion`);
    await byPassword(page, manager);
    await page.goto(`${issuer}/etablissements`);
    await follow(page, 'Mon établissement –');
    await follow(page, 'Cartes');
    await follow(page, 'Lier une carte');
    const late = await context.newPage();
    await late.goto(`${cards}/lier`);
    await choose(page, ' demo 0002 ');
    includes(await body(page), 'Étape 2 sur 2', 'G-12');
    await choose(late, 'DEMO0002');
    includes(await body(late), 'Cette carte est déjà liée', 'the second tab');
    await page.reload();
    await page.locator('[name=code]').fill(await press('DEMO0002', true));
    await submit(page, 'Valider le code');
    includes(await body(page), 'niveau de la batterie', 'BAT99');
    await page.locator('[name=code]').fill(await press('DEMO0002'));
    await submit(page, 'Valider le code');
    includes(await body(page), 'La carte DEMO0002 est validée', 'G-10');
    // The step that is done: nothing is left to do there.
    await page.goto(`${cards}/lier/valider?carte=DEMO0002`);
    await page.locator('[name=code]').fill('000000');
    await submit(page, 'Valider le code');
    equal(page.url(), cards, 'G-12 again');
    await page.goto(`${cards}/DEMO0002/delier`);
    includes(await body(page), 'seul moyen de connexion renforcé', 'G-13');
    await page.getByLabel('Erreur', { exact: true }).check();
    await submit(page, 'Délier la carte');
    includes(await body(page), 'La carte DEMO0002 est déliée', 'G-10');
  });

  await walk('an unknown page, an unknown service, a wrong return address', async (page) => {
    const missing = await page.goto(`${issuer}/nulle-part`);
    equal(missing.status(), 404, 'status');
    includes(await body(page), 'Référence', 'X-01');
    await request(page, { client_id: 'inconnu' });
    includes(await body(page), 'A101', 'X-01');
    await request(page, { redirect_uri: 'https://parcours.example/autre' });
    includes(await body(page), 'A102', 'X-01');
    equal(new URL(page.url()).origin, new URL(issuer).origin, 'never redirected');
  });
}

await finish();
