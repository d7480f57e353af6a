/**
 * Does what a Dockerfile says in a folder, and runs programs in it as a container would: the folder as root, read-only
 * but for the volume, as the Dockerfile's user. Needs root and mount namespaces, nothing of Docker. What the base
 * image would bring, Node and a shell, is this machine's, mounted read-only.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Test } from 'tap';
import { Dockerfile, type Instruction } from './dockerfile.js';
import { installedPackages, offlineNpm, withoutTap } from './npm.js';
import { cliPath } from './stegwatch.js';

const repository = join(dirname(cliPath), '..');

/** Mounts of a process of its own, so that nothing is left behind. $1 is the root, $2 the volume or nothing. */
const mounts = `set -e
${withoutTap}
mount --make-rprivate /
for name in bin sbin lib lib64 usr; do
  if [ -L /$name ]; then [ -L "$1/$name" ] || cp -P /$name "$1/"
  elif [ -d /$name ]; then mkdir -p "$1/$name"; mount --bind /$name "$1/$name"; fi
done
mkdir -p "$1/proc" "$1/dev" "$1/node"
mount --rbind /proc "$1/proc"
mount --rbind /dev "$1/dev"
: >> "$1/node/node"
mount --bind "$NODE" "$1/node/node"
export PATH="/node:$PATH"
if [ -n "$2" ]; then
  mount --bind "$1" "$1.seen"
  for name in usr proc dev node/node bin sbin lib lib64; do
    [ -L "$1/$name" ] || [ ! -e "$1/$name" ] || mount --rbind "$1/$name" "$1.seen/$name"
  done
  mount --bind "$1$2" "$1.seen$2"
  mount -o remount,bind,ro "$1.seen"
  set -- "$1.seen" "$2" "$3" "$4" "$5"
fi
exec chroot --userspec="$3" --groups= "$1" env -C "$4" sh -c "$5"`;

export class Image {
  readonly dockerfile: Dockerfile;
  /** Its root in the file system of this machine. */
  readonly root: string;
  readonly #folder: string;

  private constructor(dockerfile: Dockerfile, folder: string) {
    this.dockerfile = dockerfile;
    this.#folder = folder;
    this.root = join(folder, 'root');
  }

  /** Whether this process may mount. */
  static get possible(): boolean {
    try {
      execFileSync('unshare', ['-m', 'mount', '--make-rprivate', '/'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  /** Does all steps, `npm ci` apart: that is a copy of what it has installed here. */
  static build(t: Test, path: string): Image {
    const folder = mkdtempSync(join(tmpdir(), 'stegwatch-image-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o755);
    const image = new Image(new Dockerfile(path), folder);
    const [build, last] = image.dockerfile.stages;
    mkdirSync(image.root);
    mkdirSync(`${image.root}.seen`);
    image.#stage(build!, join(folder, 'build'));
    image.#stage(last!, image.root);
    return image;
  }

  /** A process in it, in its working directory, as its user unless another is named. */
  run(words: readonly string[], user = this.dockerfile.one('USER')): ChildProcess {
    const { workingDirectory } = this.dockerfile;
    return this.#enter(words.map(quoted).join(' '), {
      user,
      directory: workingDirectory,
      volume: this.dockerfile.one('VOLUME'),
    });
  }

  #enter(
    command: string,
    { user, directory, volume }: { user: string; directory: string; volume: string },
  ): ChildProcess {
    const args = [
      '-m',
      'sh',
      '-c',
      mounts,
      'sh',
      this.root,
      volume,
      user,
      directory,
      `exec ${command}`,
    ];
    const env = {
      PATH: process.env.PATH,
      NODE: realpathSync(process.execPath),
      NODE_ENV: 'production',
    };
    return spawn('unshare', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #stage(instructions: readonly Instruction[], root: string): void {
    let directory = '/';
    for (const { name, args } of instructions) {
      if (name === 'WORKDIR') directory = args;
      const here = join(root, directory);
      mkdirSync(here, { recursive: true });
      if (name === 'COPY') this.#copy(args, root, directory);
      if (name !== 'RUN') continue;
      if (args.startsWith('npm ci')) installedPackages(join(here, 'node_modules'));
      else if (args.startsWith('npm ')) offlineNpm(args, here);
      // Absolute paths: those of the image.
      else execFileSync('sh', ['-c', args.replaceAll(' /', ` ${root}/`)], { cwd: here });
    }
  }

  #copy(args: string, root: string, directory: string): void {
    const words = args.split(' ');
    const from = words[0] === '--from=build' ? join(this.#folder, 'build') : repository;
    const [to, ...sources] = words.filter((word) => !word.startsWith('--')).reverse();
    const target = join(root, resolve(directory, to!));
    for (const source of sources) {
      const into = to!.endsWith('/') ? join(target, source.split('/').at(-1)!) : target;
      cpSync(join(from, source), into, { recursive: true, verbatimSymlinks: true });
    }
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
