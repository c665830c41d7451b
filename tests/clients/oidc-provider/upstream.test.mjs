// The npm package `oidc-provider` (certified OpenID Connect provider) as an upstream of the running demonstration: what it says is
// signed, and encrypted to the hub.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import Provider from 'oidc-provider';
import { exchange } from '../../support/loopback.mjs';
import { Person, readForms, readLinks } from '../openid-client/person.mjs';

const demo = JSON.parse(process.env.DEMO);
const issuer = process.env.UPSTREAM;
const HOME = `${demo.issuer}/accueil`;
const LOU = { login: 'lou', given_name: 'Lou', family_name: 'Nguyễn', email: 'lou@entreprise.example', email_verified: true };

let server;
let listener;
const keys = [];

function rotate() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = `upstream-${keys.length + 1}`;
  keys.unshift({ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' });
}

/** The provider with the keys there are: the first signs, all are published. */
async function provide() {
  const jwks = JSON.parse((await exchange(`${demo.issuer}/oauth/jwks`)).body);
  const encrypted = { alg: 'ECDH-ES', enc: 'A256GCM' };
  const provider = new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: ['a-key-for-the-tests-only'] },
    clients: [{
      client_id: 'guichet',
      client_secret: 'a-secret-for-the-tests-only-4',
      token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [`${demo.issuer}/connexion/retour/entreprise`],
      post_logout_redirect_uris: [`${demo.issuer}/deconnexion/retour/entreprise`],
      id_token_signed_response_alg: 'ES256',
      id_token_encrypted_response_alg: encrypted.alg,
      id_token_encrypted_response_enc: encrypted.enc,
      userinfo_signed_response_alg: 'ES256',
      userinfo_encrypted_response_alg: encrypted.alg,
      userinfo_encrypted_response_enc: encrypted.enc,
      jwks: { keys: jwks.keys.filter((key) => key.use === 'enc') },
    }],
    features: { encryption: { enabled: true }, jwtUserinfo: { enabled: true }, devInteractions: { enabled: true } },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'], userinfoSigningAlgValues: ['ES256'] },
    claims: { openid: ['sub'], profile: ['given_name', 'family_name'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...LOU, login: undefined }) }),
  });
  listener = provider.callback();
}

/** Somebody who has an account there. */
class Agent extends Person {
  answer(page, service) {
    const forms = readForms(page.html ?? '', page.url);
    if (page.url.startsWith(issuer)) {
      const form = forms.find((f) => f.url.includes('/interaction/')) ?? forms[0];
      if (form.url.includes('/session/end')) return this.send(form, { logout: 'yes' });
      if (form.fields.has('login')) {
        this.typed = (this.typed ?? 0) + 1;
        return this.send(form, { login: LOU.login, password: 'whatever' });
      }
      return this.send(form);
    }
    const button = forms.find((f) => f.url.includes('/connexion/avec'));
    return button && page.html.includes('value="entreprise"') ? this.send(button, { fournisseur: 'entreprise' }) : super.answer(page, service);
  }

  async signIn() {
    await this.reach(`${demo.issuer}/connexion`, HOME);
    return (await this.open(HOME)).html;
  }
}

before(async () => {
  rotate();
  await provide();
  server = http.createServer((request, response) => listener(request, response));
  await new Promise((resolve) => server.listen(Number(new URL(issuer).port), '127.0.0.1', resolve));
});

after(() => server.close());

test('oidc-provider vouches for a professional: everything signed, then encrypted to the hub', async () => {
  const agent = new Agent(demo, { email: LOU.email });
  assert.match(await agent.signIn(), /Lou/);
  assert.equal(agent.typed, 1);
  // The next time there is nothing to type, and no second account: nobody is asked to link anything.
  const again = new Agent(demo, { email: LOU.email });
  again.cookies = new Map(agent.cookies);
  again.cookies.delete(new URL(demo.issuer).hostname);
  assert.match(await again.signIn(), /Lou/);
  assert.equal(again.typed, undefined);
});

test('oidc-provider signs with another key: the hub reads its keys anew', async () => {
  rotate();
  await provide();
  await exchange(`${demo.control}/clock?advance=60`, { method: 'POST' });
  assert.match(await new Agent(demo, { email: LOU.email }).signIn(), /Lou/);
  // The key of before may go.
  keys.pop();
  await provide();
  assert.match(await new Agent(demo, { email: LOU.email }).signIn(), /Lou/);
});

test('signing out of the hub leads to oidc-provider, which signs out and sends back', async () => {
  const agent = new Agent(demo, { email: LOU.email });
  const home = await agent.signIn();
  const out = readForms(home, HOME).find((form) => form.url === `${demo.issuer}/deconnexion`);
  let page = await agent.send(out);
  if (page.url.startsWith(demo.issuer)) {
    const link = readLinks(page.html, page.url).find((address) => address.startsWith(`${issuer}/session/end`));
    assert.ok(link, `no way to the provider on ${page.url}`);
    page = await agent.open(link);
  }
  assert.ok(page.url.startsWith(issuer), page.url);
  page = await agent.answer(page, HOME);
  assert.ok(page.url.startsWith(`${demo.issuer}/deconnexion/retour/entreprise?`), page.url);
  assert.match(page.html, /Vous êtes déconnecté/);
  await agent.signIn();
  assert.equal(agent.typed, 2, 'the provider asks again');
});
