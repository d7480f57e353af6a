/**
 * The status page. What is shown comes as server-sent events, read by `fetch` since an EventSource cannot carry the
 * token. Whatever a sender may have chosen is put in as text, never as HTML.
 */
import { showAlerts, takeAlerts, todays } from './alerts.js';
import { bytes, rateChart, sizeChart } from './charts.js';
import { byId, count, element, setText } from './text.js';

const marks = { good: '✓', wait: '…', bad: '!' };
const moods = { good: 'well', wait: 'not yet', bad: 'needs a look' };
const verdicts = { good: 'All is well', wait: 'Working, not yet complete', bad: 'Needs a look' };
const tokenKey = 'stegwatch-token';
/** Five events are missing then. */
const silentMs = 10_000;
const againMs = 2000;

const rate = rateChart(byId('rate'));
const sizes = sizeChart(byId('sizes'));
let baselines = [];
let direction = 'download';
let shownSentences = '';

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  rate.redraw();
  sizes.redraw();
});
byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(tokenKey, byId('token').value.trim());
  byId('token').value = '';
  void connect();
});
void connect();

/** Reads the stream until it ends, then again after a while. */
async function connect() {
  const token = sessionStorage.getItem(tokenKey);
  const abort = new AbortController();
  try {
    const response = await fetch('events', {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    const locked = response.status === 401;
    byId('login').hidden = !locked;
    byId('shown').hidden = locked;
    // A link carries no token.
    byId('more').hidden = locked || token !== null;
    if (locked) {
      sessionStorage.removeItem(tokenKey);
      verdict('wait', 'Locked');
      setText(byId('denied'), token === null ? '' : 'That is not the token.');
      byId('token').focus();
      return;
    }
    if (!response.ok) throw new Error(await response.text());
    takeAlerts([], true);
    await readEvents(response.body, abort);
    throw new Error('the connection has ended');
  } catch (error) {
    abort.abort();
    byId('shown').classList.add('stale');
    verdict('bad', `Not connected: ${error.message.trim()}`);
    setTimeout(connect, againMs);
  }
}

async function readEvents(body, abort) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const silence = setTimeout(() => abort.abort(new Error('nothing was heard')), silentMs);
    const { value, done } = await reader.read();
    clearTimeout(silence);
    if (done) return;
    text += value;
    if (!text.includes('\n\n')) continue;
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) show(JSON.parse(event.replace(/^data: /, '')));
  }
}

function show(snapshot) {
  byId('shown').classList.remove('stale');
  verdict(snapshot.mood, verdicts[snapshot.mood]);
  setText(byId('about'), `version ${snapshot.version}, up ${duration(snapshot.uptime_seconds)}`);
  showSentences(snapshot.sentences);
  showRates(snapshot);
  baselines = snapshot.baselines;
  showDirections();
  if (takeAlerts(snapshot.alerts)) showAlerts();
  showBaseline();
}

function verdict(mood, words) {
  byId('verdict').dataset.mood = mood;
  setText(byId('verdict'), words);
  document.title = mood === 'bad' ? `! ${words} – stegwatch` : 'stegwatch';
}

/** What has not changed stays, so that it can be selected and is not read out again. */
function showSentences(sentences) {
  const now = JSON.stringify(sentences);
  if (now === shownSentences) return;
  shownSentences = now;
  const list = byId('sentences');
  while (list.childElementCount > sentences.length) list.lastElementChild.remove();
  for (const [i, { part, mood, text }] of sentences.entries()) {
    const item = list.children[i] ?? list.appendChild(sentenceItem());
    const [mark, moodWords, partElement, textElement] = item.children;
    item.dataset.mood = mood;
    setText(mark, marks[mood]);
    setText(moodWords, `${moods[mood]}: `);
    setText(partElement, part);
    setText(textElement, text);
  }
}

function sentenceItem() {
  const item = element('li', '', '');
  const mark = element('span', 'mark', '');
  mark.setAttribute('aria-hidden', 'true');
  item.append(mark, element('span', 'unseen', ''));
  item.append(element('span', 'part', ''), element('span', 'text', ''));
  return item;
}

function showRates({ at, rates }) {
  const [, events, jpegs] = rates.at(-1) ?? [0, 0, 0];
  const most = Math.max(0, ...rates.map((one) => one[1]));
  const words = `${count(events)} now, ${count(jpegs)} of them JPEGs; at most ${count(most)}`;
  setText(byId('rate-words'), rates.length === 0 ? 'A moment, please.' : words);
  rate.show(Date.parse(at), rates);
}

function showDirections() {
  const group = byId('directions');
  group.hidden = baselines.length < 2;
  if (group.hidden || group.querySelector('button') !== null) return;
  for (const baseline of baselines) {
    const button = element('button', '', baseline.direction);
    button.type = 'button';
    button.addEventListener('click', () => {
      direction = baseline.direction;
      showBaseline();
    });
    group.append(button);
  }
}

function showBaseline() {
  const baseline = baselines.find((one) => one.direction === direction) ?? baselines[0];
  if (baseline === undefined) return;
  for (const button of byId('directions').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.textContent === baseline.direction));
  }
  const threshold = baseline.threshold_bytes;
  const { dots, more } = todays(baseline.direction);
  const raised = dots.filter(({ held }) => !held).length;
  setText(
    byId('sizes-words'),
    `${count(baseline.samples)} sizes in ${count(baseline.hours)} hours; ` +
      `${threshold === null ? 'no threshold yet' : `larger than ${bytes(threshold)} is large`}; ` +
      `today ${more ? 'more than ' : ''}${count(raised)} raised, ${count(dots.length - raised)} held back`,
  );
  sizes.show({ bins: baseline.sizes, threshold, dots });
  showHosts(baseline);
}

function showHosts({ known_hosts, pending_hosts, new_hosts, max_hosts }) {
  const facts = [
    ['known', known_hosts, 'seen within the lookback: no new source'],
    ['pending', pending_hosts, 'seen, but not for long enough yet: still a new source'],
    ['new', new_hosts, 'of these, seen for the first time in this hour'],
    ['room for', max_hosts, 'known and pending ones together'],
  ];
  const list = byId('hosts');
  if (list.childElementCount === 0) {
    for (const [name, , words] of facts) {
      const group = element('div', '', '');
      group.append(element('dt', '', name), element('dd', 'number', ''));
      group.append(element('dd', 'words', words));
      list.append(group);
    }
  }
  for (const [i, [, number]] of facts.entries()) {
    setText(list.children[i].querySelector('.number'), count(number));
  }
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
