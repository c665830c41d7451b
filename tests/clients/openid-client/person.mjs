// A person with a browser, scripted: follows redirections, keeps cookies, fills in the forms found on the pages.
//
// It reads pages as they are (names of fields, addresses of forms and links), so it breaks when they change.
// Loopback only: an address elsewhere is where the service's own pages would begin, and ends the walk.
import { exchange } from '../../support/loopback.mjs';

export class Person {
  /** @param demo where the demonstration's parties are; @param email who signs in; @param password if she has one */
  constructor(demo, { email, password }) {
    Object.assign(this, { demo, email, password, cookies: new Map(), seen: [], posted: undefined });
  }

  /** Signs in from `start` and answers the address at which the service would receive the result. */
  async reach(start, service) {
    let page = await this.open(start);
    for (let step = 0; step < 20; step += 1) {
      if (page.url.startsWith(service)) return new URL(page.url);
      page = await this.answer(page, service);
    }
    throw new Error(`still at ${page.url} after 20 pages: ${this.seen.join(' → ')}`);
  }

  /** Opens an address and follows redirections, until a page (or an address outside) is reached. */
  async open(url, form) {
    for (let hop = 0; hop < 20; hop += 1) {
      const { hostname, protocol } = new URL(url);
      if (protocol !== 'http:' || !/(^|\.)localhost$/.test(hostname)) {
        this.posted = form;
        return { url: String(url) };
      }
      const jar = this.cookies.get(hostname) ?? new Map();
      this.cookies.set(hostname, jar);
      const headers = { cookie: [...jar].map((pair) => pair.join('=')).join('; '), accept: 'text/html,*/*;q=0.8', 'accept-language': 'fr' };
      if (!jar.size) delete headers.cookie;
      const body = form && new URLSearchParams(form).toString();
      if (form) {
        headers['content-type'] = 'application/x-www-form-urlencoded';
        headers['content-length'] = Buffer.byteLength(body);
        headers.origin = new URL(url).origin;
      }
      const answer = await exchange(url, { method: form ? 'POST' : 'GET', headers, body });
      for (const line of answer.headers['set-cookie'] ?? []) keep(jar, line);
      this.seen.push(`${form ? 'POST ' : ''}${new URL(url).pathname} ${answer.status}`);
      const html = answer.body.toString();
      const refresh = /^\s*0\s*;\s*url=(.+)$/i.exec(answer.headers.refresh ?? '')?.[1];
      const next = answer.headers.location ?? refresh;
      if (next === undefined) return { url: String(url), status: answer.status, html };
      [url, form] = [new URL(next, url).href, undefined];
    }
    throw new Error(`too many redirections: ${this.seen.join(' → ')}`);
  }

  /** Does what the page asks: address, password or code, consent, one button. */
  async answer(page, service) {
    const forms = readForms(page.html ?? '', page.url);
    const outgoing = forms.find((f) => f.url.startsWith(service));
    if (outgoing) return this.send(outgoing);
    const form = (field) => forms.find((f) => f.fields.has(field));
    if (form('mot_de_passe')) return this.send(form('mot_de_passe'), { mot_de_passe: this.password });
    const password = this.password && readLinks(page.html, page.url).find((a) => a.includes('/connexion/mot-de-passe'));
    if (password) return this.open(password);
    if (form('code')) return this.send(form('code'), { code: await this.code() });
    if (form('courriel')) {
      this.lastMail = (await this.mails())[0]?.id ?? 0;
      return this.send(form('courriel'), { courriel: `  ${this.email.toUpperCase()} ` });
    }
    const consent = forms.find((f) => f.url.includes('/connexion/autorisation'));
    if (consent) return this.send(consent, {}, 'Autoriser');
    throw new Error(`nothing to do at ${page.url} (${page.status}): ${page.html?.slice(0, 2000)}`);
  }

  send({ url, method, fields, buttons }, values = {}, label) {
    const form = { ...Object.fromEntries(fields), ...values };
    const button = buttons.find((b) => b.label.includes(label ?? '')) ?? buttons[0];
    if (button?.name) form[button.name] = button.value;
    if (method === 'POST') return this.open(url, form);
    return this.open(`${url.split('?')[0]}?${new URLSearchParams(form)}`);
  }

  async mails(query = {}) {
    const url = `${this.demo.mail}/api/messages?${new URLSearchParams({ to: this.email, ...query })}`;
    const list = JSON.parse((await exchange(url)).body);
    return list.sort((a, b) => b.id - a.id);
  }

  /** The code that comes after the form was sent; other messages (a sign-in from a new browser…) may come too. */
  async code() {
    for (let last = this.lastMail, tries = 0; tries < 5; tries += 1) {
      const mails = await this.mails({ after: last, wait: 10 });
      const mail = mails.find(({ code }) => code);
      if (mail) {
        // That of an earlier sign-in may come late: once refused, it is not taken again.
        this.lastMail = mail.id;
        return mail.code;
      }
      last = mails[0]?.id ?? last;
    }
    throw new Error(`no code was sent to ${this.email}`);
  }
}

function keep(jar, line) {
  const [pair, ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  const gone = attributes.some((a) => /^max-age=0$/i.test(a)) || value === '';
  if (gone) jar.delete(name);
  else jar.set(name, value);
}

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decode(text) {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (all, name) => {
    if (/^#x/i.test(name)) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(parseInt(name.slice(1), 10));
    return NAMED[name] ?? all;
  });
}

function attributes(tag) {
  const pairs = tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries([...pairs].map(([, name, a, b, c]) => [name.toLowerCase(), decode(a ?? b ?? c ?? '')]));
}

/** The links of a page, as absolute addresses. */
export function readLinks(html, base) {
  return [...html.matchAll(/<a\s([^>]*)>/g)]
    .map(([, tag]) => attributes(tag).href)
    .filter((href) => href !== undefined)
    .map((href) => new URL(href, base).href);
}

/** The forms of a page: address, method, fields with their values, buttons. */
export function readForms(html, base) {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag, inside]) => {
    const form = attributes(tag);
    const fields = new Map();
    for (const [, input] of inside.matchAll(/<input\b([^>]*)>/g)) {
      const { name, type, value = '', ...rest } = attributes(input);
      if (name && (!['checkbox', 'radio'].includes(type) || 'checked' in rest)) fields.set(name, value);
    }
    const buttons = [...inside.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)]
      .map(([, button, label]) => ({ ...attributes(button), label: decode(label.replace(/<[^>]*>/g, '')).trim() }));
    return { url: new URL(form.action || base, base).href, method: (form.method ?? 'get').toUpperCase(), fields, buttons };
  });
}
