import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { compareSwitch } from './evaluation/compare.js';
import { type FigureName, figures, spreadOf, spreadText } from './evaluation/figures.js';
import { floorsOf } from './evaluation/floors.js';
import { otherEstates, runSeed, type SeedResult, seeds } from './evaluation/runs.js';
import * as s from './evaluation/settings.js';

if (!isMainThread) {
  parentPort!.postMessage(runSeed(workerData));
} else {
  const t0 = Date.now();
  const results = await Promise.all(
    seeds.map(
      (seed) =>
        new Promise<SeedResult>((done, fail) => {
          new Worker(new URL(import.meta.url), { workerData: seed })
            .on('message', done)
            .on('error', fail);
        }),
    ),
  );
  console.log(
    Date.now() - t0,
    results.map((r) => [r.events, r.large]),
  );
  const of = (x: s.Setting) => results.map((r) => r.outcomes.get(s.textOf(x))!);
  const show = (name: string, os: any) =>
    console.log(
      name.padEnd(60),
      (Object.keys(figures) as FigureName[])
        .map((f) => f + ' ' + spreadText(f, spreadOf(f, os)))
        .join(' | '),
    );
  for (const x of Object.values(s.compared)) show(x.name, of(x));
  for (const [t, l] of Object.entries(s.ladders)) {
    console.log('##', t);
    for (const x of l) show(x.name, of(x));
  }
  console.log('## switches');
  for (const k of s.presetKeys)
    for (const [on, off] of [
      [s.recommended, s.recommendedWithout(k)],
      [s.sentinelWith(k), s.sentinel],
    ] as const) {
      const c = compareSwitch(of(on), of(off));
      console.log(
        k.padEnd(20),
        c.verdict.padEnd(14),
        c.changes.map((x) => `${x.figure} ${x.difference.toFixed(2)} ${x.verdict}`).join(', '),
      );
    }
  console.log('## poisoned');
  for (const x of [s.sentinel, s.recommended, s.withExclusions]) {
    const os = results.map((r) => r.poisoned.get(s.textOf(x))!);
    show(x.name, os);
    console.log(
      os.map((o) =>
        o.fates
          .filter((f) => /poison/.test(f.kind))
          .map((f) => f.kind + ' ' + f.alerted + ' ' + f.suppressed)
          .join(', '),
      ),
    );
  }
  for (const n of results[0]!.elsewhere.keys())
    for (const x of otherEstates[n]!.settings)
      show(
        n + ' ' + x.name,
        results.map((r) => r.elsewhere.get(n)!.get(s.textOf(x))!),
      );
  console.log(floorsOf(of(s.recommended), of(s.sentinel)));
  const kinds = new Map<string, string>();
  for (const k of new Set(
    results.flatMap((r) => [...r.outcomes.values()].flatMap((o) => o.fates.map((f) => f.kind))),
  ))
    console.log(
      k.padEnd(28),
      Object.entries(s.compared)
        .map(
          ([n, x]) =>
            n + ' ' + of(x).flatMap((o) => o.fates.filter((f) => f.kind === k && f.alerted)).length,
        )
        .join(' | '),
    );
}
