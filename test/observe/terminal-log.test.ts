import t from 'tap';
import { terminalLine } from '../../src/observe/terminal-log.js';

const time = '2026-11-24T12:03:04.000Z';
const clock = new Date(time).toTimeString().slice(0, 8);

t.test('a line for a person: time, level, words, facts', async (t) => {
  const line = {
    level: 40,
    time,
    pid: 7,
    output: 'fluentd',
    spoolBytes: 12,
    msg: 'the spool is full',
  };
  t.equal(
    terminalLine(line, false),
    `${clock} WARN  the spool is full  output=fluentd spoolBytes=12\n`,
  );
  t.equal(
    terminalLine({ level: 30, time, pid: 7, msg: 'started' }, false),
    `${clock} INFO  started\n`,
  );
  t.match(terminalLine({ level: 50, time, msg: 'x' }, true), '\u001b[31mERROR\u001b[0m x');
});

t.test('facts with blanks are quoted, objects are JSON, long ones are cut', async (t) => {
  const facts = { why: 'no route', list: ['a', 'b'], long: 'x'.repeat(5000) };
  const text = terminalLine({ level: 30, time, msg: 'm', ...facts }, false);
  t.match(text, 'why="no route" list=["a","b"] long=xxx');
  t.ok(text.length < 2200);
});

t.test('what the sentence has, and what is 0, is not said beside it', async (t) => {
  const facts = {
    code: 'CONNECT_FAILED',
    error: 'connect refused',
    heldBack: 0,
    next: 'other:24224',
  };
  const text = terminalLine({ level: 40, time, msg: 'cannot: connect refused', ...facts }, false);
  t.equal(text, `${clock} WARN  cannot: connect refused  code=CONNECT_FAILED next=other:24224\n`);
});

t.test('what a terminal would act upon is shown, wherever it stands', async (t) => {
  const evil = '\u001b]0;owned\u0007\r\nINFO all is well\u202e';
  const text = terminalLine(
    { level: 30, time, msg: evil, [evil]: evil, o: { [evil]: evil } },
    false,
  );
  t.notMatch(text.slice(0, -1), /[\p{Cc}\p{Cf}]/u);
  t.equal(text.split('\n').length, 2, 'one line');
});
