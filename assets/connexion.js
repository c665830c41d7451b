// What scripts add to the pages; every page works without them. Texts come from data attributes, nodes are built
// with textContent: no HTML is ever made from a string.

const all = (selector) => document.querySelectorAll(selector);

function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

// Errors: the focus goes to the summary, and its links to the fields.
document.getElementById('erreurs')?.focus();

// Passwords: a toggle beside the field. Sending always hides the value again, so that browsers offer to keep it.
for (const input of all('input[data-show]')) {
  const button = element('button', { type: 'button', className: 'toggle' },
    input.dataset.show,
    element('span', { className: 'sr' }, ' ' + input.dataset.showWhat));
  button.setAttribute('aria-pressed', 'false');
  button.setAttribute('aria-controls', input.id);
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(visible));
  };
  button.addEventListener('click', () => show(input.type === 'password'));
  input.form?.addEventListener('submit', () => show(false));
  const box = element('div', { className: 'with-toggle' });
  input.replaceWith(box);
  box.append(input, button);
  if (input.autofocus && !document.getElementById('erreurs')) input.focus();
}

// Another code: the button counts down. It stays focusable, and only the end is announced.
for (const button of all('button[data-wait]')) {
  const label = button.textContent;
  const status = button.form.querySelector('[role=status]');
  const end = Date.now() + Number(button.dataset.wait) * 1000;
  button.form.querySelector('[data-later]')?.remove();
  button.setAttribute('aria-disabled', 'true');
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      button.textContent = button.dataset.waiting.replace('%s', left);
      return;
    }
    clearInterval(timer);
    button.textContent = label;
    button.removeAttribute('aria-disabled');
    status.textContent = button.dataset.ready;
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// A form is sent once. Buttons are never disabled, and coming back with the browser's button frees the form.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.submitter?.getAttribute('aria-disabled') === 'true' || form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '1';
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The reference of an error, copied in one gesture.
for (const value of navigator.clipboard ? all('[data-copy]') : []) {
  const button = element('button', { type: 'button', className: 'plain' }, value.dataset.copy);
  const status = element('span', { className: 'hint' });
  status.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(value.textContent);
    status.textContent = value.dataset.copied;
  });
  value.after(' ', button, ' ', status);
}

// C-04: the password field shows when a password is chosen.
for (const box of all('.revealed')) {
  const radios = box.closest('fieldset').querySelectorAll('input[type=radio]');
  const update = () => {
    box.hidden = ![...radios].some((radio) => radio.checked && radio.value === 'mot_de_passe');
  };
  radios.forEach((radio) => radio.addEventListener('change', update));
  update();
}

// P-12: print, where scripts run.
for (const button of all('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
// Passkeys: options come as JSON, the answer leaves in a hidden form, as an ordinary navigation.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const keys = window.PublicKeyCredential;
let listening;

// One is proposed after a sign-in only where the device can make it.
keys?.isUserVerifyingPlatformAuthenticatorAvailable?.().then((can) => {
  if (can) document.cookie = '__Host-cle=1;path=/;secure;samesite=lax';
});

async function ask(form) {
  const url = new URL(form.action);
  url.pathname += '/options';
  const answer = await fetch(url);
  return answer.ok && !answer.redirected ? answer.json() : location.reload();
}

async function answer(form, { publicKey, etat }, how) {
  const { user, allowCredentials = [], excludeCredentials = [] } = publicKey;
  for (const named of [user ?? {}, ...allowCredentials, ...excludeCredentials]) named.id &&= bytes(named.id);
  publicKey.challenge = bytes(publicKey.challenge);
  const key = await navigator.credentials[user ? 'create' : 'get']({ publicKey, ...how });
  const from = key.response;
  const response = { transports: from.getTransports?.() };
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    const data = from[name] ?? (user && name === 'authenticatorData' && from.getAuthenticatorData?.());
    if (data) response[name] = text(data);
  }
  form.elements.etat.value = etat;
  form.elements.reponse.value = JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  form.submit();
}

// The browser offers its keys under the address field. A challenge is good for five minutes: it is renewed before.
function listen(form, options) {
  const { signal } = listening = new AbortController();
  const renew = async () => {
    if (signal.aborted) return;
    listening.abort();
    listen(form, await ask(form));
  };
  setTimeout(renew, 240_000);
  answer(form, options, { mediation: 'conditional', signal }).catch(() => {});
}

for (const form of keys ? all('form[data-passkey]') : []) {
  const { options } = form.dataset;
  const status = form.querySelector('[role=alert]');
  const { cancelled, known, unable } = status.dataset;
  // S-02 says its journey once: it is long.
  if (options) form.action += new URL(document.querySelector('main form').action).search;
  form.hidden = false;
  form.querySelector('button').addEventListener('click', async () => {
    listening?.abort();
    status.textContent = '';
    try {
      await answer(form, await ask(form));
    } catch ({ name }) {
      // A dialogue that was closed and one that timed out are not told apart.
      status.textContent = { InvalidStateError: known, NotSupportedError: unable, ConstraintError: unable }[name] ?? cancelled;
      if (options) listen(form, await ask(form));
    }
  });
  if (options && await keys.isConditionalMediationAvailable?.()) listen(form, JSON.parse(options));
}
addEventListener('submit', () => listening?.abort());

// Keys removed here leave the browser's list.
for (const { dataset } of all('[data-keys]')) keys?.signalAllAcceptedCredentials?.(JSON.parse(dataset.keys)).catch(() => {});
