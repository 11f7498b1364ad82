// What is learned of a camera's keep-alives: from its list, refusals, lost sessions and such that last.
import assert from 'node:assert/strict';
import { KeepAliveHabit } from '../../src/listen/keep-alive.js';

describe('keep-alive habit', () => {
  it('begins with GET_PARAMETER, or what the camera lists', () => {
    const habit = new KeepAliveHabit();
    assert.equal(habit.method, 'GET_PARAMETER');
    habit.listed([]);
    assert.equal(habit.method, 'GET_PARAMETER');
    habit.listed(['OPTIONS', 'PLAY']);
    assert.equal(habit.method, 'OPTIONS');
    habit.listed(['OPTIONS', 'GET_PARAMETER']);
    assert.equal(habit.method, 'GET_PARAMETER');
  });

  it('believes what a camera did, not what it lists', () => {
    const habit = new KeepAliveHabit();
    habit.listed(['OPTIONS']);
    habit.lost('OPTIONS');
    habit.listed(['OPTIONS']);
    assert.equal(habit.method, 'GET_PARAMETER');
  });

  it('tries each method once when both are refused', () => {
    const habit = new KeepAliveHabit();
    assert.deepEqual([habit.failed('GET_PARAMETER'), habit.failed('OPTIONS'), habit.method], [true, false, 'OPTIONS']);
  });

  it('changes with every lost session until one lasts', () => {
    const habit = new KeepAliveHabit();
    habit.lost('GET_PARAMETER');
    habit.lost('OPTIONS');
    assert.equal(habit.method, 'GET_PARAMETER');
    habit.lasted(5);
    habit.lost('GET_PARAMETER');
    assert.equal(habit.method, 'GET_PARAMETER');
  });
});
