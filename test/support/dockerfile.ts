/** Reads the Dockerfile, as far as ours goes: instructions, their continued lines, and stages. */
import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  readonly args: string;
}

export class Dockerfile {
  /** Each begins with its FROM. */
  readonly stages: readonly (readonly Instruction[])[];

  constructor(path: string) {
    const stages: Instruction[][] = [];
    const text = readFileSync(path, 'utf8')
      .replace(/^#.*\n/gm, '')
      .replace(/\\\n\s*/g, '');
    for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
      const [, name, args] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      if (name === undefined || args === undefined) throw new Error(`no instruction: ${line}`);
      if (name === 'FROM') stages.push([]);
      stages.at(-1)!.push({ name, args });
    }
    this.stages = stages;
  }

  /** Of the image: the last stage. */
  get image(): readonly Instruction[] {
    return this.stages.at(-1)!;
  }

  /** Arguments of each instruction of that name in the image. */
  all(name: string): string[] {
    return this.image.filter((one) => one.name === name).map(({ args }) => args);
  }

  /** Arguments of the one instruction of that name in the image. */
  one(name: string): string {
    const [args, ...more] = this.all(name);
    if (args === undefined || more.length > 0) throw new Error(`not one ${name}`);
    return args;
  }

  /** An instruction in its JSON form, after its flags. */
  words(name: string): string[] {
    const args = this.one(name);
    return JSON.parse(args.slice(args.indexOf('[')));
  }

  /** Where the program begins to run. */
  get workingDirectory(): string {
    return this.all('WORKDIR').at(-1)!;
  }
}
