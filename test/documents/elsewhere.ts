/**
 * Commands of the documents that test/documents/commands.test.ts does not run: by the beginning of the command, the test
 * that does (a path), or why none can.
 */
export interface Elsewhere {
  /** Beginning of its path; '' is every document. */
  readonly document: string;
  readonly begins: readonly string[];
  readonly because: string;
}

export const elsewhere: readonly Elsewhere[] = [
  {
    document: 'README.md',
    begins: ['npm ci && npm run demo'],
    because: 'test/docs.test.ts',
  },
  {
    document: 'README.md',
    begins: ['npm run build'],
    because: 'has been run, or there would be no dist/ for any test',
  },
  {
    document: 'CONTRIBUTING.md',
    begins: [
      'npm ci',
      'npm test',
      'npm run check',
      'npm run build:test',
      'node build/test/support',
    ],
    because: 'this very test was started by them, or by what they start',
  },
  {
    document: 'CONTRIBUTING.md',
    begins: ['sudo .ci/install-peers', 'STEGWATCH_REQUIRE_PEERS=1 npm test', '.ci/run'],
    because: 'needs root, and is the whole suite',
  },
  {
    document: '',
    begins: ['npm run faults'],
    because: 'test/e2e/faults.test.ts',
  },
  { document: 'CONTRIBUTING.md', begins: ['npm run fuzz'], because: 'test/fuzz/fuzz.test.ts' },
  { document: '', begins: ['npm run evaluate'], because: 'test/bench/evaluation.test.ts' },
  {
    document: '',
    begins: ['npm run bench', 'npm run backlog'],
    because: 'takes minutes, and a machine of its own',
  },
  {
    document: 'docs/performance.md',
    begins: ['mkdir peers', 'apt-get download', 'for package in', 'cd .. && npm run bench'],
    because: 'downloads packages of Debian; .ci/install-peers does the same',
  },
  {
    document: 'docs/deploy.md',
    begins: ['npm ci', 'npm pack', 'npm install ./', 'npx stegwatch'],
    because: 'test/packaging/npm.test.ts',
  },
  {
    document: 'docs/deploy.md',
    begins: ['npm install --prefix', 'useradd', 'install -', 'chown', 'mv /opt'],
    because: 'needs root',
  },
  {
    document: 'docs/deploy.md',
    begins: ['systemctl'],
    because: 'needs a systemd that runs; test/examples/systemd.test.ts reads the unit',
  },
  {
    document: 'docs/deploy.md',
    begins: ['docker'],
    because: 'needs Docker; test/packaging/image.test.ts does the steps of the Dockerfile',
  },
  { document: 'docs/deploy.md', begins: ['kubectl'], because: 'needs a cluster' },
  {
    document: 'examples/tap/README.md',
    begins: ['rsyslogd -N1 && systemctl restart rsyslog', 'logger'],
    because:
      'needs the rsyslog of the machine; test/e2e/tap.test.ts runs the files with one of its own',
  },
  {
    document: 'examples/prometheus/README.md',
    begins: ['promtool'],
    because: 'test/examples/prometheus.test.ts',
  },
  {
    document: 'examples/fluentd/elasticsearch/README.md',
    begins: ['curl -X PUT'],
    because: 'needs an Elasticsearch; test/examples/siem.test.ts reads the template',
  },
];
