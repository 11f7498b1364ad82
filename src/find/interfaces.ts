// Where a probe goes out from: the machine's interfaces as they are, or those of them that the user names. Pure.
import type { NetworkInterfaceInfo } from 'node:os';
import { TalkError } from '../errors.js';
import { MAX_FIND_INTERFACES } from '../limits.js';
import { shown } from '../options.js';

/** One socket to be opened. */
export interface Outlet {
  readonly family: 'udp4' | 'udp6';
  /** Where the socket is bound. */
  readonly address: string;
  /** What multicast leaves by: an address of IPv4, `::%eth0` for IPv6. */
  readonly by: string;
  readonly group: string;
}

/** WS-Discovery's groups (OASIS, WS-Discovery 1.1, 2.4). */
const GROUPS = { udp4: '239.255.255.250', udp6: 'ff02::c' } as const;

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * One outlet for each IPv4 address and one for each interface with IPv6, at most MAX_FIND_INTERFACES, those of IPv4 first.
 * @param named names or addresses; all interfaces when empty. Throws TALK_ERR_ARGUMENT for one that this machine does not have.
 */
export function outlets(interfaces: Interfaces, named: readonly string[]): Outlet[] {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.map((info) => ({ name, address: info.address, zone: zoneOf(name, info) })),
  );
  for (const wanted of named) {
    if (!all.some(({ name, address }) => wanted === name || wanted === address)) {
      const names = [...new Set(all.map(({ name }) => name))].slice(0, 8).join(', ');
      throw new TalkError('TALK_ERR_ARGUMENT', `No network interface is called ${shown(wanted)}; there are ${names}`);
    }
  }
  const chosen = all.filter(
    ({ name, address }) => named.length === 0 || named.includes(name) || named.includes(address),
  );
  const four = chosen
    .filter(({ zone }) => zone === undefined)
    .map(({ address }): Outlet => ({ family: 'udp4', address, by: address, group: GROUPS.udp4 }));
  // The link-local address, which every interface with IPv6 has; loopback has ::1 alone.
  const six = chosen
    .filter(({ zone, address }) => zone !== undefined && (/^fe[89ab]/i.test(address) || address === '::1'))
    .map(({ zone = '', address }): Outlet => {
      const bound = address === '::1' ? address : `${address}%${zone}`;
      return { family: 'udp6', address: bound, by: `::%${zone}`, group: GROUPS.udp6 };
    });
  return [...four, ...six].slice(0, MAX_FIND_INTERFACES);
}

/** How the system names an interface behind the `%` of an address; undefined for IPv4, which has none. */
function zoneOf(name: string, info: NetworkInterfaceInfo): string | undefined {
  if (info.family === 'IPv4') return undefined;
  return process.platform === 'win32' ? String(info.scopeid) : name;
}
