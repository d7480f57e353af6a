/** Child process of files.test.ts: prints the frames that come on stdin as JSON. */
import { readFiles } from '../../src/input/files.js';
import { Counters } from '../../src/observe/counters.js';
import { RecordingSink } from '../framing/recording-sink.js';

const sink = new RecordingSink();
await readFiles(['-'], { maxMessageBytes: 1000, sink, counters: new Counters() });
console.log(JSON.stringify(sink.texts));
