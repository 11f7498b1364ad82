// One hour in a house: cameras, flows and people on an in-memory network and the fake clock, all drawn from a seed, checked after each step.
import { getEventListeners } from 'node:events';
import { connectBy } from '../../src/connection/tcp.js';
import { Pool } from '../../src/engine/pool.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';
import { Beat } from './beat.js';
import { Device } from './device.js';
import { draft, EVENTS, OWNERS } from './events.js';
import { goWrong } from './faults.js';
import { Flows, namesOf } from './flows.js';
import { Invariants } from './invariants.js';
import type { Message } from './message.js';
import { Network } from './network.js';
import { Random } from './random.js';
import { Room } from './room.js';
import { Timers } from './timers.js';

/** Between two events, ms: 90 in an hour. */
const PAUSE_MS = 40_000;
/** Everything that began is over after so long without faults, ms: the longest waits for a camera, and what is said then. */
const QUIET_MS = 1_200_000;
const STEP_MS = 10_000;

export interface HourOptions {
  readonly seed: number;
  readonly minutes?: number | undefined;
  readonly trace?: ((text: string) => void) | undefined;
}

export interface Hour {
  readonly broken: readonly string[];
  readonly messages: number;
  readonly spoken: number;
  readonly events: number;
}

export class World {
  readonly #random: Random;
  readonly #clock = new FakeClock();
  readonly #timers = new Timers(this.#clock);
  readonly #network: Network;
  readonly #rooms: readonly Room[];
  readonly #flows: Flows;
  readonly #invariants: Invariants;
  readonly #pool: Pool;
  readonly #startedAt = this.#clock.now();
  readonly #endsAt: number;
  readonly #options: HourOptions;
  #blockedAt = Number.NEGATIVE_INFINITY;
  #events = 0;
  /** Recordings of microphones that are under way. */
  #recordings = 0;

  constructor(options: HourOptions) {
    this.#options = options;
    const random = (this.#random = new Random(options.seed));
    this.#endsAt = this.#startedAt + (options.minutes ?? 60) * 60_000;
    this.#rooms = Array.from({ length: random.whole(3, 4) }, (_, index) => this.#room(index));
    const now = (): number => this.#clock.now();
    this.#invariants = new Invariants(this.#rooms, now);
    this.#network = new Network(this.#timers, (socket, host) => {
      const room = this.#rooms.find(({ device }) => device.host === host) as Room;
      const beat = new Beat({
        now,
        blockedSince: (at) => this.#blockedAt >= at,
        complain: (text) => this.#invariants.breaks(`${room.device.name}: ${text}`),
        onSound: (id) => this.#invariants.sounds(room, id),
      });
      socket.onWrite = (bytes) => beat.written(bytes);
    });
    for (const { device } of this.#rooms) this.#network.add(device.host);
    this.#flows = new Flows({ clock: this.#clock, trace: this.#trace, onEnd: (part) => this.#invariants.ended(part) });
    const { readSendQueues, dial } = this.#network;
    this.#pool = new Pool({ clock: this.#clock, network: { connect: connectBy(dial), readSendQueues } });
  }

