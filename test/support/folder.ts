/** A folder of its own for a test that starts processes or opens files in it. */
import type { Test } from 'tap';

/**
 * As `t.testdir`, but removed after all that the test tears down. tap removes it first if it was made before the
 * first `t.teardown`: under the hands of a process that runs on; and if that one makes a file meanwhile, removing
 * fails, nothing is torn down, and the test waits for its processes until its time is up.
 */
export function testFolder(t: Test, content?: Parameters<Test['testdir']>[0]): string {
  t.teardown(() => {});
  return t.testdir(content);
}
