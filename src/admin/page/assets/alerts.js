/** The table of the last alerts, with its filter. */
import { bytes } from './charts.js';
import { byId, element, setText } from './text.js';

/** As many as the process keeps. */
const maxAlerts = 500;

/** The newest first. */
let alerts = [];

byId('filter').addEventListener('input', showAlerts);
byId('held').addEventListener('change', showAlerts);

/**
 * @param more the newest first
 * @param anew they are all there are
 * @returns whether there is something to show
 */
export function takeAlerts(more, anew = false) {
  if (anew) {
    alerts = more;
    return true;
  }
  const isFirst = alerts.length === 0;
  if (more.length === 0) return isFirst;
  const fresh = more.map((alert) => ({ ...alert, fresh: !isFirst }));
  alerts = [...fresh, ...alerts].slice(0, maxAlerts);
  return true;
}

/** Today's (UTC) in one direction: their sizes, and whether there were more than are kept. */
export function todays(direction) {
  const today = new Date().toISOString().slice(0, 10);
  const dots = alerts
    .filter((alert) => alert.direction === direction && alert.at.startsWith(today))
    .map(({ bytes: size, suppressed }) => ({ size, held: suppressed !== null }));
  return { dots, more: alerts[maxAlerts - 1]?.at.startsWith(today) ?? false };
}

export function showAlerts() {
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
  byId('table').hidden = shown.length === 0;
  setText(byId('none'), alerts.length === 0 ? 'No alert yet.' : 'No alert fits the filter.');
  const all = alerts.length === maxAlerts ? `the last ${maxAlerts}` : alerts.length;
  setText(byId('shown-count'), alerts.length === 0 ? '' : `${shown.length} of ${all} shown`);
}

const textOf = (alert) =>
  [
    ...[alert.level, alert.host, alert.url, alert.filename, alert.account, alert.reason],
    alert.suppressed === null ? '' : `held back: ${heldBy(alert.suppressed)}`,
  ].join(' ');

/** The reason of a repeat says by itself that it is one. */
function heldBy({ by, name, reason }) {
  if (by === 'repeat') return reason;
  return reason === '' ? `exclusion ${name}` : `exclusion ${name}: ${reason}`;
}

function row(alert) {
  const { suppressed } = alert;
  const line = document.createElement('tr');
  if (suppressed !== null) line.classList.add('held');
  if (alert.fresh) line.classList.add('fresh');
  const today = new Date().toISOString().slice(0, 10);
  const [day, time] = [alert.at.slice(0, 10), alert.at.slice(11, 19)];
  const when = element('td', 'time', day === today ? time : `${day} ${time}`);
  when.title = alert.at;
  const level = element('td', 'level', suppressed === null ? alert.level : 'held back');
  level.dataset.level = suppressed === null ? alert.level : 'none';
  const source = element('td', 'source', '');
  source.append(
    element('div', 'host', alert.host === '' ? '(no host)' : alert.host),
    element('div', 'url', alert.url === '' ? alert.filename : alert.url),
  );
  const why = element('td', 'why', '');
  if (suppressed !== null) why.append(element('div', 'by', `Held back: ${heldBy(suppressed)}`));
  why.append(element('div', 'reason', alert.reason));
  line.append(when, level, source);
  line.append(element('td', 'account', alert.account), element('td', 'size', bytes(alert.bytes)));
  line.append(why);
  return line;
}
