// A command as people type it: split, filled in, and never a shell's.
import assert from 'node:assert/strict';
import { commandLine } from '../../src/voice/command-line.js';

const VALUES = { text: 'it is "ready" $(reboot); {voice}', voice: 'cmn', language: 'zh-CN', file: '/tmp/x y' };

describe('commandLine', () => {
  it('splits at blanks, groups by double quotes, and makes one argument of each value', () => {
    assert.deepEqual(commandLine('  say  -v {voice} "a b" --lang={language} "" {text} -o {file} ', VALUES), {
      program: 'say',
      args: ['-v', 'cmn', 'a b', '--lang=zh-CN', '', VALUES.text, '-o', '/tmp/x y'],
      textInArgs: true,
      soundInFile: true,
    });
  });

  it('reads a path with blanks, and backslashes as they are', () => {
    assert.equal(commandLine('"C:\\Program Files\\say.exe" x', VALUES).program, 'C:\\Program Files\\say.exe');
  });

  it('drops an empty voice with the option before it', () => {
    const values = { ...VALUES, voice: '' };
    assert.deepEqual(commandLine('espeak-ng -v {voice} --stdout', values).args, ['--stdout']);
    assert.deepEqual(commandLine('say {voice} x', values).args, ['x']);
    assert.deepEqual(commandLine('say a{voice} -v{voice}', values).args, ['a', '-v']);
  });

  it('makes no option of a text', () => {
    assert.deepEqual(commandLine('say {text}', { ...VALUES, text: '--version' }).args, [' --version']);
  });

  for (const command of ['', '  ', 'say "open', '"" x']) {
    it(`refuses ${JSON.stringify(command)}`, () => {
      assert.throws(() => commandLine(command, VALUES), { code: 'TALK_ERR_ARGUMENT' });
    });
  }
});
