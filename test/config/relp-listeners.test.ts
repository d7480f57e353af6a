import t from 'tap';
import { describeConfig } from '../../src/config/effective.js';
import { load, problemsOf } from './loading.js';

t.test('there is no RELP listener unless the config has one', async (t) => {
  t.strictSame(load('').listen.relp, []);
  t.strictSame(load('listen: { relp: {} }').listen.relp, [
    {
      address: '::',
      port: 2514,
      maxConnections: 512,
      maxConnectionsPerAddress: 0,
      idleTimeoutMs: 0,
      frameTimeoutMs: 30_000,
    },
  ]);
  const two = load('listen: { relp: [{ port: 1 }, { port: 2, idle_timeout: 5s }] }');
  t.match(two.listen.relp, [{ port: 1 }, { port: 2, idleTimeoutMs: 5000 }]);
});

t.test('validate puts the listener in words', async (t) => {
  const words = describeConfig(load('listen: { relp: { max_connections: 3 } }'), Date.now());
  t.match(words, /relp +\[::\]:2514, at most 3 connections, .*; each message is acked once/);
  const relpOnly = load('listen: { udp: false, tcp: false, relp: {} }');
  t.notMatch(relpOnly.notices.join(), /takes nothing in/);
});

t.test('a port taken by TCP is a mistake, as is a key of another listener', async (t) => {
  t.match(problemsOf('listen: { relp: { port: 5514 } }'), [
    /listen\.relp: a tcp listener has this address and port/,
  ]);
  t.match(problemsOf('listen: { relp: { cert: a } }'), [/listen\.relp\.cert: unknown key/]);
});
