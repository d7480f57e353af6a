import t from 'tap';
import { RecentAlerts } from '../../../src/admin/page/recent-alerts.js';
import { Verdict } from '../../../src/verdict.js';
import { anAlert } from '../../support/alerts.js';

const now = Date.UTC(2026, 10, 24, 10);

function raised(changes: Parameters<typeof anAlert>[0] = {}): Verdict {
  return Object.assign(new Verdict(), { alert: anAlert(changes) });
}

t.test('what was raised and what was held back, the newest first, each once', async (t) => {
  const alerts = new RecentAlerts(() => now);
  let told = 0;
  alerts.onAlert = () => told++;
  alerts.add(raised({ host: 'a.example' }));
  const heldBack = anAlert({ host: 'b.example' });
  const suppressed = { by: 'exclusion', name: 'backup', reason: 'CHG-1' } as const;
  alerts.add(Object.assign(new Verdict(), { heldBack, suppressed }));
  alerts.add(new Verdict());
  t.equal(told, 2);
  t.match(alerts.since(0), [
    { number: 2, host: 'b.example', suppressed, at: '2026-11-24T10:00:00.000Z' },
    { number: 1, host: 'a.example', suppressed: null, bytes: 2_500_000, reason: /95th/ },
  ]);
  t.match(alerts.since(1), [{ number: 2 }]);
  t.strictSame(alerts.since(alerts.count), []);
});

t.test('bounded in number and in length', async (t) => {
  const alerts = new RecentAlerts(() => now);
  for (let i = 0; i < 600; i++) alerts.add(raised({ host: `h${i}` }));
  t.equal(alerts.since(0).length, 500);
  t.match(alerts.since(0)[0], { host: 'h599', number: 600 });
  alerts.add(
    raised({ url: 'x'.repeat(60_000), filename: '\u{1F5BC}'.repeat(200), host: '\ud83d' }),
  );
  const [newest] = alerts.since(600);
  t.equal(newest!.url, `${'x'.repeat(300)}…`);
  t.equal(newest!.filename, `${'\u{1F5BC}'.repeat(150)}…`);
  t.equal(newest!.host, '\ufffd', 'half a character is none');
});
