/** A real process, killed at a random moment, again and again over the same directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { DiskFolder } from '../../src/spool/folder.js';
import { testFolder } from '../support/folder.js';
import { randomOf } from '../support/random.js';
import { appendUntilKilled, contentOf } from './appending-child.js';
import { drain, opened } from './opened-spool.js';

const kills = 20;
const seed = Number(process.env.SEED ?? 20261124);
const child = `
  const module = await import(process.argv[1]);
  await module.${appendUntilKilled.name}(process.argv[2], Number(process.argv[3]));
`;
const childUrl = new URL('appending-child.js', import.meta.url).href;
const options = { maxBytes: 64 * 1024 * 1024 };

/** What the process has said before it died. */
interface Said {
  readonly appended: number[];
  acking: number;
  acked: number;
}

/** Numbers, and in which run they were appended. */
class Known {
  readonly must = new Map<number, number>();
  /** It died while it appended or acked them. */
  readonly may = new Map<number, number>();

  learn({ appended, acked, acking }: Said, run: number): void {
    for (const seq of appended) this.must.set(seq, run);
    this.may.set(appended.at(-1)! + 1, run);
    for (const [seq, from] of this.must) {
      if (seq > acking) continue;
      this.must.delete(seq);
      this.may.set(seq, from);
    }
    for (const seq of this.may.keys()) if (seq <= acked) this.may.delete(seq);
  }

  forget(): void {
    this.must.clear();
    this.may.clear();
  }
}

t.test(`SIGKILL, ${kills} times: what was appended is there, and nothing else`, async (t) => {
  t.comment(`SEED=${seed}`);
  const random = randomOf(seed);
  const directory = testFolder(t, {});
  const known = new Known();
  let highest = 0;
  for (let run = 1; run <= kills; run++) {
    const said = await killed(directory, run, random() ** 2 * 150);
    t.ok(said.appended.length > 0, `run ${run}: ${said.appended.length} appended`);
    t.ok(said.appended[0]! > highest, 'no number is used twice');
    known.learn(said, run);
    const { spool, counters } = await opened(new DiskFolder(directory), options);
    const { events } = spool;
    t.ok(events >= known.must.size, `${events} events, ${known.must.size} were reported`);
    t.ok(events <= known.must.size + known.may.size, 'and no others');
    // Every other time it is left for the next process to add to.
    if (run % 2 === 0) {
      const wrong: number[] = [];
      const read = await drain(spool, ({ seq, entries }) => {
        const from = known.must.get(seq) ?? known.may.get(seq);
        if (from === undefined || !contentOf(from, seq).equals(entries)) wrong.push(seq);
      });
      const seqs = read.map(({ seq }) => seq);
      t.strictSame(wrong, [], 'nothing is made up');
      t.strictSame(
        [...known.must.keys()].filter((seq) => !seqs.includes(seq)),
        [],
        'none is lost',
      );
      t.ok(
        seqs.every((seq, i) => i === 0 || seq > seqs[i - 1]!),
        'in order',
      );
      known.forget();
    }
    t.equal(counters.spool_missing_events, 0);
    highest = spool.lastSeq;
    await spool.close();
  }
});

/** Lets it append for a while, then kills it. */
async function killed(directory: string, run: number, afterMs: number): Promise<Said> {
  const command = ['--input-type=module', '-e', child, childUrl, directory, String(run)];
  const process_ = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(process_, 'exit');
  const said: Said = { appended: [], acking: 0, acked: 0 };
  const lines = createInterface({ input: process_.stdout });
  const ended = once(lines, 'close');
  lines.on('line', (line) => {
    const seq = Number(line.slice(1));
    if (line[0] === '+') said.appended.push(seq);
    else if (line[0] === '-') said.acking = seq;
    else said.acked = seq;
  });
  await Promise.race([once(lines, 'line'), gone]);
  await sleep(afterMs);
  process_.kill('SIGKILL');
  const [, signal] = await gone;
  await ended;
  if (signal !== 'SIGKILL') throw new Error(`run ${run} ended by itself`);
  return said;
}
