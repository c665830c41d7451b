// What the journeys and the page checks share: Chromium, the mail catcher, the count of what passed.
import { execSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { exchange } from '../support/loopback.mjs';

export const demo = JSON.parse(process.env.DEMO);
export const PASSWORD = 'quatorze parapluies au vestiaire';

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};
const captures = option('--captures');
const only = option('--only');
if (captures) mkdirSync(captures, { recursive: true });

let passed = 0;
const failures = [];

/** Counts one check; a failed one is told at once. */
export function check(ok, what) {
  if (ok) passed += 1;
  else {
    failures.push(what);
    console.log(`KO   ${what}`);
  }
  return ok;
}

/** Runs one journey; what it throws is its failure. A picture of its last page goes to --captures. */
export async function journey(name, options, walk) {
  if (only && !name.includes(only)) return;
  const context = await newContext(options);
  const page = await context.newPage();
  const csp = [];
  context.on('console', (message) => {
    if (/Content Security Policy|Trusted ?Types/i.test(message.text())) csp.push(message.text().slice(0, 200));
  });
  const started = Date.now();
  try {
    await walk(page, context);
    if (csp.length) throw new Error(`the browser complained: ${csp[0]}`);
    passed += 1;
    console.log(`ok   ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    failures.push(name);
    const last = context.pages().at(-1) ?? page;
    const heading = await last.locator('h1').first().textContent({ timeout: 500 }).catch(() => '');
    console.log(`KO   ${name}\n     at ${last.url()} « ${heading?.trim()} »\n     ${String(error.stack).split('\n').slice(0, 12).join('\n     ')}`);
    await capture(last, `ko ${name}`);
  } finally {
    await context.close();
  }
}

/** A picture of the page, when they were asked for. */
export async function capture(page, name) {
  if (!captures) return;
  const file = name.normalize('NFD').replace(/[^\w.-]+/g, '-').toLowerCase();
  await page.screenshot({ path: path.join(captures, `${file}.png`), fullPage: true, caret: 'initial' }).catch(() => {});
}

const launch = {
  executablePath: process.env.CHROMIUM ?? execSync('command -v chromium').toString().trim(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
};
let chrome;
const profiles = [];

/** A browser of its own, as far as cookies go. `cookies: 'blocked'` sets the browser so that it refuses them all. */
export async function newContext({ cookies, ...options }) {
  const all = { locale: 'fr-FR', timezoneId: 'Europe/Paris', ...options };
  chrome ??= await chromium.launch(launch);
  const context = cookies === 'blocked' ? await blocking(all) : await chrome.newContext(all);
  context.setDefaultTimeout(10_000);
  return context;
}

async function blocking(options) {
  const profile = mkdtempSync(path.join(tmpdir(), 'guichet-browser-'));
  mkdirSync(path.join(profile, 'Default'));
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(path.join(profile, 'Default', 'Preferences'), JSON.stringify(settings));
  const context = await chromium.launchPersistentContext(profile, { ...launch, ...options });
  profiles.push(profile);
  return context;
}

/** Closes with the line that counts, and the exit code. */
export async function finish() {
  await chrome?.close();
  for (const profile of profiles) rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  if (failures.length) console.log(`\nFailed:\n${failures.map((f) => `  ${f}`).join('\n')}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exit(failures.length || !passed ? 1 : 0);
}

export function equal(seen, expected, what) {
  if (seen !== expected) throw new Error(`${what}: expected ${JSON.stringify(expected)}, seen ${JSON.stringify(seen)}`);
}

export function includes(text, part, what) {
  if (!text?.includes(part)) throw new Error(`${what}: ${JSON.stringify(part)} is not in ${JSON.stringify(text?.slice(0, 600))}`);
}

async function json(url, init) {
  const { status, body } = await exchange(url, init);
  if (status >= 300) throw new Error(`${url} answered ${status}`);
  return body.length ? JSON.parse(body) : undefined;
}

// The callback of the client that run.sh declares: a native application, so any port will do (RFC 8252 §7.3).
const application = http.createServer((_, answer) => answer.end('<!doctype html><title>Application</title>')).listen(0, '127.0.0.1');
await once(application, 'listening');
export const CALLBACK = `http://127.0.0.1:${application.address().port}/cb`;

let metadata;
/** The address of an authorization request of that client. */
export async function authorization(extra = {}) {
  metadata ??= await json(`${demo.issuer}/.well-known/openid-configuration`);
  return `${metadata.authorization_endpoint}?${new URLSearchParams({
    client_id: 'parcours', redirect_uri: CALLBACK, response_type: 'code', scope: 'openid profile email phone', state: 'etat',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...extra,
  })}`;
}

/** What the client received. */
export async function answered(page) {
  await page.waitForURL(`${CALLBACK}**`);
  return Object.fromEntries(new URL(page.url()).searchParams);
}

/** The messages caught for an address, the newest first. */
export async function mails(to, query = {}) {
  const list = await json(`${demo.mail}/api/messages?${new URLSearchParams({ to, ...query })}`);
  return list.sort((a, b) => b.id - a.id);
}

/** The last message that the phone received for a number. */
export async function sms(to, query = {}) {
  const list = await json(`${demo.phone}/api/messages?${new URLSearchParams({ to, wait: 10, ...query })}`);
  if (!list.length) throw new Error(`no SMS came for ${to}`);
  return list[0];
}

/** What to wait for where a code is to come: a notice of what was done before may come late, between the two. */
export const CODE = Symbol('a message with a code');

/** Does something and answers the first message that it made arrive at `to` and is wanted: CODE, or words of its subject. */
export async function mailAfter(to, wanted, act) {
  const isWanted = ({ code, subject }) => (wanted === CODE ? code !== null : subject.includes(wanted));
  let last = (await mails(to))[0]?.id ?? 0;
  await act();
  for (let tries = 0; tries < 5; tries += 1) {
    const found = await mails(to, { after: last, wait: 10 });
    const mail = found.findLast(isWanted);
    if (mail) return mail;
    last = found[0]?.id ?? last;
  }
  throw new Error(`no message came for ${to}: ${String(wanted)}`);
}

/** Moves the demonstration's clock forward. */
export async function wait(seconds) {
  await json(`${demo.control}/clock?advance=${seconds}`, { method: 'POST' });
}

let next = 0;
/** An account that no other journey uses (declared by run.sh). */
export function account() {
  next += 1;
  return `parcours${next}@essai.example`;
}

let team = 0;
/** A manager of the establishment that lends the demonstration's cards, and somebody there without a card (declared by run.sh). */
export function pair() {
  team += 1;
  return [`gestion${team}@essai.example`, `titulaire${team}@essai.example`];
}

/** Presses the button of a card; answers what it shows. */
export async function press(serial, long = false) {
  const pressed = await json(`${demo.card}/api/cards/${serial}/press${long ? '?long=1' : ''}`, { method: 'POST' });
  return pressed.display;
}

let unknown = 0;
/** An address that has no account yet. */
export function newcomer() {
  unknown += 1;
  return `nouveau${unknown}.${process.pid}@essai.example`;
}

// Steps that several journeys share, in the words of the pages.

export const submit = (page, name) => page.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
export const follow = (page, name) => page.getByRole('link', { name }).first().click();
/** The words of the page, once it is whole. */
export async function body(page) {
  await page.waitForLoadState('domcontentloaded');
  return (await page.locator('body').innerText()).replace(/[\u00a0\u202f]/g, ' ');
}
export const heading = async (page) => (await page.locator('h1').first().textContent()).trim();

/** From a service's home page to S-02. */
export async function knock(page, service) {
  await page.goto(service);
  await page.locator('#login').click();
  equal(await heading(page), 'Connexion', 'S-02');
}

/** S-02 and C-01: gives an address; answers the message it made arrive. */
export function identify(page, email, { typed = email, wanted = CODE } = {}) {
  return mailAfter(email, wanted, async () => {
    await page.locator('[name=courriel]').fill(typed);
    await submit(page, 'Continuer');
  });
}

/** S-02 and S-03: signs in with the code received by e-mail. */
export async function byCode(page, email) {
  const mail = await identify(page, email);
  await page.locator('[name=code]').fill(mail.code);
  await submit(page, 'Valider');
}

/** S-02 and S-04: signs in with a password. */
export async function byPassword(page, email, password = PASSWORD) {
  await identify(page, email);
  await follow(page, 'Se connecter avec mon mot de passe');
  await page.locator('[name=mot_de_passe]').fill(password);
  await submit(page, 'Se connecter');
}

/** The page of a service where the person is signed in. */
export async function inside(page, service, email) {
  await page.waitForURL((url) => url.href.startsWith(service));
  await page.locator('#id-token').waitFor();
  if (email) includes(await page.locator('#userinfo').textContent(), email, 'userinfo');
}
