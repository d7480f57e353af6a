/** What the bench must know of another program to run the same workload through it. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { SinkSettings } from '../sink.js';

export interface PeerPorts {
  /** Where it must listen, TCP, on loopback. */
  readonly listen: number;
  /** Where it must deliver, TCP, on loopback. */
  readonly sink: number;
}

export interface PeerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Names and texts of files that it reads, to be written to its folder first. */
  readonly files: Readonly<Record<string, string>>;
}

export interface PeerMode {
  readonly peer: string;
  readonly mode: string;
  /** What it does with an event, for the report. */
  readonly what: string;
  readonly sinkMode: SinkSettings['mode'];
  /** A slow one is given so much of the events. */
  readonly eventsShare: number;
  /** @throws PeerMissing where it, or a part of it, is not there. @param root see `--peer-root` */
  command(root: string | null, folder: string, ports: PeerPorts): PeerCommand;
}

/** Asked for and not installed: told, never skipped. */
export class PeerMissing extends Error {
  override readonly name = 'PeerMissing';
}

/** Path of a program: under `root` where one is given, else in PATH and where Debian puts daemons. */
export function findProgram(name: string, root: string | null, how: string): string {
  const folders =
    root === null
      ? [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin']
      : ['usr/sbin', 'usr/bin', 'usr/local/bin', 'bin', ''].map((folder) => join(root, folder));
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  const where = root === null ? 'is not installed' : `is not under ${root}`;
  throw new PeerMissing(`${name} ${where}: ${how}`);
}

/** Folders of shared libraries, `usr/lib` and those of the architecture. */
export function libraryFolders(root: string | null): readonly string[] {
  const lib = join(root ?? '/', 'usr', 'lib');
  if (!existsSync(lib)) return [];
  const ofArchitecture = readdirSync(lib).filter((name) => name.includes('-linux-'));
  return [lib, ...ofArchitecture.map((name) => join(lib, name)), join(root ?? '/', 'usr', 'lib64')];
}
