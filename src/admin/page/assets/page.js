/**
 * The status page. What is shown comes as server-sent events, read by `fetch` since an EventSource cannot carry the
 * token. Whatever a sender may have chosen is put in as text, never as HTML.
 */
import { bytes, rateChart, sizeChart } from './charts.js';

const byId = (id) => document.getElementById(id);
const marks = { good: '✓', wait: '…', bad: '!' };
const verdicts = { good: 'All is well', wait: 'Working, not yet complete', bad: 'Needs a look' };
const maxAlerts = 500;
const tokenKey = 'stegwatch-token';
const silentMs = 10_000;

const rate = rateChart(byId('rate'));
const sizes = sizeChart(byId('sizes'));
/** The newest first. */
let alerts = [];
let baselines = [];
let direction = 'download';

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  rate.redraw();
  sizes.redraw();
});
byId('filter').addEventListener('input', showAlerts);
byId('held').addEventListener('change', showAlerts);
byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(tokenKey, byId('token').value);
  byId('token').value = '';
  void connect();
});
void connect();

/** Reads the stream until it ends, then again after a while. */
async function connect() {
  const token = sessionStorage.getItem(tokenKey);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch('events', { headers });
    byId('login').hidden = response.status !== 401;
    byId('shown').hidden = response.status === 401;
    if (response.status === 401) {
      verdict('wait', 'Locked');
      byId('denied').textContent = token === null ? '' : 'That is not the token.';
      sessionStorage.removeItem(tokenKey);
      byId('token').focus();
      return;
    }
    if (!response.ok) throw new Error(await response.text());
    alerts = [];
    await readEvents(response.body);
    throw new Error('the connection has ended');
  } catch (error) {
    verdict('bad', `Not connected: ${error.message}`);
    setTimeout(connect, 2000);
  }
}

async function readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const silence = new Promise((_resolve, reject) => {
      setTimeout(() => reject(new Error('nothing was heard')), silentMs);
    });
    const { value, done } = await Promise.race([reader.read(), silence]);
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) show(JSON.parse(event.replace(/^data: /, '')));
  }
}

function show(snapshot) {
  verdict(snapshot.mood, verdicts[snapshot.mood]);
  byId('about').textContent =
    `version ${snapshot.version}, up ${duration(snapshot.uptime_seconds)}`;
  byId('sentences').replaceChildren(...snapshot.sentences.map(sentence));
  const [, events, jpegs] = snapshot.rates.at(-1) ?? [0, '–', '–'];
  byId('rate-now').textContent = events.toLocaleString('en');
  byId('rate-jpeg').textContent = jpegs.toLocaleString('en');
  rate.show(snapshot.rates);
  baselines = snapshot.baselines;
  if (snapshot.alerts.length > 0) {
    const first = alerts.length === 0;
    const fresh = snapshot.alerts.map((alert) => ({ ...alert, fresh: !first }));
    alerts = [...fresh, ...alerts].slice(0, maxAlerts);
  }
  showDirections();
  showSizes();
  if (snapshot.alerts.length > 0 || alerts.length === 0) showAlerts();
}

function verdict(mood, words) {
  const element = byId('verdict');
  element.dataset.mood = mood;
  if (element.textContent !== words) element.textContent = words;
}

function sentence({ part, mood, text }) {
  const item = document.createElement('li');
  item.dataset.mood = mood;
  item.append(
    cell('span', 'mark', marks[mood]),
    cell('span', 'part', part),
    cell('span', 'text', text),
  );
  item.firstChild.setAttribute('aria-label', mood);
  return item;
}

function showDirections() {
  const group = byId('directions');
  group.hidden = baselines.length < 2;
  if (group.hidden || group.querySelector('button') !== null) return;
  group.append(
    ...baselines.map((baseline) => {
      const button = cell('button', '', baseline.direction);
      button.type = 'button';
      button.addEventListener('click', () => {
        direction = baseline.direction;
        showSizes();
      });
      return button;
    }),
  );
}

function showSizes() {
  const baseline = baselines.find((one) => one.direction === direction) ?? baselines[0];
  if (baseline === undefined) return;
  for (const button of byId('directions').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.textContent === baseline.direction));
  }
  const count = (value) => value.toLocaleString('en');
  const threshold = baseline.threshold_bytes;
  byId('sizes-words').textContent =
    `${count(baseline.samples)} sizes in ${count(baseline.hours)} hours; ` +
    `${threshold === null ? 'no threshold yet' : `larger than ${bytes(threshold)} is large`}; ` +
    `hosts: ${count(baseline.known_hosts)} known, ${count(baseline.pending_hosts)} new of late ` +
    `(at most ${count(baseline.max_hosts)})`;
  const today = new Date().toISOString().slice(0, 10);
  const dots = alerts
    .filter((alert) => alert.direction === baseline.direction && alert.at.startsWith(today))
    .map((alert) => ({ size: alert.bytes, held: alert.suppressed !== null }));
  sizes.show({ bins: baseline.sizes, threshold, dots });
}

function showAlerts() {
  const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const held = byId('held').checked;
  const shown = alerts.filter((alert) => {
    if (alert.suppressed !== null && !held) return false;
    const text = textOf(alert).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  byId('rows').replaceChildren(...shown.map(row));
  for (const alert of alerts) alert.fresh = false;
  byId('none').hidden = shown.length > 0;
  byId('none').textContent = alerts.length === 0 ? 'No alert yet.' : 'No alert fits the filter.';
  byId('shown-count').textContent =
    alerts.length === 0 ? '' : `${shown.length} of ${alerts.length} shown`;
}

const textOf = (alert) =>
  [
    ...[alert.level, alert.host, alert.url, alert.filename, alert.account, alert.reason],
    alert.suppressed === null ? '' : `held back ${alert.suppressed.by} ${alert.suppressed.reason}`,
  ].join(' ');

function row(alert) {
  const { suppressed } = alert;
  const line = document.createElement('tr');
  if (suppressed !== null) line.classList.add('held');
  if (alert.fresh) line.classList.add('fresh');
  const time = cell('td', 'time', alert.at.slice(11, 19));
  time.title = alert.at;
  const level = cell('td', 'level', suppressed === null ? alert.level : 'held back');
  if (suppressed === null) level.dataset.level = alert.level;
  const file = cell('td', 'file', alert.filename);
  file.title = alert.url;
  const why = suppressed === null ? alert.reason : `${suppressed.by}: ${suppressed.reason}`;
  line.append(
    ...[time, level, cell('td', 'host', alert.host === '' ? '(none)' : alert.host), file],
    ...[cell('td', 'account', alert.account), cell('td', 'size', bytes(alert.bytes))],
    cell('td', 'why', why),
  );
  return line;
}

function cell(name, className, text) {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.textContent = text;
  return element;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
