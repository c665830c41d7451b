// What every page must satisfy: RGAA 4.1.2 / WCAG 2.2 AA as far as a machine can tell, French typography, a quiet console.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { capture, check } from './support.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'RGAAv4', 'best-practice'];

/** Runs in the page: everything that can be focused, in the order of the document. */
const FOCUSABLE = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]';

/** The autocomplete token that each field must carry (WCAG 1.3.5). */
const AUTOCOMPLETE = {
  code: ['one-time-code'],
  mot_de_passe: ['current-password'],
  nouveau_mot_de_passe: ['new-password'],
  prenom: ['given-name'],
  nom: ['family-name'],
  telephone: ['tel'],
};

/** Inspects the page as it stands; `view` is how it is looked at. */
export async function inspect(page, name, view) {
  const id = `${name} [${view.label}]`;
  const picture = () => capture(page, `${name} ${view.label}`);
  if (!view.options.javaScriptEnabled) {
    check(await page.locator('main :is(form, a[href])').count() > 0, `${id}: nothing to do without JavaScript`);
    await picture();
    return;
  }
  // The dark page is the light one but for its colours.
  const dark = view.options.colorScheme === 'dark';
  if (dark) await picture();
  for (const [ok, what] of dark ? await accessible(page) : await verdicts(page, picture)) check(ok, `${id}: ${what}`);
}

/** Every check of one page: whether it holds, and what is wrong when it does not. */
async function verdicts(page, picture) {
  // The page as it came first: taking a picture leaves marks, and trying the keyboard moves the focus.
  const asItCame = await readable(page);
  await picture?.();
  return [asItCame, await accessible(page), await reachable(page), await roomy(page)].flat();
}

/** The inspection itself must be able to fail: a page with one of each fault. */
export async function planted(page) {
  await page.setContent(`<!doctype html><html lang="en"><title>Sans tiret</title><style>:focus{outline:none}</style>
    <h1>Un</h1><h1>Deux</h1><p>Vraiment ? « Oui »</p><p style="width:3000px">large</p><main><a href="/a">ici</a> <a href="/b">ici</a>
    <a href="/c" target="_blank">ailleurs</a><input name="code"><a href="/d" tabindex="-1">hors du clavier</a></main>`);
  const found = (await verdicts(page)).filter(([ok]) => !ok).map(([, what]) => what).join('\n');
  for (const fault of ['label', '2 h1', 'lang=en', 'title «', 'sideways (RGAA 10.11)', 'spaces', 'same words', 'window', 'inline style',
    'autocomplete', 'Tab reaches', 'focus not visible', 'sideways with spaced text']) {
    check(found.includes(fault), `the inspection does not see « ${fault} » in:\n${found}`);
  }
}

async function accessible(page) {
  await page.evaluate(axe); // evaluated from outside the page: its strict CSP does not stand in the way
  const found = await page.evaluate((tags) => window.axe.run(document, {
    runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } },
  }), TAGS);
  const violations = found.violations.flatMap((v) => v.nodes.map((n) => `${v.id} ${n.target}`));
  return [[found.passes.length > 10, 'axe checked next to nothing'], [!violations.length, violations.join('; ')]];
}

async function readable(page) {
  const seen = await page.evaluate((tokens) => {
    const links = new Map();
    const twice = [];
    for (const a of document.querySelectorAll('main a[href]')) {
      const text = (a.getAttribute('aria-label') ?? a.textContent).trim();
      if (links.has(text) && links.get(text) !== a.href) twice.push(text);
      links.set(text, a.href);
    }
    return {
      headings: document.querySelectorAll('h1').length,
      lang: document.documentElement.lang,
      title: document.title,
      wide: document.documentElement.scrollWidth > innerWidth,
      spaces: document.body.innerText.match(/[^\s\u00a0\u202f?!][?!]|[ \t][?!:;»]|«[^\u00a0\u202f]|'/g) ?? [],
      twice,
      windows: [...document.querySelectorAll('[target=_blank]')].filter((a) => !/nouvelle fenêtre/.test(a.title)).length,
      styled: document.querySelectorAll('[style]').length,
      tokens: Object.entries(tokens).flatMap(([field, allowed]) =>
        [...document.querySelectorAll(`input[name="${field}"]:not([type=hidden])`)]
          .filter((i) => !allowed.includes(i.autocomplete)).map((i) => `${field}: ${i.autocomplete}`)),
      bare: [...document.querySelectorAll('input[type=email]:not([autocomplete])')].length,
      nameless: document.querySelectorAll('h1').length && !document.querySelector('h1').textContent.trim(),
    };
  }, AUTOCOMPLETE);
  return [
    [seen.headings === 1 && !seen.nameless, `${seen.headings} h1`],
    [seen.lang === 'fr', `lang=${seen.lang}`],
    [seen.title.includes(' – '), `title « ${seen.title} »`],
    [!seen.wide, `scrolls sideways (RGAA 10.11)`],
    [!seen.spaces.length, `spaces or apostrophes: ${seen.spaces.slice(0, 3).join(' ')}`],
    [!seen.twice.length, `same words, different links: ${seen.twice.join(', ')} (RGAA 6.1)`],
    [!seen.windows, `opens a window unannounced (RGAA 13.2)`],
    [!seen.styled, `inline style`],
    [!seen.tokens.length && !seen.bare, `autocomplete ${seen.tokens.join(', ')} (RGAA 11.13)`],
  ];
}

/** Tab reaches everything, and what has the focus shows it. */
async function reachable(page) {
  const expected = await page.evaluate((selector) => [...document.querySelectorAll(selector)].filter((e) => {
    if (e.disabled || !e.checkVisibility()) return false;
    // One stop for a group of radio buttons: the checked one, or the first.
    if (e.type !== 'radio') return true;
    const group = [...document.querySelectorAll(`input[type=radio][name="${e.name}"]`)].filter((r) => r.form === e.form);
    return e === (group.find((r) => r.checked) ?? group[0]);
  }).length, FOCUSABLE);
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.stops = new Map();
    document.addEventListener('focusin', ({ target: e }) => {
      const style = getComputedStyle(e);
      window.stops.set(e.type === 'radio' ? `radio ${e.name}` : e,
        [style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, e.outerHTML.slice(0, 80)]);
    });
  });
  for (let n = 0; n < expected + 8; n += 1) await page.keyboard.press('Tab');
  const stops = await page.evaluate(() => [...window.stops.values()]);
  const unseen = stops.filter(([visible]) => !visible).map(([, html]) => html);
  return [
    [stops.length >= expected, `Tab reaches ${stops.length} of ${expected} (RGAA 7.3, 12.8)`],
    [!unseen.length, `focus not visible on ${unseen.join(' ')} (RGAA 10.7)`],
  ];
}

/** More space between lines, words and letters breaks nothing. */
async function roomy(page) {
  const wide = await page.evaluate(() => {
    const before = document.adoptedStyleSheets;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}');
    document.adoptedStyleSheets = [...before, sheet];
    const scrolls = document.documentElement.scrollWidth > innerWidth;
    document.adoptedStyleSheets = before;
    return scrolls;
  });
  return [[!wide, 'scrolls sideways with spaced text (RGAA 10.12)']];
}
