import t from 'tap';
import { nearest } from '../src/nearest.js';

t.test('the nearest name wins, case only between equals', async (t) => {
  t.equal(nearest('sproq', ['dproc', 'sproc', 'Sproc']), 'sproc');
  t.equal(nearest('Sproq', ['sproc', 'Sproc']), 'Sproc');
  t.equal(nearest('lisn', ['listen', 'spool']), 'listen');
});

t.test('two neighbours that have changed places are one slip', async (t) => {
  t.equal(nearest('tpc', ['udp', 'tcp', 'tls']), 'tcp');
  t.equal(nearest('PAHT', ['path', 'size']), 'path');
  t.equal(nearest('pt', ['tp']), '', 'half of two letters is no likeness');
  t.equal(nearest('abdc', ['acbd']), '', 'not two of them');
});

t.test('a distance of half the letters is no likeness', async (t) => {
  t.equal(nearest('abcd', ['abxy']), '');
  t.equal(nearest('abcde', ['abcxy']), 'abcxy', 'three of five');
  t.equal(nearest('x', ['i', 'in', 's']), '');
  t.equal(nearest('', ['a', 'in']), '');
  t.equal(nearest('name', []), '');
});

t.test('the beginning of a longer name is taken for it, whatever its marks', async (t) => {
  const names = ['user_agent.original.text', 'user_agent.original', 'user.name'];
  t.equal(nearest('userAgent', names), 'user_agent.original');
  t.equal(nearest('user', names), '', 'four letters may begin anything');
});

t.test('a very long name costs no more than a short one', async (t) => {
  t.equal(nearest('x'.repeat(10_000_000), ['sproc']), '');
});
