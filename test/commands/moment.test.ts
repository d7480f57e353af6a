import t from 'tap';
import { parseMoment } from '../../src/commands/moment.js';

t.test('a moment without a zone is UTC, wherever the machine stands', async (t) => {
  const zone = process.env.TZ;
  t.teardown(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  process.env.TZ = 'America/New_York';
  const noon = Date.UTC(2026, 10, 24, 12);
  for (const text of ['2026-11-24T12:00', '2026-11-24T12:00:00.000', '2026-11-24T12:00:00Z']) {
    t.equal(parseMoment(text), noon, text);
  }
  t.equal(parseMoment('2026-11-24T14:00:00+02:00'), noon);
  t.equal(parseMoment('2026-11-24'), Date.UTC(2026, 10, 24));
});

t.test('what is no ISO moment is none', async (t) => {
  for (const text of ['', '1', '2026', 'now', 'Nov 24 2026', '2026-13-01', '2026-11-24 12:00']) {
    t.ok(Number.isNaN(parseMoment(text)), text);
  }
});
