// Two machines in one: a simulated camera and a search in network namespaces of their own, joined by one cable, everything at its usual port. Needs root and Linux.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { eventually } from '../helpers/collect.js';

const ROOT = resolve(__dirname, '..', '..');
const TSX = [process.execPath, '--import', 'tsx'];
const COMMAND = [...TSX, join(ROOT, 'src', 'cli', 'main.ts')];
/** Not the command line, whose 2 s a busy machine may miss. */
const SEARCH = [...TSX, join(ROOT, 'test', 'helpers', 'search-within.ts'), '2000'];
const [HERE, THERE] = [`tpt-h${process.pid}`, `tpt-t${process.pid}`];
const SWITCH = '/proc/sys/net/ipv6/conf/default/disable_ipv6';
const HAS_IPV6 = existsSync(SWITCH) && readFileSync(SWITCH, 'utf8').trim() === '0';

const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0;

/** A cable between two new namespaces; false where that is not allowed. */
function connect(): boolean {
  return (
    ip('netns', 'add', HERE) &&
    ip('netns', 'add', THERE) &&
    ip('link', 'add', 'cable0', 'netns', HERE, 'type', 'veth', 'peer', 'name', 'cable0', 'netns', THERE) &&
    [
      [HERE, '10.213.7.1/24'],
      [THERE, '10.213.7.2/24'],
    ].every(
      ([name = '', address = '']) =>
        ip('-n', name, 'address', 'add', address, 'dev', 'cable0') &&
        ip('-n', name, 'link', 'set', 'cable0', 'up') &&
        ip('-n', name, 'link', 'set', 'lo', 'up'),
    )
  );
}

function runIn(namespace: string, args: readonly string[]): ChildProcess & { out: string } {
  const child = spawn('ip', ['netns', 'exec', namespace, ...args], { cwd: ROOT });
  const told = Object.assign(child, { out: '' });
  child.stdout.on('data', (bytes: Buffer) => (told.out += bytes.toString()));
  return told;
}

const POSSIBLE = process.getuid?.() === 0 && ip('netns', 'list');
const WITHOUT = POSSIBLE ? '' : ' (skipped: network namespaces need Linux, ip(8) and root)';

describe(`finding cameras between two machines${WITHOUT}`, function () {
  this.timeout(300_000);
  let simulate: ReturnType<typeof runIn> | undefined;

  before(async function () {
    if (!POSSIBLE || !connect()) this.skip();
    // The kernel takes up to a second to call a cable plugged in; until then it is no interface.
    const isUp = (name: string): boolean =>
      / state UP /.test(spawnSync('ip', ['-n', name, 'link', 'show', 'cable0']).stdout.toString());
    await eventually(() => isUp(HERE) && isUp(THERE), 'the cable');
  });
  afterEach(async () => {
    if (simulate?.exitCode !== null) return;
    const ended = once(simulate, 'close');
    simulate.kill('SIGTERM');
    await ended;
  });
  after(() => {
    for (const name of [HERE, THERE]) ip('netns', 'delete', name);
  });

  async function start(host: string): Promise<void> {
    simulate = runIn(THERE, [...COMMAND, 'simulate', '--host', host, '--port', '554', '--http-port', '80', '--json']);
    await eventually(() => simulate?.out.includes('listening') === true, 'the simulated camera');
  }

  /** What one search finds by the questions of its first 2 s. */
  async function found(): Promise<string> {
    const search = runIn(HERE, SEARCH);
    await once(search, 'close');
    return search.out;
  }

  const camera = { name: 'Simulated camera', model: 'SIMULATED' };
  const talks = { talk: 'can', dialect: 'ipc', ports: { rtsp: 554, http: 80 } };

  it('works by multicast on the cable, at the usual ports, and sees no other machine', async () => {
    await start('10.213.7.2');
    const expected = JSON.stringify([{ ...camera, address: '10.213.7.2', ...talks }]);
    assert.equal(await found(), expected);
  });

  it('works by IPv6 alone, with the address of the interface', async function () {
    ip('-n', HERE, 'address', 'flush', 'dev', 'cable0', 'scope', 'global');
    ip('-n', THERE, 'address', 'flush', 'dev', 'cable0', 'scope', 'global');
    const link = /inet6 (fe80:[0-9a-f:]+)/;
    const address = (): string | undefined =>
      link.exec(
        spawnSync('ip', ['-n', THERE, '-6', 'address', 'show', 'dev', 'cable0', '-tentative']).stdout.toString(),
      )?.[1];
    if (!HAS_IPV6) this.skip();
    await eventually(() => address() !== undefined, 'an address of IPv6');
    await start('::');
    const expected = JSON.stringify([{ ...camera, address: `${address()}%cable0`, ...talks }]);
    assert.equal(await found(), expected);
  });
});
