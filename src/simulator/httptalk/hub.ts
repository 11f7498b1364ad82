// What a hub wants of a request that is for one of its children. Pure.
import { headerValue } from '../../rtsp/headers.js';
import type { HeaderList } from '../../rtsp/message.js';

const HEX_ID = /^[0-9A-F]{32,64}$/i;
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What is wrong, if anything (PROTOCOL.md H13). */
export function hubComplaint(query: string | undefined, headers: HeaderList): string | undefined {
  const values = new Map(
    (query ?? '').split('&').map((pair) => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=?/, '')]),
  );
  if (!HEX_ID.test(values.get('deviceId') ?? '')) return 'query without the deviceId of a child';
  if (values.get('type') !== 'talk') return 'query without type=talk';
  if ((values.get('mode') ?? '') === '') return 'query without mode';
  const player = values.get('playerId') ?? '';
  if (!UUID4.test(player)) return 'query without a playerId';
  return headerValue(headers, 'X-Client-UUID') === player ? undefined : 'X-Client-UUID is not the playerId';
}
