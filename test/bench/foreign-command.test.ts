// Another client's command line: what is put into it, and what running it tells.
import assert from 'node:assert/strict';
import { fillTemplate, parseTimes, runCommand } from './foreign-command.js';

const CLIP = { host: '127.0.0.1', port: 40_554, user: 'admin', file: '/tmp/a-b_c/speech-5.mp3' };

describe('another command line', () => {
  it('is told where, as whom and what', () => {
    assert.equal(
      fillTemplate('say rtsp://{user}@{host}:{port}/ "{file}" {port}', CLIP),
      'say rtsp://admin@127.0.0.1:40554/ "/tmp/a-b_c/speech-5.mp3" 40554',
    );
  });

  it('keeps its own braces', () => {
    assert.equal(fillTemplate("awk '{print}' ${HOME} {other} {port}", CLIP), "awk '{print}' ${HOME} {other} 40554");
  });

  it('must ask for the port', () => {
    assert.throws(() => fillTemplate('say {file}', CLIP), /\{port\}/);
  });

  it('is told nothing that its shell would read', () => {
    for (const file of ['/tmp/a b.mp3', '/tmp/$(reboot).mp3', "/tmp/'.mp3", '/tmp/a\nb']) {
      assert.throws(() => fillTemplate('say {port} {file}', { ...CLIP, file }), /characters of the shell/);
    }
  });

  it('costs what the shell says its children cost', () => {
    assert.equal(parseTimes('0m0.001s 0m0.001s\n1m2.250s 0m0.500s\n'), 62.75);
    assert.equal(parseTimes('0m0,001s 0m0,001s\n0m0,250s 0m0,500s\n'), 0.75);
    assert.ok(Number.isNaN(parseTimes('')));
  });

  it('gets the password in its environment, and leaves its cost and its exit code', async () => {
    const busy = 'for (let n = 0; n < 3e7; n++); console.error(process.env.TPLINK_TALK_PASSWORD); process.exit(3)';
    const ran = await runCommand(`"${process.execPath}" -e '${busy}'`, 'secret of the test', 20_000);
    assert.equal(ran.exitCode, 3);
    assert.equal(ran.complaint, 'secret of the test\n');
    assert.ok(ran.cpuSeconds > 0, String(ran.cpuSeconds));
  });

  it('is ended when it takes too long, with everything it started', async () => {
    const ran = await runCommand('sleep 61 & sleep 62', '', 100);
    assert.equal(ran.exitCode, null);
  });
});
