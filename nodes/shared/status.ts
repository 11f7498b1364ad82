// States of talking, listening and control -> what the editor shows under a node. Pure; the only place that knows status texts, and those are catalogue keys.
import { wallTime, type ListenState, type SessionState, type TalkErrorCode, type TalkState } from '../../src/index.js';
import { timeIn } from './time-of-day.js';

export interface NodeStatus {
  readonly fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  readonly shape: 'ring' | 'dot';
  /** Catalogue key. */
  readonly text: string;
  /** Placeholders of the text. */
  readonly values?: Readonly<Record<string, number | string>>;
}

const KEY = 'tplink-talk.status';

export const NO_CAMERA: NodeStatus = { fill: 'grey', shape: 'ring', text: `${KEY}.noCamera` };
export const NO_VOICE: NodeStatus = { fill: 'grey', shape: 'ring', text: `${KEY}.noVoice` };

export function talkStatus(state: TalkState, now = wallTime()): NodeStatus {
  switch (state.name) {
    case 'decoding':
    case 'connecting':
    case 'authenticating':
    case 'opening':
      return { fill: 'yellow', shape: 'ring', text: `${KEY}.${state.name}` };
    case 'waiting':
      return { fill: 'blue', shape: 'ring', text: `${KEY}.waiting`, values: { count: state.ahead } };
    case 'talking':
      return talkingStatus(state);
    case 'pausing':
      return { fill: 'blue', shape: 'ring', text: `${KEY}.pausing`, values: { time: timeIn(state.secondsLeft, now) } };
    case 'finished':
      return { fill: 'green', shape: 'dot', text: `${KEY}.finished` };
    case 'stopped':
      return { fill: 'grey', shape: 'dot', text: `${KEY}.stopped` };
    case 'quiet':
      return { fill: 'grey', shape: 'dot', text: `${KEY}.quiet` };
    case 'retrying':
      if (state.code === 'TALK_ERR_BUSY') return BUSY;
      // A moment needs no reason.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: state.problem === undefined ? `${KEY}.retrying` : `tplink-talk.errorStatus.${state.code}`,
      };
    case 'failed':
      return failedStatus(state.code);
  }
}

function talkingStatus(state: Extract<TalkState, { name: 'talking' }>): NodeStatus {
  const { secondsLeft } = state;
  if (secondsLeft === undefined) return { fill: 'blue', shape: 'dot', text: `${KEY}.live` };
  if (state.round === undefined)
    return { fill: 'blue', shape: 'dot', text: `${KEY}.talking`, values: { seconds: secondsLeft } };
  // `2/5`, or `2` when only a stop ends it.
  const round = state.rounds === undefined ? String(state.round) : `${state.round}/${state.rounds}`;
  return { fill: 'blue', shape: 'dot', text: `${KEY}.round`, values: { seconds: secondsLeft, round } };
}

/** What a node with nothing to do shows: that the sessions of its cameras are kept, all of them, or nothing (undefined). */
export function restingStatus(sessions: readonly SessionState[]): NodeStatus | undefined {
  return sessions.every((session) => session === 'kept')
    ? { fill: 'green', shape: 'ring', text: `${KEY}.ready` }
    : undefined;
}

export function failedStatus(code: TalkErrorCode): NodeStatus {
  return code === 'TALK_ERR_BUSY' ? BUSY : { fill: 'red', shape: 'ring', text: `tplink-talk.errorStatus.${code}` };
}

/** What a control node shows besides failures. */
export function controlStatus(name: 'noCamera' | 'working' | 'done'): NodeStatus {
  const text = `tplink-control.status.${name}`;
  switch (name) {
    case 'noCamera':
      return { fill: 'grey', shape: 'ring', text };
    case 'working':
      return { fill: 'yellow', shape: 'ring', text };
    case 'done':
      return { fill: 'green', shape: 'dot', text };
  }
}

export function failedControlStatus(code: TalkErrorCode): NodeStatus {
  return { fill: 'red', shape: 'ring', text: `tplink-control.errorStatus.${code}` };
}

/** What a listen node shows besides where its microphone is. */
export function listenNodeStatus(name: 'noCamera' | 'recording' | 'recorded' | 'noSpeech' | 'stopped'): NodeStatus {
  const text = `tplink-listen.status.${name}`;
  switch (name) {
    case 'noCamera':
      return { fill: 'grey', shape: 'ring', text };
    case 'recording':
      return { fill: 'blue', shape: 'dot', text };
    case 'recorded':
    case 'noSpeech':
      return { fill: 'green', shape: 'dot', text };
    case 'stopped':
      return { fill: 'grey', shape: 'dot', text };
  }
}

export function listenStatus(state: ListenState): NodeStatus {
  switch (state.name) {
    case 'connecting':
    case 'authenticating':
    case 'opening':
      return { fill: 'yellow', shape: 'ring', text: `tplink-listen.status.${state.name}` };
    case 'listening':
      return { fill: 'blue', shape: 'dot', text: 'tplink-listen.status.listening' };
    case 'retrying':
      // Tried again after an hour, which is not what anybody waits for.
      if (state.code === 'TALK_ERR_AUTH') return failedListenStatus(state.code);
      return { fill: 'yellow', shape: 'ring', text: `tplink-listen.retryStatus.${state.code}` };
    case 'stopped':
      return listenNodeStatus('stopped');
    case 'failed':
      return failedListenStatus(state.code);
  }
}

export function failedListenStatus(code: TalkErrorCode): NodeStatus {
  return { fill: 'red', shape: 'ring', text: `tplink-listen.errorStatus.${code}` };
}

const BUSY: NodeStatus = { fill: 'yellow', shape: 'dot', text: `${KEY}.busy` };
