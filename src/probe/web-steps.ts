// The steps of a probe on the web port: log in, ask for model and firmware. Talking works without them, so nothing here is a failure.
import type { CameraOptions } from '../camera-options.js';
import type { Clock } from '../clock.js';
import { TalkError } from '../errors.js';
import type { PasswordGuard } from '../password/guard.js';
import { info } from '../webapi/actions.js';
import { WebApi } from '../webapi/client.js';
import type { OnWire } from '../wire.js';
import { deviceText, webFailed, type Tell } from './report.js';

interface WebAsking {
  readonly clock: Clock;
  readonly guard: PasswordGuard;
  /** The camera has just refused this password. */
  readonly refused: boolean;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
  readonly onWire: OnWire | undefined;
}

/** `web` and `device`, up to the first that fails. */
export async function askWeb(
  camera: CameraOptions,
  { clock, guard, refused, signal, tell, onWire }: WebAsking,
): Promise<void> {
  if (camera.dialect === 'tapo') {
    tell('web', { outcome: 'skipped', key: 'web.tapo' });
    return;
  }
  if (camera.login === 'none') {
    tell('web', { outcome: 'skipped', key: 'web.none' });
    return;
  }
  if (refused) {
    tell('web', { outcome: 'skipped', key: 'web.refused' });
    return;
  }
  if (camera.password === '') {
    tell('web', { outcome: 'skipped', key: 'web.noPassword' });
    return;
  }
  const api = new WebApi(camera, { clock, guard, onWire });
  try {
    const { kind, encryptType } = await api.logIn({ signal });
    tell('web', { outcome: 'ok', key: `web.${kind}`, values: { type: encryptType } });
    await askDevice(api, camera, signal, tell);
  } catch (error) {
    tell('web', webFailed(error, camera));
  } finally {
    await api.close();
  }
}

async function askDevice(
  api: WebApi,
  camera: CameraOptions,
  signal: AbortSignal | undefined,
  tell: Tell,
): Promise<void> {
  try {
    const { model, firmware } = await info(api, { signal });
    const values = { model: deviceText(model) || '?', firmware: deviceText(firmware) || '?' };
    if (values.model === '?' && values.firmware === '?') {
      throw new TalkError('TALK_ERR_PROTOCOL', 'The camera told nothing about itself');
    }
    if (/NVR/i.test(values.model)) tell('device', { outcome: 'warning', key: 'device.recorder', values });
    else tell('device', { outcome: 'ok', key: 'device.ok', values });
  } catch (error) {
    const finding = webFailed(error, camera);
    tell('device', finding.outcome === 'failed' ? finding : { ...finding, key: 'device.unknown' });
  }
}
