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
