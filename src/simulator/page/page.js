// @ts-check
// The script of the simulator's page: what the camera heard, live. A plain browser script; the page is delivered with it inside.
'use strict';

/** @typedef {import('../web/page.js').PageState} PageState */
/** @typedef {import('../web/page.js').PageSession} PageSession */

/**
 * One session as it is shown; `drawn` and `wanted` name states of its recording.
 *
 * @typedef {object} Card
 * @property {HTMLElement} root
 * @property {HTMLElement} badge
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLAudioElement} audio
 * @property {Map<string, HTMLElement>} numbers
 * @property {HTMLElement} verdict
 * @property {HTMLElement} violations
 * @property {Float32Array} peaks
 * @property {string} drawn
 * @property {string} wanted
 * @property {boolean} loading
 * @property {boolean} visible
 */

const ENGLISH = {
  title: 'Camera simulator',
  listensAt: 'Listens at',
  connecting: 'Connecting …',
  talking: 'Someone is talking',
  quiet: 'Quiet',
  lost: 'The simulator does not answer. Trying again …',
  heard: 'What the camera heard',
  nothing: 'Nothing yet.',
  hint: 'Enter the address above in a tplink-camera node and send a clip to a tplink-talk node: it appears here at once.',
  live: 'Live',
  recording: 'Recording of',
  waveform: 'Waveform of',
  clean: '✓ No violations of the protocol',
  violations: '⚠ Violations of the protocol:',
  seconds: 'Length',
  packets: 'Packets',
  firstSoundMs: 'First sound',
  worstLatenessMs: 'Latest packet',
  leadInMs: 'Lead-in',
  mode: 'Mode',
  codec: 'Codec',
  second: 's',
  millisecond: 'ms',
};
const CHINESE = {
  title: '摄像头模拟器',
  listensAt: '监听地址',
  connecting: '正在连接…',
  talking: '正在喊话',
  quiet: '安静',
  lost: '模拟器没有响应，正在重试…',
  heard: '摄像头听到的内容',
  nothing: '还没有内容。',
  hint: '在 tplink-camera 节点中填写上面的地址，再向 tplink-talk 节点发送一段音频，这里会立即显示。',
  live: '直播中',
  recording: '录音',
  waveform: '波形',
  clean: '✓ 没有违反协议',
  violations: '⚠ 违反协议：',
  seconds: '时长',
  packets: '包数',
  firstSoundMs: '首个声音',
  worstLatenessMs: '最晚的包',
  leadInMs: '前导静音',
  mode: '模式',
  codec: '编码',
  second: '秒',
  millisecond: '毫秒',
};
const preferred = navigator.languages.find((each) => /^(zh|en)\b/i.test(each)) ?? 'en';
const language = /^zh/i.test(preferred) ? preferred : 'en';
const text = language === 'en' ? ENGLISH : CHINESE;
const clockTime = new Intl.DateTimeFormat(preferred, { dateStyle: 'medium', timeStyle: 'medium' });
const words = new Map(Object.entries(text));
/** @type {Map<string, Card>} */
const cards = new Map();
const template = find(document, '#card', HTMLTemplateElement);

document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
document.title = text.title;
translate(document);
translate(template.content);
const colorScheme = matchMedia('(prefers-color-scheme: dark)');
colorScheme.addEventListener('change', () => cards.forEach(draw));
addEventListener('resize', () => cards.forEach(draw));

// a recording is fetched when its card is looked at
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const card = target instanceof HTMLElement ? cards.get(target.dataset.session ?? '') : undefined;
    if (card === undefined) continue;
    card.visible = isIntersecting;
    void load(card);
  }
});

const events = new EventSource('events');
events.addEventListener('message', ({ data }) => show(/** @type {PageState} */ (JSON.parse(String(data)))));
events.addEventListener('error', () => (element('lost').hidden = false));

/**
 * The markup has everything that is looked for.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}`);
  return found;
}

/** @param {string} id */
function element(id) {
  return find(document, `#${id}`, HTMLElement);
}

/** @param {ParentNode} root */
function translate(root) {
  for (const node of root.querySelectorAll('[data-text]')) {
    if (node instanceof HTMLElement) node.textContent = words.get(node.dataset.text ?? '') ?? '';
  }
}

/**
 * @param {number | null} value
 * @param {number} digits
 * @param {string} [unit]
 */
function number(value, digits, unit) {
  if (value === null) return '–';
  const shown = new Intl.NumberFormat(preferred, { maximumFractionDigits: digits }).format(value);
  return unit === undefined ? shown : `${shown} ${unit}`;
}

/**
 * @param {HTMLElement | undefined} node
 * @param {string} value
 */
function setText(node, value) {
  if (node !== undefined && node.textContent !== value) node.textContent = value;
}

/** @param {PageState} state */
function show(state) {
  element('lost').hidden = true;
  setText(element('name'), state.name);
  setText(element('address'), state.rtspUrl);
  setText(element('state-text'), state.talking ? text.talking : text.quiet);
  element('state').classList.toggle('talking', state.talking);
  document.title = `${state.talking ? '● ' : ''}${state.name} – ${text.title}`;
  element('empty').hidden = state.sessions.length > 0;
  const newestFirst = [...state.sessions].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));
  const known = new Set(newestFirst.map((session) => session.id));
  for (const [id, card] of cards) {
    if (known.has(id)) continue;
    observer.unobserve(card.root);
    card.root.remove();
    cards.delete(id);
  }
  newestFirst.forEach((session, index) => {
    const card = cards.get(session.id) ?? addCard(session);
    const live = state.talking && index === 0;
    if (element('sessions').children[index] !== card.root) {
      element('sessions').insertBefore(card.root, element('sessions').children[index] ?? null);
    }
    fill(card, session, live);
  });
}

