// The sockets that ask for cameras: one for each outlet, each sends every probe, all hand in what comes back. What it means is not known here.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { logger } from '../logger.js';
import type { Outlet } from './interfaces.js';

const log = logger('find');

/** Answers come all at once; what the system has for a socket otherwise holds about a hundred. */
const RECEIVE_BYTES = 1024 * 1024;

export type OnDatagram = (bytes: Buffer, from: string) => void;

export interface Sockets {
  /** How many groups can be asked. */
  readonly groups: number;
  /** Sends to every group; what a network refuses is left out. */
  ask(bytes: Buffer): void;
  /** Sends to one address, from any interface. */
  askOne(bytes: Buffer, address: string): void;
  close(): Promise<void>;
}

/** Opens what can be opened; an interface that has just gone is left out. */
export async function openSockets(wanted: readonly Outlet[], port: number, onDatagram: OnDatagram): Promise<Sockets> {
  const any: readonly Outlet[] = [
    { family: 'udp4', address: '0.0.0.0', by: '', group: '' },
    { family: 'udp6', address: '::', by: '', group: '' },
  ];
  const opened = await Promise.all([...any, ...wanted].map(async (outlet) => [outlet, await open(outlet, onDatagram)] as const)); // prettier-ignore
  const live = opened.flatMap(([outlet, socket]) => (socket === undefined ? [] : [{ outlet, socket }]));
  const groups = live.filter(({ outlet }) => outlet.group !== '');
  const send = (socket: Socket, bytes: Buffer, address: string): void => {
    socket.send(bytes, port, address, (error) => error !== null && log('%s: %s', address, error.message));
  };
  return {
    groups: groups.length,
    ask: (bytes) => {
      for (const { outlet, socket } of groups) send(socket, bytes, outlet.group);
    },
    askOne: (bytes, address) => {
      const family = address.includes(':') ? 'udp6' : 'udp4';
      const one = live.find(({ outlet }) => outlet.group === '' && outlet.family === family);
      if (one !== undefined) send(one.socket, bytes, address);
    },
    close: async () => {
      await Promise.all(live.map(({ socket }) => new Promise<void>((resolve) => socket.close(resolve))));
    },
  };
}

function open({ family, address, by }: Outlet, onDatagram: OnDatagram): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: family, ipv6Only: family === 'udp6', recvBufferSize: RECEIVE_BYTES });
    socket.on('message', (bytes: Buffer, { address: from }: RemoteInfo) => onDatagram(bytes, from));
    const refuse = (error: Error): void => {
      log('%s: %s', address, error.message);
      socket.close();
      resolve(undefined);
    };
    socket.once('error', refuse);
    socket.bind({ address, port: 0 }, () => {
      try {
        if (by !== '') socket.setMulticastInterface(by);
      } catch (error) {
        refuse(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      socket.off('error', refuse);
      // A socket that reports an unreachable network may still be answered later.
      socket.on('error', (error) => log('%s: %s', address, error.message));
      resolve(socket);
    });
  });
}