  async run(): Promise<Hour> {
    for (const room of this.#rooms) room.register(this.#pool);
    while (this.#clock.now() < this.#endsAt && this.#invariants.broken.length === 0) {
      await this.#pass(this.#random.pause(PAUSE_MS));
      await this.#happen(this.#random.weighted(EVENTS));
      this.#events += 1;
      await settle();
      this.#check();
    }
    if (this.#invariants.broken.length === 0) await this.#end();
    const { messages } = this.#flows;
    const spoken = messages.flatMap(({ parts }) => parts).filter(({ end }) => end?.how === 'spoken').length;
    return { broken: this.#invariants.broken, messages: messages.length, spoken, events: this.#events };
  }

  #room(index: number): Room {
    const random = this.#random;
    const name = `cam${index + 1}`;
    const device = new Device(
      {
        name,
        address: `10.0.0.${index + 11}`,
        dialect: random.chance(0.2) ? 'vigi' : 'ipc',
        password: `secret-${random.hex(6)}`,
        refusal: random.pick(['refuse', 'refuse', 'close', 'silent']),
        slotReleaseMs: random.pick([0, 0, 500, 2_500]),
      },
      random,
      this.#clock,
      this.#timers,
    );
    device.host.latencyMs = random.scaled(0.3, 40);
    return new Room(device, random.pick([0, 1_000, 5_000, 5_000, 15_000]));
  }

  readonly #trace = (text: string): void => {
    if (this.#options.trace === undefined) return;
    const seconds = (this.#clock.now() - this.#startedAt) / 1_000;
    this.#options.trace(`${seconds.toFixed(3).padStart(9)} ${text}`);
  };

  /** In steps, so that what hangs is seen when it hangs. */
  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.#invariants.broken.length === 0; left -= STEP_MS) {
      await this.#clock.advance(Math.min(left, STEP_MS));
      this.#check();
    }
  }

  #check(): void {
    this.#invariants.check();
    this.#invariants.checkFlows(this.#flows);
  }

