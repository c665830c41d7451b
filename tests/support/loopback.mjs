// HTTP with the parties of the demonstration, all on the loopback: `*.localhost` need not resolve.
import http from 'node:http';

/** One HTTP exchange with a loopback host; `*.localhost` need not resolve. Never follows a redirection. */
export function exchange(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const lookup = (_, options, done) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
    const request = http.request(url, { method, headers, lookup, agent: false, timeout: 20_000 }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({
        status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks),
      }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url}`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** The same as a `fetch`, for libraries that let their transport be replaced. */
export async function loopbackFetch(url, { method, headers, body } = {}) {
  const sent = Object.fromEntries(new Headers(headers));
  const bytes = body == null ? undefined : Buffer.from(await new Response(body).arrayBuffer());
  if (bytes) sent['content-length'] = String(bytes.length);
  const { status, headers: received, body: answer } = await exchange(String(url), { method, headers: sent, body: bytes });
  const pairs = Object.entries(received).flatMap(([name, value]) => [value].flat().map((v) => [name, v]));
  return new Response([204, 304].includes(status) ? null : answer, { status, headers: pairs });
}
