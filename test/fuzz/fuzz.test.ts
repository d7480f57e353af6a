/**
 * Goal: no bytes crash, hang or swell any reader of bytes that others wrote. Method: each target of
 * targets.ts on inputs mutated from valid ones. The seed is printed; SEED repeats it, FUZZ_MINUTES goes on
 * for longer.
 */
import t from 'tap';
import { mutated } from '../support/mutate.js';
import { randomFrom } from '../support/traffic.js';
import { fuzz } from './fuzz.js';
import { targets } from './targets.js';
import { watch } from './watchdog.js';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
const minutes = Number(process.env.FUZZ_MINUTES ?? 0);
t.setTimeout(120_000 + minutes * 60_000);

t.test('any bytes lead to a result', async (t) => {
  t.comment(`seed ${seed}`);
  const names = Object.keys(targets);
  const progress = watch(seed, names);
  const results = await fuzz({ seed, folder: t.testdir(), minutes, progress });
  for (const { target, inputs, failure } of results) {
    t.equal(failure, null, `${target}: ${inputs} inputs, seed ${seed}`);
    t.ok(inputs > 0, target);
  }
});

t.test('a seed and a number say everything about an input', async (t) => {
  const options = { seeds: [Buffer.from('abc'), Buffer.alloc(5000)], tokens: [Buffer.from('=')] };
  const inputs = [1, 1, 2].map((n) => mutated(randomFrom(n), options).toString('latin1'));
  t.equal(inputs[0], inputs[1]);
  t.not(inputs[0], inputs[2]);
});

t.test('mutations keep to the longest length and are not all alike', async (t) => {
  const options = { seeds: [Buffer.alloc(100, 'x')], tokens: [Buffer.from('=')], maxLength: 120 };
  const seen = new Set<string>();
  for (let n = 0; n < 500; n++) {
    const input = mutated(randomFrom(n), options);
    t.ok(input.length <= 120);
    seen.add(input.toString('latin1'));
  }
  t.ok(seen.size > 300, `${seen.size} of 500`);
});
