// `npm start -- --watch` in a copy of this checkout: what changes is compiled or copied, and Node-RED starts anew with it. Waits for what is printed.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../../scripts/node-red-process.js';

const COPIED = ['src', 'nodes', 'resources', 'examples', 'icons', 'scripts', 'package.json', 'tsconfig.json'];
// It compiles everything and starts Node-RED three times; a busy machine may take its time.
const TIMEOUT_MS = 300_000;

describe('npm start -- --watch', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let demo: ChildProcess;
  let printed = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tplink-talk-watch-'));
    for (const name of COPIED) {
      if (existsSync(join(ROOT, name))) await cp(join(ROOT, name), join(folder, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
    demo = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', '--watch', '--any-port'], {
      cwd: folder,
      env: { ...process.env, NODE_V8_COVERAGE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [demo.stdout, demo.stderr])
      stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed') process.stderr.write(`${printed}\n`);
  });

  after(async () => {
    // The end of the last test; when that did not come, Node-RED and the compiler are ended here.
    const running = demo.exitCode === null && demo.signalCode === null;
    if (running && demo.kill()) await once(demo, 'exit');
    await rm(folder, { recursive: true, force: true });
  });

  /** Resolves with the match once it has been printed; forgets what came before. */
  async function untilPrinted(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(printed);
      if (match !== null) {
        printed = printed.slice(match.index + match[0].length);
        return match;
      }
      if (demo.exitCode !== null || demo.signalCode !== null) throw new Error(`It ended:\n${printed}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')));
  const editor = async (url: string): Promise<string> =>
    (await fetch(`${url}/nodes`, { headers: { Accept: 'text/html' } })).text();

  let url = '';
  /** What was edited before may start Node-RED once more. */
  const untilAnswers = async (): Promise<void> => {
    const answers = (): Promise<boolean> =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await answers())) await pause(100);
  };

  it('needs no build before', async () => {
    assert.ok(!existsSync(join(folder, 'dist')));
    url = (await untilPrinted(/Node-RED's editor: +(http\S+)/))[1] ?? '';
    await untilPrinted(/Ctrl-C ends everything/);
    assert.match(await editor(url), /data-template-name="tplink-talk"/);
  });

  it('starts anew with a changed file of the editor', async () => {
    edit('nodes/tplink-talk.html', (html) => `${html}\n<!-- changed here -->\n`);
    await untilPrinted(/Changed: nodes\/tplink-talk\.html\. Node-RED restarts/);
    await untilPrinted(/Node-RED is back/);
    assert.match(await editor(url), /changed here/);
    // What was deployed is still there.
    const flows = (await (await fetch(`${url}/flows`)).json()) as { type: string }[];
    assert.ok(flows.some(({ type }) => type === 'tplink-camera'));
  });

  it('tells of code that cannot be compiled, and starts anew with code that can', async () => {
    const path = join('nodes', 'tplink-talk.ts');
    const code = readFileSync(join(folder, path), 'utf8');
    appendFileSync(join(folder, path), '\nconst wrong: number = "text";\n');
    await untilPrinted(/error TS2322/);
    await untilPrinted(/Errors: 1/);
    await untilAnswers();
    writeFileSync(join(folder, path), `${code}\nprocess.stderr.write('the new code runs\\n');\n`);
    await untilPrinted(/Changed: the code\. Node-RED restarts/);
    await untilPrinted(/the new code runs/);
    await untilPrinted(/Node-RED is back/);
  });

  it('ends when told to, and takes all with it', async () => {
    demo.kill();
    const [code] = (await once(demo, 'close')) as [number | null];
    assert.equal(code, 0, printed);
    await assert.rejects(fetch(url));
  });
});
