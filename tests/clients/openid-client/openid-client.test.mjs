// The npm package `openid-client` (certified relying party) against the running demonstration.
import './webcrypto.mjs';
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as client from 'openid-client';
import { loopbackFetch } from '../../support/loopback.mjs';
import { Person } from './person.mjs';

const demo = JSON.parse(process.env.DEMO);
const REDIRECT = 'https://openid-client.example/cb';
const GOODBYE = 'https://openid-client.example/';
const ANNE = { email: 'anne@client.example', password: 'quatorze parapluies au vestiaire' };

let config;

before(async () => {
  const secret = client.ClientSecretBasic('a-secret-for-the-tests-only-1');
  config = await client.discovery(new URL(demo.issuer), 'stranger-openid-client', undefined, secret, {
    execute: [client.allowInsecureRequests],
    [client.customFetch]: loopbackFetch,
  });
});

/** One authorization request, as the documentation of the library has it. */
async function request(extra = {}) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...extra,
  });
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

async function signIn(person, extra) {
  const { url, checks } = await request(extra);
  const callback = await person.reach(url.href, REDIRECT);
  return client.authorizationCodeGrant(config, callback, checks);
}

test('openid-client signs a person in with a code received by e-mail', async () => {
  const person = new Person(demo, { email: ANNE.email });
  const tokens = await signIn(person);
  const claims = tokens.claims();
  assert.equal(claims.iss, demo.issuer);
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(info.email, ANNE.email);
  assert.equal(info.email_verified, true);
  assert.equal(info.family_name, 'Stranger');
});

test('openid-client signs a person in with a password, then silently', async () => {
  const person = new Person(demo, ANNE);
  const first = (await signIn(person)).claims();
  const again = (await signIn(person, { prompt: 'none' })).claims();
  assert.equal(again.sub, first.sub);
  assert.equal(again.auth_time, first.auth_time);
});

test('openid-client receives the answer by form_post', async () => {
  const person = new Person(demo, ANNE);
  const { url, checks } = await request({ response_mode: 'form_post' });
  await person.reach(url.href, REDIRECT);
  assert.equal(person.posted.iss, demo.issuer);
  const callback = new Request(REDIRECT, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(person.posted).toString(),
  });
  assert.ok((await client.authorizationCodeGrant(config, callback, checks)).claims().sub);
});

test('openid-client refreshes: a new token each time, the old one refused', async () => {
  const tokens = await signIn(new Person(demo, ANNE));
  const sub = tokens.claims().sub;
  const next = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(next.access_token, tokens.access_token);
  assert.ok(next.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.equal((await client.fetchUserInfo(config, next.access_token, sub)).sub, sub);
  await client.refreshTokenGrant(config, next.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, 'unknown'), { error: 'invalid_grant' });
});

test('openid-client revokes, and sees by introspection that the token is dead', async () => {
  const tokens = await signIn(new Person(demo, ANNE));
  assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true);
  await client.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  assert.equal((await client.tokenIntrospection(config, tokens.refresh_token)).active, false);
});

test('openid-client signs out: the session is over and the person comes back', async () => {
  const person = new Person(demo, ANNE);
  const tokens = await signIn(person);
  const out = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: GOODBYE, id_token_hint: tokens.id_token, state: 'farewell',
  });
  const landed = await person.reach(out.href, GOODBYE);
  assert.equal(landed.searchParams.get('state'), 'farewell');
  const { url, checks } = await request({ prompt: 'none' });
  const callback = await person.reach(url.href, REDIRECT);
  await assert.rejects(client.authorizationCodeGrant(config, callback, checks), { error: 'login_required' });
});

test('openid-client is refused client_credentials, which it did not register', async () => {
  await assert.rejects(client.clientCredentialsGrant(config), { error: 'unauthorized_client' });
});