  async #happen(event: keyof typeof EVENTS): Promise<void> {
    const random = this.#random;
    const ready = this.#rooms.filter(({ deploying }) => !deploying);
    if (ready.length === 0) return;
    const room = random.pick(ready);
    const { name } = room.device;
    const now = this.#clock.now();
    switch (event) {
      case 'say':
      case 'live':
      case 'mute':
        this.#say(event === 'say' ? 'clip' : event, ready);
        return;
      case 'burst':
        for (let left = random.whole(2, 5); left > 0; left--) {
          this.#say('clip', ready);
          await settle();
        }
        return;
      case 'heavy':
        // On a free line they would not wait.
        this.#goWrong(room, 'port');
        for (let left = 5; left > 0; left--) {
          this.#say('heavy', [room]);
          await settle();
        }
        return;
      case 'listen':
        this.#listen(room);
        return;
      case 'hide':
        room.device.hidesStreams = !room.device.hidesStreams;
        this.#trace(`${name}: ${room.device.hidesStreams ? 'shows its streams to nobody' : 'shows its streams'}`);
        return;
      case 'stop': {
        const owner = random.pick(OWNERS);
        this.#trace(`${name}: ${owner} stops`);
        room.cuts.push({ by: 'stop', owner, at: now });
        void this.#pool.stop(room.settings, owner);
        await settle();
        this.#invariants.checkStopped(room, owner);
        return;
      }
      case 'skip':
        this.#trace(`${name}: skip`);
        room.cuts.push({ by: 'skip', owner: '', at: now });
        return void this.#pool.skip(room.settings);
      case 'connect':
        this.#trace(`${name}: connect`);
        return void this.#pool.connect(room.settings).catch(() => undefined);
      case 'disconnect':
        this.#trace(`${name}: disconnect`);
        return void this.#pool.disconnect(room.settings).catch(() => undefined);
      case 'deployCamera':
        this.#deploy(room);
        return;
      case 'deployAll':
        this.#trace('everything is deployed');
        this.#flows.deploy();
        for (const one of ready) this.#deploy(one);
        return;
      case 'blocked': {
        const ms = random.scaled(5, 900);
        this.#trace(`the event loop is blocked for ${Math.round(ms)} ms`);
        this.#clock.stall(ms);
        this.#blockedAt = this.#clock.now();
        return;
      }
      case 'wrong':
        this.#goWrong(room);
    }
  }

  #goWrong(room: Room, kind?: Parameters<typeof goWrong>[2]): void {
    const setPassword = (where: Room, password: string): void => {
      this.#trace(`${where.device.name}: settings get the password ${password}`);
      this.#deploy(where, password);
    };
    goWrong(room, { random: this.#random, timers: this.#timers, trace: this.#trace, setPassword }, kind);
    this.#comparePasswords(room);
  }

  /** A short recording; what comes of it is not looked at here. */
  #listen(room: Room): void {
    const { name } = room.device;
    const seconds = this.#random.between(0.5, 2);
    this.#trace(`${name}: records ${seconds.toFixed(1)} s`);
    this.#recordings += 1;
    const recording = this.#pool
      .microphone(room.settings, { stream: 'stream2', chunkMs: 100 })
      .record({ until: 'full', seconds });
    void recording
      .then(
        () => this.#trace(`${name}: recorded`),
        (error: unknown) => this.#trace(`${name}: not recorded, ${String(error)}`),
      )
      .finally(() => (this.#recordings -= 1));
  }

  #say(kind: Message['kind'], rooms: readonly Room[]): void {
    const one = draft(this.#random, rooms, kind);
    const { owner, blocks, priority, whenBusy, retries, retrySeconds, maxWaitSeconds } = one;
    const options = JSON.stringify({ owner, blocks, priority, whenBusy, retries, retrySeconds, maxWaitSeconds });
    this.#trace(`${namesOf(one.rooms)}: #${this.#flows.messages.length} ${kind} ${options}`);
    this.#flows.send(this.#pool, one);
  }

  #deploy(room: Room, password = room.settings.password): void {
    const { unregister } = room;
    if (unregister === undefined) {
      // Somebody is at it; the next one in line.
      this.#timers.after(1_000, () => this.#deploy(room, password));
      return;
    }
    this.#trace(`${room.device.name}: is deployed`);
    const fault = room.begin('deploy', this.#clock.now());
    room.unregister = undefined;
    void unregister().then(() => {
      fault.until = this.#clock.now();
      if (fault.until - fault.from > 15_000) this.#invariants.breaks(`${room.device.name}: took too long to deploy`);
      if (!room.registerWith(this.#pool, password)) this.#timers.after(1_000, () => this.#deploy(room, password));
      this.#comparePasswords(room);
    });
  }

  #comparePasswords(room: Room): void {
    const now = this.#clock.now();
    const lasting = room.faults.find(({ kind, until }) => kind === 'password' && until > now);
    const differ = room.settings.password !== room.device.password;
    if (differ && lasting === undefined) room.begin('password', now);
    if (!differ && lasting !== undefined) lasting.until = now;
  }

  /** Nothing goes wrong any more: everything ends, and nothing is left. */
  async #end(): Promise<void> {
    this.#trace('the hour is over');
    const latest = this.#clock.now() + QUIET_MS;
    const { broken } = this.#invariants;
    while (broken.length === 0 && this.#clock.now() < latest && this.#unfinished) await this.#pass(STEP_MS);
    if (broken.length > 0) return;
    for (const { id } of this.#flows.unfinished) this.#invariants.breaks(`#${id} never ended`);
    this.#invariants.checkHeard();
    const listeners = getEventListeners(this.#flows.closing, 'abort').length;
    if (listeners > 0) this.#invariants.breaks(`${listeners} listeners are left on the flows' signal`);
    const closing = this.#pool.destroy();
    await this.#pass(2_000);
    await closing;
    if (this.#network.open > 0) this.#invariants.breaks(`${this.#network.open} sockets are left`);
    await this.#pass(60_000);
    const connections = this.#rooms.reduce((sum, { device }) => sum + device.openConnections, 0);
    if (connections > 0) this.#invariants.breaks(`${connections} connections are left at the cameras`);
    await Promise.all(this.#rooms.map(({ device }) => device.stop()));
    await settle();
    const timers = this.#clock.pending - this.#timers.pending;
    if (timers > 0) this.#invariants.breaks(`${timers} timers are left`);
  }

  get #unfinished(): boolean {
    const now = this.#clock.now();
    const wrong = this.#rooms.some(({ faults, deploying }) => deploying || faults.some(({ until }) => until > now));
    return (
      this.#flows.unfinished.length > 0 ||
      this.#flows.bridges.size > 0 ||
      this.#recordings > 0 ||
      this.#timers.pending > 0 ||
      wrong
    );
  }
}
