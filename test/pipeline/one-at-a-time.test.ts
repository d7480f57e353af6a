import t from 'tap';
import { OneAtATime } from '../../src/pipeline/one-at-a-time.js';

t.test(
  'tasks run in their order, never two at a time, and how long one takes is known',
  async (t) => {
    let now = 1000;
    const tasks = new OneAtATime(() => now);
    const log: string[] = [];
    let end = (): void => {};
    const first = tasks.run(async () => {
      log.push('first begins');
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      log.push('first ends');
    });
    const second = tasks.run(async () => {
      log.push('second');
    });
    t.equal(tasks.busyMs, 0, 'it has not begun');
    await Promise.resolve();
    now += 300_000;
    t.equal(tasks.busyMs, 300_000);
    const idle = tasks.idle.then(() => log.push('idle'));
    end();
    await Promise.all([first, second, idle]);
    t.strictSame(log, ['first begins', 'first ends', 'second', 'idle']);
    t.equal(tasks.busyMs, 0);
  },
);
