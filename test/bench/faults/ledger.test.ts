/** The ledger of the fault suite, and what it takes for an event, a piece of one, or neither. */
import t from 'tap';
import { classify } from '../../../bench/faults/classify.js';
import { expectedOf, idOf, lineOf, type RunIdentity } from '../../../bench/faults/events.js';
import { Ledger } from '../../../bench/faults/ledger.js';
import { planOf } from '../../../bench/faults/plan.js';

const run: RunIdentity = { seed: 7, startMs: Date.UTC(2026, 10, 24, 12) };

/** As Fluentd would have it: the extension's last value goes to the end of the line. */
function recordOf(line: string): Record<string, unknown> {
  const extension = line.slice(line.indexOf('externalId='));
  const keys = [...extension.matchAll(/(?:^| )(\w+)=/g)];
  const fields = keys.map(({ index, 0: text, 1: key }, i) => {
    const value = extension.slice(index + text.length, keys[i + 1]?.index);
    if (key === 'in' && !/^\d+$/.test(value)) return ['invalid', { in: value }] as const;
    return [key!, key === 'in' ? Number(value) : value] as const;
  });
  return { device_vendor: 'Zscaler', ...Object.fromEntries(fields) };
}

function numberOfKind(kind: string): number {
  for (let number = 1; ; number++) if (expectedOf(run, number).kind === kind) return number;
}

t.test('a whole event is one, and an alert only where one must be', async (t) => {
  const plain = numberOfKind('plain');
  const alert = numberOfKind('alert');
  t.equal(classify(run, recordOf(lineOf(run, plain))), `w ${plain}`);
  t.equal(classify(run, { ...recordOf(lineOf(run, alert)), alert: {} }), `a ${alert}`);
  t.match(classify(run, recordOf(lineOf(run, alert))), /^m alert of/);
  t.match(classify(run, { ...recordOf(lineOf(run, plain)), alert: {} }), /^m alert of/);
});

t.test('every piece of a line is a piece, none is an event', async (t) => {
  const number = numberOfKind('jpeg');
  const line = lineOf(run, number);
  for (let end = line.indexOf('externalId=') + 11; end < line.length; end++) {
    const how = classify(run, recordOf(line.slice(0, end)));
    t.ok(how === 'f' || how === `p ${number}`, `${end}: ${how}`);
  }
});

t.test('what is altered in any compared field is mangled', async (t) => {
  const number = numberOfKind('jpeg');
  const record = recordOf(lineOf(run, number));
  for (const key of ['dhost', 'in', 'request', 'fileType', 'requestClientApplication']) {
    t.match(classify(run, { ...record, [key]: 'other' }), new RegExp(`^m ${key} of`), key);
  }
  t.match(classify(run, { externalId: 'e123' }), /^f/);
  t.match(classify(run, { externalId: 'other' }), /^m no event/);
});

t.test('what was taken in must be somewhere', async (t) => {
  const ledger = new Ledger(100);
  ledger.wasSent({ from: 0, count: 10 }, false);
  ledger.wasTakenIn({ from: 0, count: 6 });
  for (const line of ['w 0', 'a 1', 'w 2', 'w 2 r', 'w 7']) ledger.wasDelivered(line);
  ledger.wasSetAside(3);
  ledger.wasDamaged(4);
  t.equal(ledger.outstanding, 1);
  t.strictSame(ledger.lostNumbers(), [5]);
  t.strictSame(ledger.totals(), {
    sent: 10,
    udp: 0,
    takenIn: 6,
    delivered: 4,
    deliveredTwice: 1,
    lost: 1,
    setAside: 1,
    damaged: 1,
    maybeDelivered: 1,
    maybeNot: 3,
  });
  ledger.mayRepeat = 1;
  ledger.settle();
  t.strictSame(ledger.unexplained, []);
});

t.test('what nobody can explain is said', async (t) => {
  const ledger = new Ledger(100);
  ledger.wasSent({ from: 0, count: 10 }, false);
  ledger.wasTakenIn({ from: 0, count: 6 });
  for (const line of ['w 0', 'w 0', 'p 1', 'w 50', 'm text']) ledger.wasDelivered(line);
  ledger.settle();
  for (const [i, words] of [/taken in whole; a piece/, /nobody sent/, /never sent/].entries()) {
    t.ok(
      ledger.unexplained.some((text) => words.test(text)),
      `${i}: ${words}`,
    );
  }
  t.ok(ledger.unexplained.some((text) => /pieces came/.test(text)));
  t.ok(ledger.unexplained.some((text) => /1 repeats/.test(text)));
});

t.test('what a receiver has before the sender’s word for it waits for that word', async (t) => {
  const ledger = new Ledger(100);
  ledger.wasDelivered('w 3');
  ledger.wasSent({ from: 0, count: 5 }, false);
  ledger.wasTakenIn({ from: 0, count: 5 });
  ledger.settle();
  t.ok(ledger.isDelivered(3));
  t.equal(ledger.outstanding, 4);
  t.strictSame(ledger.unexplained, []);
});

t.test('the same seed makes the same plan, another one another', async (t) => {
  const can = { spool: true, fluentd: true, tmpfs: true, failingDisk: true };
  t.strictSame(planOf(5, 6, 30_000, can), planOf(5, 6, 30_000, can));
  t.not(JSON.stringify(planOf(5, 6, 30_000, can)), JSON.stringify(planOf(6, 6, 30_000, can)));
  t.match(idOf(12), /^e\d{10}x$/);
});
