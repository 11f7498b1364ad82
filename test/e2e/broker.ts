// An MQTT broker on loopback. No assertions.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { AedesPublishPacket, Client, Subscription } from 'aedes' with { 'resolution-mode': 'import' };

export interface Announcement {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain?: boolean;
  readonly dup?: boolean;
}

export interface Broker {
  readonly port: number;
  /** Topic filters, one entry for each client that listens to it now. */
  readonly listening: readonly string[];
  /** Topics of the announcements published so far, by anybody. */
  readonly published: readonly string[];
  /** What the broker keeps: topic and payload. */
  readonly kept: ReadonlyMap<string, string>;
  /** QoS 1, as the example sends it. */
  publish(announcement: Announcement): Promise<void>;
  stop(): Promise<void>;
}

/** @param retained what the broker has kept from before the first client comes */
export async function startBroker(port = 0, retained: readonly Announcement[] = []): Promise<Broker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const subscriptions = new Map<string, string[]>();
  const published: string[] = [];
  const kept = new Map<string, string>();
  aedes.on('subscribe', (added: Subscription[], { id }: Client) => {
    subscriptions.set(id, [...(subscriptions.get(id) ?? []), ...added.map(({ topic }) => topic)]);
  });
  aedes.on('clientDisconnect', ({ id }: Client) => {
    subscriptions.delete(id);
  });
  aedes.on('publish', ({ topic, payload, retain }: AedesPublishPacket) => {
    if (topic.startsWith('$SYS')) return;
    published.push(topic);
    if (retain) kept.set(topic, payload.toString());
  });
  const publish = ({ topic, payload, retain = false, dup = false }: Announcement): Promise<void> =>
    new Promise((resolve, reject) => {
      aedes.publish({ cmd: 'publish', qos: 1, topic, payload, retain, dup }, (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  for (const announcement of retained) await publish(announcement);
  const server = createServer((socket) => aedes.handle(socket)).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get listening() {
      return [...subscriptions.values()].flat();
    },
    published,
    kept,
    publish,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
      await closed;
    },
  };
}
