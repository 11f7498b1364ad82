// Where a probe goes out from: every interface, or those that are named; never more than the limit.
import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { outlets } from '../../src/find/interfaces.js';
import { MAX_FIND_INTERFACES } from '../../src/limits.js';

const common = { netmask: '', mac: '00:00:00:00:00:00', internal: false, cidr: null };
const four = (address: string): NetworkInterfaceInfo => ({ ...common, family: 'IPv4', address });
const six = (address: string): NetworkInterfaceInfo => ({ ...common, family: 'IPv6', address, scopeid: 3 });
const INTERFACES = {
  lo: [four('127.0.0.1'), six('::1')],
  eth0: [four('192.168.1.5'), six('fd00::5'), six('fe80::5')],
  wlan0: [four('10.0.0.5')],
};
const zone = (name: string): string => (process.platform === 'win32' ? '3' : name);

describe('the outlets of a search', () => {
  it('are all IPv4 addresses and each interface with IPv6', () => {
    assert.deepEqual(
      outlets(INTERFACES, []).map(({ address, by, group }) => [address, by, group]),
      [
        ['127.0.0.1', '127.0.0.1', '239.255.255.250'],
        ['192.168.1.5', '192.168.1.5', '239.255.255.250'],
        ['10.0.0.5', '10.0.0.5', '239.255.255.250'],
        ['::1', `::%${zone('lo')}`, 'ff02::c'],
        [`fe80::5%${zone('eth0')}`, `::%${zone('eth0')}`, 'ff02::c'],
      ],
    );
  });

  it('are those named, by name or address', () => {
    const named = (...names: string[]): string[] => outlets(INTERFACES, names).map(({ address }) => address);
    assert.deepEqual(named('eth0'), ['192.168.1.5', `fe80::5%${zone('eth0')}`]);
    assert.deepEqual(named('10.0.0.5', '127.0.0.1'), ['127.0.0.1', '10.0.0.5']);
  });

  it('of a name that is no interface are refused, and what there is is told', () => {
    assert.throws(() => outlets(INTERFACES, ['eth7']), {
      code: 'TALK_ERR_ARGUMENT',
      message: 'No network interface is called "eth7"; there are lo, eth0, wlan0',
    });
  });

  it('are few, however many interfaces there are', () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`veth${n}`, [four('10.1.1.1'), six('fe80::1')]]),
    );
    assert.equal(outlets(many, []).length, MAX_FIND_INTERFACES);
  });
});
