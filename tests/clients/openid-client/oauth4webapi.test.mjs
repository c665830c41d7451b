// The npm package `oauth4webapi` against the running demonstration: a client with a key, and one without a secret.
import './webcrypto.mjs';
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { loopbackFetch } from '../../support/loopback.mjs';
import { Person } from './person.mjs';

const demo = JSON.parse(process.env.DEMO);
const BASILE = { email: 'basile@client.example', password: 'quatorze parapluies au vestiaire' };
const options = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: loopbackFetch };
// The public half stands in clients.toml: a key for the tests only.
const KEY = {
  kty: 'EC', crv: 'P-256', kid: 'stranger-1',
  x: 'RqgTslnvY9fQjQUmtsYZbxiB6FjdLiQyQPXN8SLJvgc',
  y: 'vSd3c9ue-U07NX3uBB72akfynMT4zdIdGiebGYVtyHM',
  d: 'fAxCo51mU1UJZevAFy_avCFAQgefbrBC08ZS5yS0wB4',
};

let as;
let withKey;

before(async () => {
  const issuer = new URL(demo.issuer);
  as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  const key = await crypto.subtle.importKey('jwk', KEY, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  withKey = {
    client: { client_id: 'stranger-oauth4webapi', id_token_signed_response_alg: 'RS256' },
    auth: oauth.PrivateKeyJwt({ key, kid: KEY.kid }),
    redirect: 'https://oauth4webapi.example/cb',
  };
});

async function signIn(person, { client, auth, redirect }, extra = {}) {
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: redirect, response_type: 'code', scope: 'openid email offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', state, nonce, ...extra,
  });
  const parameters = oauth.validateAuthResponse(as, client, await person.reach(url.href, redirect.split('?')[0]), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, redirect, verifier, options);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, response, options);
  return tokens;
}

async function refresh({ client, auth }, token) {
  const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, options);
  return oauth.processRefreshTokenResponse(as, client, response);
}

test('oauth4webapi signs a person in with private_key_jwt and an RS256 id_token', async () => {
  const tokens = await signIn(new Person(demo, BASILE), withKey);
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const response = await oauth.userInfoRequest(as, withKey.client, tokens.access_token, options);
  const info = await oauth.processUserInfoResponse(as, withKey.client, sub, response);
  assert.equal(info.email, BASILE.email);
});

test('oauth4webapi refreshes with private_key_jwt', async () => {
  const tokens = await signIn(new Person(demo, BASILE), withKey);
  const next = await refresh(withKey, tokens.refresh_token);
  assert.notEqual(next.access_token, tokens.access_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
});

test('oauth4webapi signs a native application in: no secret, loopback address with a port of its own', async () => {
  const native = {
    client: { client_id: 'stranger-native' }, auth: oauth.None(), redirect: 'http://127.0.0.1:39871/cb',
  };
  const person = new Person(demo, { email: BASILE.email });
  const tokens = await signIn(person, native);
  const next = await refresh(native, tokens.refresh_token);
  assert.ok(next.access_token);
});

test('oauth4webapi signs out: prompt=none then answers login_required', async () => {
  const person = new Person(demo, BASILE);
  const tokens = await signIn(person, withKey);
  const out = new URL(as.end_session_endpoint);
  out.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://oauth4webapi.example/' });
  await person.reach(out.href, 'https://oauth4webapi.example/');
  await assert.rejects(signIn(person, withKey, { prompt: 'none' }), { error: 'login_required' });
});

test('oauth4webapi is refused with another key', async () => {
  const { privateKey } = await oauth.generateKeyPair('ES256');
  const impostor = { ...withKey, auth: oauth.PrivateKeyJwt({ key: privateKey, kid: KEY.kid }) };
  await assert.rejects(signIn(new Person(demo, BASILE), impostor), { status: 401 });
});