/**
 * @param {PageSession} session
 * @returns {Card}
 */
function addCard(session) {
  const root = find(document.importNode(template.content, true), 'li', HTMLElement);
  /** @type {Card} */
  const card = {
    root,
    badge: find(root, '.badge', HTMLElement),
    canvas: find(root, 'canvas', HTMLCanvasElement),
    audio: find(root, 'audio', HTMLAudioElement),
    numbers: new Map(),
    verdict: find(root, '.verdict', HTMLElement),
    violations: find(root, 'ul', HTMLElement),
    peaks: new Float32Array(),
    drawn: '',
    wanted: '',
    loading: false,
    visible: false,
  };
  root.dataset.session = session.id;
  observer.observe(root);
  const when = clockTime.format(new Date(session.startedAt));
  find(root, 'h3', HTMLElement).textContent = when;
  card.audio.setAttribute('aria-label', `${text.recording} ${when}`);
  card.canvas.setAttribute('aria-label', `${text.waveform} ${when}`);
  for (const name of ['seconds', 'packets', 'firstSoundMs', 'worstLatenessMs', 'leadInMs', 'mode', 'codec']) {
    const group = document.createElement('div');
    const value = document.createElement('dd');
    group.append(Object.assign(document.createElement('dt'), { textContent: words.get(name) ?? '' }), value);
    find(root, 'dl', HTMLElement).append(group);
    card.numbers.set(name, value);
  }
  for (const happening of ['timeupdate', 'seeked', 'ended']) {
    card.audio.addEventListener(happening, () => draw(card));
  }
  card.canvas.addEventListener('click', (event) => {
    const { duration } = card.audio;
    if (Number.isFinite(duration)) card.audio.currentTime = (event.offsetX / card.canvas.clientWidth) * duration;
  });
  cards.set(session.id, card);
  return card;
}

/**
 * @param {Card} card
 * @param {PageSession} session
 * @param {boolean} live
 */
function fill(card, session, live) {
  card.badge.hidden = !live;
  const numbers = {
    seconds: number(session.seconds, 2, text.second),
    packets: number(session.packets, 0),
    firstSoundMs: number(session.firstSoundMs, 0, text.millisecond),
    worstLatenessMs: number(session.worstLatenessMs, 1, text.millisecond),
    leadInMs: number(session.leadInMs, 0, text.millisecond),
    mode: session.mode,
    codec: session.codec,
  };
  for (const [name, value] of Object.entries(numbers)) setText(card.numbers.get(name), value);
  const clean = session.violations.length === 0;
  setText(card.verdict, clean ? text.clean : text.violations);
  card.verdict.className = `verdict ${clean ? 'good' : 'bad'}`;
  card.violations.hidden = clean;
  if (card.violations.children.length !== session.violations.length) {
    const lines = session.violations.map((line) => Object.assign(document.createElement('li'), { textContent: line }));
    card.violations.replaceChildren(...lines);
  }
  // a growing recording is drawn again and again while it is short, and becomes playable when it is complete
  card.audio.hidden = live;
  card.wanted = live && session.seconds > 60 ? card.drawn : `${session.packets}${live ? '' : ' complete'}`;
  void load(card);
}

/** @param {Card} card */
async function load(card) {
  if (card.loading || !card.visible || card.drawn === card.wanted) return;
  const address = `heard/${card.root.dataset.session}.wav?packets=${encodeURIComponent(card.wanted)}`;
  card.loading = true;
  card.drawn = card.wanted;
  try {
    const response = await fetch(address);
    if (response.ok) card.peaks = peaksOf(await response.arrayBuffer());
    if (response.ok && card.drawn.endsWith('complete') && card.audio.paused) card.audio.src = address;
    draw(card);
  } catch {
    // the next event tries again
    card.drawn = '';
    card.wanted = '';
  }
  card.loading = false;
  void load(card);
}

/**
 * The loudest sample of each of 400 equal parts of a 16-bit WAV file, 0 to 1.
 *
 * @param {ArrayBuffer} file
 */
function peaksOf(file) {
  const view = new DataView(file);
  let at = 12;
  while (at + 8 <= view.byteLength && view.getUint32(at) !== 0x64617461) at += 8 + view.getUint32(at + 4, true);
  const samples = new Int16Array(file.slice(at + 8, at + 8 + Math.floor((view.byteLength - at - 8) / 2) * 2));
  const peaks = new Float32Array(Math.min(400, samples.length));
  samples.forEach((sample, index) => {
    const part = Math.floor((index / samples.length) * peaks.length);
    peaks[part] = Math.max(peaks[part] ?? 0, Math.abs(sample) / 32768);
  });
  return peaks;
}

/** @param {Card} card */
function draw(card) {
  const { canvas, audio, peaks } = card;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const color = getComputedStyle(canvas);
  const bars = Math.max(1, Math.floor(width / 4));
  const played = audio.duration > 0 ? audio.currentTime / audio.duration : 0;
  pen.scale(scale, scale);
  for (let bar = 0; bar < bars; bar += 1) {
    const first = Math.floor((bar / bars) * peaks.length);
    const last = Math.max(first + 1, Math.floor(((bar + 1) / bars) * peaks.length));
    const peak = Math.max(0, ...peaks.slice(first, last));
    const tall = Math.max(2, peak * height);
    pen.fillStyle = color.getPropertyValue(bar / bars < played ? '--accent' : '--wave');
    pen.fillRect(bar * 4, (height - tall) / 2, 3, tall);
  }
}
