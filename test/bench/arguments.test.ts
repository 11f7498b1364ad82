// The benchmark's command line, case by case.
import assert from 'node:assert/strict';
import { benchArguments, GROUPS, knows } from './arguments.js';

describe('arguments of the benchmark', () => {
  it('runs what is short by default', () => {
    const { groups, json, compare } = benchArguments([]);
    assert.deepEqual(groups, ['starts', 'bare', 'minute', 'blocked', 'many', 'listen', 'words']);
    assert.equal(json, false);
    assert.equal(compare, undefined);
  });

  it('runs named groups in their usual order', () => {
    assert.deepEqual(benchArguments(['--only=long,starts']).groups, ['starts', 'long']);
    assert.deepEqual(benchArguments(['--only', 'bare', '--json']).groups, ['bare']);
  });

  it('runs everything that needs no other command as all', () => {
    assert.deepEqual(
      benchArguments(['--only=all']).groups,
      GROUPS.filter((name) => name !== 'compare'),
    );
  });

  it('compares alone, or beside named groups', () => {
    assert.deepEqual(benchArguments(['--compare', 'say {port}']).groups, ['compare']);
    assert.deepEqual(benchArguments(['--compare=say {port}', '--only=starts', '--seconds=60']), {
      help: false,
      json: false,
      groups: ['starts', 'compare'],
      families: ['multitrans'],
      compare: 'say {port}',
      seconds: 60,
    });
  });

  it('measures other families where a group knows them', () => {
    assert.deepEqual(benchArguments(['--family=tapo', '--only=minute']).families, ['tapo']);
    assert.deepEqual(benchArguments(['--family=tapo,multitrans']).families, ['multitrans', 'tapo']);
    const { groups } = benchArguments(['--family=tapo']);
    assert.deepEqual(
      groups.filter((name) => knows(name, 'tapo')),
      ['starts', 'minute', 'many'],
    );
    assert.ok(groups.every((name) => knows(name, 'multitrans')));
  });

  it('says what it does not understand', () => {
    assert.throws(() => benchArguments(['--only=many,most']), /--only: most is none of starts/);
    assert.throws(() => benchArguments(['--only=compare']), /compare needs --compare/);
    assert.throws(() => benchArguments(['--seconds=0', '--compare=x']), /--seconds/);
    assert.throws(() => benchArguments(['--family=hub']), /--family: hub is none of multitrans, tapo/);
    assert.throws(() => benchArguments(['--family=tapo', '--only=starts,idle']), /--family: idle knows multitrans/);
    assert.throws(() => benchArguments(['--family=tapo', '--compare=x']), /--family: compare knows multitrans/);
    assert.throws(() => benchArguments(['--fast']), /--fast/);
    assert.throws(() => benchArguments(['fast']), /fast/);
  });
});
