/** What a long list costs when several exclusions name it. */
import t from 'tap';
import type { ConfigProblem, MatchMap, ValuesFile } from '../../../src/config/config.js';
import { MatchCompiler } from '../../../src/detect/exclusions/compile-match.js';
import { EventValues } from '../../../src/detect/exclusions/event-values.js';
import { exclusion } from './try-exclusion.js';

function fileOf(values: readonly string[]): ValuesFile {
  return { values, lines: Uint32Array.from(values, (_, at) => at + 1) };
}

t.test('a file that several fields name alone is compiled once for equal modifiers', async (t) => {
  const problems: ConfigProblem[] = [];
  const compiler = new MatchCompiler(new EventValues(), problems);
  const one = fileOf(['a.example', 'b.example']);
  const valuesFiles = new Map([
    ['one', one],
    ['two', fileOf(['c.example'])],
  ]);
  const test = (match: MatchMap) =>
    compiler.compile(exclusion(match, { valuesFiles }), ['match'])![0]![0]!.passes;
  const first = test({ 'dhost|domain|values_file': 'one' });
  t.equal(test({ 'dhost|domain|values_file': 'one' }), first);
  t.equal(test({ 'shost | values_file | domain': ['one'] }), first, 'for another field, too');
  t.not(test({ 'dhost|values_file': 'one' }), first, 'not with other modifiers');
  t.not(test({ 'dhost|cased|values_file': 'one' }), test({ 'dhost|values_file': 'one' }));
  t.not(test({ 'dhost|domain|values_file': 'two' }), first, 'not for another file');
  t.not(test({ 'dhost|domain|values_file': ['one', 'two'] }), first, 'not if it is part of a list');
  t.strictSame(problems, []);
});

t.test('what is wrong with a file is told wherever it is named', async (t) => {
  const problems: ConfigProblem[] = [];
  const compiler = new MatchCompiler(new EventValues(), problems);
  const valuesFiles = new Map([['bad', fileOf(['10.0.0.0/99'])]]);
  for (const name of ['a', 'b']) {
    compiler.compile(exclusion({ 'src|cidr|values_file': 'bad' }, { valuesFiles }), [name]);
  }
  t.strictSame(
    problems.map(({ path }) => path[0]),
    ['a', 'b'],
  );
});
