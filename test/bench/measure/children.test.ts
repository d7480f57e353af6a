/** A process that dies ends the bench with its last words; one that is ended does not. */
import t, { type Test } from 'tap';
import { Children } from '../../../bench/measure/children.js';

function start(t: Test, script: string) {
  const children = new Children();
  t.teardown(() => children.killAll());
  return { children, child: children.start('it', process.execPath, { args: ['-e', script] }) };
}

t.test('what died says why', async (t) => {
  const { children } = start(t, 'console.error("no port left"); process.exit(3)');
  await t.rejects(children.death, { message: /it ended by itself \(3\).*\nno port left/ });
});

t.test('who waits for its words hears of its death', async (t) => {
  const { child } = start(t, 'console.error("no port left")');
  await t.rejects(child.says(/^(\d+)$/m, 20_000), { message: /no port left/ });
});

t.test('a program that is not there', async (t) => {
  const children = new Children();
  children.start('it', '/nowhere/it', { args: [] });
  await t.rejects(children.death, { message: /it could not be started: .*ENOENT/ });
});

t.test('what it says is heard, and an end that was wanted is none to tell of', async (t) => {
  const { children, child } = start(t, 'console.log(42); setInterval(() => {}, 1000)');
  t.equal((await child.says(/^(\d+)$/m, 20_000))[1], '42');
  await children.end(child);
  const either = await Promise.race([children.death, Promise.resolve('quiet')]);
  t.equal(either, 'quiet');
});
