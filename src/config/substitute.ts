/** `${NAME}` and `${NAME:-default}` in one scalar value; `$${` stands for a plain `${`. */

export interface Substituted {
  readonly text: string;
  /** Names of the variables that the text refers to. */
  readonly names: readonly string[];
  /** What is wrong, in words; '' if nothing. */
  readonly problem: string;
}

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{/g;

const misplaced =
  `a "\${" that is no \${NAME} or \${NAME:-default}; ` + `write "$\${" for the text "\${"`;

/** As in a shell, `:-default` also stands in for a variable that is empty. */
export function substitute(text: string, env: NodeJS.ProcessEnv): Substituted {
  const names: string[] = [];
  let problem = '';
  const replaced = text.replace(
    reference,
    (whole: string, name?: string, alternative?: string, fallback = '') => {
      if (whole === '$${') return '${';
      if (name === undefined) {
        problem ||= misplaced;
        return whole;
      }
      names.push(name);
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (alternative !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value === undefined) problem ||= `the environment variable ${name} is not set`;
      return value ?? '';
    },
  );
  return { text: replaced, names, problem };
}
