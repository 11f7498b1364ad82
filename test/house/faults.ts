// What goes wrong in the house: cameras that reboot, drop, stall, lock, answer late, are busy, lose packets, and passwords that change.
import type { Random } from './random.js';
import type { Room } from './room.js';
import type { Timers } from './timers.js';

const WEIGHTS = { reboot: 3, power: 3, port: 3, reset: 5, hiccup: 6, stall: 4, late: 3, busy: 5, lock: 1, password: 1 };
type Kind = keyof typeof WEIGHTS;

export interface FaultsDeps {
  readonly random: Random;
  readonly timers: Timers;
  readonly trace: (text: string) => void;
  /** The settings shall follow the camera's password, or have a mistake in them. */
  readonly setPassword: (room: Room, password: string) => void;
}

/** Something goes wrong, and ends by itself. */
export function goWrong(room: Room, deps: FaultsDeps, kind: Kind = deps.random.weighted(WEIGHTS)): void {
  const { random, timers } = deps;
  const { device } = room;
  const { host } = device;
  // One thing at a time on each camera, but for what lies between it and us.
  const now = timers.now();
  if (room.faults.some(({ until, kind: other }) => until > now && other !== 'password') && kind !== 'hiccup') return;
  const told = (text: string): void => deps.trace(`${device.name}: ${text}`);
  const lasting = (name: Parameters<Room['begin']>[0], ms: number, end: () => void): void => {
    const fault = room.begin(name, now);
    told(`${name} for ${Math.round(ms)} ms`);
    timers.after(ms, () => {
      fault.until = timers.now();
      told(`${name} no more`);
      end();
      host.wake();
    });
  };
  const reboot = (darkMs: number): void => {
    host.powerOff(random.chance(0.5));
    void device.restart();
    lasting('dark', darkMs, () => {
      host.powerOn(random.between(0, 3_000));
      host.closed = true;
      lasting2(room, timers, random.scaled(1_000, 20_000), () => (host.closed = false));
    });
  };
  switch (kind) {
    case 'reboot':
      reboot(random.between(10_000, 45_000));
      return;
    case 'power':
      reboot(random.scaled(2_000, 240_000));
      return;
    case 'port':
      host.closed = true;
      void device.restart();
      lasting('closed', random.scaled(500, 60_000), () => (host.closed = false));
      return;
    case 'reset':
      void device.restart();
      told('reset');
      room.begin('reset', now, now);
      return;
    case 'hiccup':
      {
        const ms = random.scaled(30, 6_000);
        host.clearAt = now + ms;
        lasting('hiccup', ms, () => undefined);
      }
      return;
    case 'stall':
      {
        host.stalledWindowBytes = Math.round(random.scaled(1_500, 40_000));
        const ends = random.chance(0.7);
        lasting('stalled', random.scaled(500, 40_000), () => {
          host.stalledWindowBytes = undefined;
          if (!ends) void device.restart();
        });
      }
      return;
    case 'late':
      device.answerMs = random.scaled(200, 12_000);
      lasting('late', random.between(5_000, 40_000), () => (device.answerMs = 0));
      return;
    case 'busy':
      {
        const ms = random.scaled(1_000, 60_000);
        device.busyUntil = now + ms;
        lasting('busy', ms, () => undefined);
      }
      return;
    case 'lock':
      {
        const ms = random.scaled(5_000, 600_000);
        device.lockedUntil = now + ms;
        lasting('locked', ms, () => undefined);
      }
      return;
    case 'password':
      changePassword(room, deps);
      return;
  }
}

/** On the camera first; a while later in the settings, sometimes with a mistake. */
function changePassword(room: Room, { random, timers, trace, setPassword }: FaultsDeps): void {
  const { device } = room;
  const password = `secret-${random.hex(6)}`;
  room.begin('reset', timers.now(), timers.now());
  trace(`${device.name}: has the password ${password} now`);
  void device.setPassword(password);
  timers.after(random.scaled(5_000, 600_000), () => {
    const mistake = random.chance(0.4);
    const typed = mistake ? `typo-${random.hex(6)}` : device.password;
    device.known.add(typed);
    setPassword(room, typed);
    if (mistake) timers.after(random.scaled(10_000, 300_000), () => setPassword(room, device.password));
  });
}

/** After a reboot the system is there before the program. */
function lasting2(room: Room, timers: Timers, ms: number, end: () => void): void {
  const fault = room.begin('closed', timers.now());
  timers.after(ms, () => {
    fault.until = timers.now();
    end();
  });
}
