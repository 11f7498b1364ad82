// Tells addresses of this machine and of private networks from those of the internet. Names are looked up elsewhere.
import { BlockList, isIP } from 'node:net';

/** RFC 6890, and RFC 6598 for what providers share. An IPv4 address written as IPv6 (`::ffff:0:0/96`) counts as what it is. */
const NETWORKS: readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const inner = new BlockList();
for (const network of NETWORKS) inner.addSubnet(...network);

/** @param address IPv4 or IPv6, also with a zone; what is neither counts as inner */
export function isInner(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  return family === 0 || inner.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
