// Public agents in Chromium, through the simulator of ProConnect, with and without JavaScript.
//
//   proconnect.mjs [--captures FOLDER] [--only WORDS]
import { capture, demo, equal, finish, heading, includes, inside, journey, knock, submit } from './support.mjs';

const { proconnect, issuer, dossier } = demo;

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? '' : ' (without JavaScript)';
  const walk = (name, steps) => journey(name + how, { javaScriptEnabled }, steps);

  await walk('the button leads an agent to ProConnect and back to the service', async (page) => {
    await knock(page, dossier);
    await submit(page, 'S’identifier avec ProConnect');
    await page.waitForURL(`${proconnect}/**`);
    await page.locator('[name=email]').fill('alix.ferrand@ministere.example');
    await submit(page, 'Continuer');
    await page.locator('#persona-agent').click();
    await inside(page, dossier);
  });

  await walk('the domain of an address leads to ProConnect by itself', async (page) => {
    await knock(page, dossier);
    await capture(page, `pro connexion${how}`);
    await page.locator('[name=courriel]').fill('ines.dargencon@collectivite.example');
    await submit(page, 'Continuer');
    await page.waitForURL(`${proconnect}/**`);
    includes(await page.locator('main, body').first().textContent(), 'ines.dargencon@collectivite.example', 'login_hint');
    await page.locator('#persona-agent-mfa').click();
    await inside(page, dossier);
    await page.goto(`${issuer}/compte`);
    includes(await page.locator('body').textContent(), 'Inès', 'the name ProConnect gave');
    equal(await heading(page) !== '', true, 'a heading');
  });
}

await finish();
