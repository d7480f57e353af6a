/**
 * Six days of history for the bench, written as the program itself writes it, so that judging has a threshold
 * to compare with and hosts to look up: 144 hours, 10,000 hosts, log-normal sizes.
 */
import { loadConfig } from '../src/config/load.js';
import { Counters } from '../src/observe/counters.js';
import { makeBaselines } from '../src/pipeline/open-detection.js';
import { randomFrom } from './workload.js';

const observationsPerHour = 5_000;

export async function fillBaseline(path: string, nowMs: number, hosts = 10_000): Promise<void> {
  const config = loadConfig({ text: `baseline: { path: ${JSON.stringify(path)} }`, env: {} });
  const { detection } = config;
  const filled = makeBaselines(config, new Counters()).download!;
  const now = Math.floor(nowMs / 3_600_000);
  const random = randomFrom(1);
  await filled.open(now);
  for (let hour = now - detection.lookbackHours; hour < now - detection.holdbackHours; hour++) {
    for (let i = 0; i < observationsPerHour; i++) {
      const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const host = `www.site${Math.floor(random() * hosts)}.example`;
      filled.learn(hour, Math.round(300_000 * Math.exp(gauss)), host);
    }
  }
  await filled.upkeep(now);
  await filled.checkpoint();
}
