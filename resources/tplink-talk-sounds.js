// The sounds in the talk node's form: built-in ones and the user's own, to be chosen, heard, uploaded and deleted.

/**
 * @param {FormNode} node
 * @param {readonly string[]} builtIn
 * @param {() => void} offer shows the choices anew
 * @returns {{ choices: (field: 'audio' | 'chime') => { value: string, label: string }[], begin: () => void, end: () => void }}
 *   what may be chosen, and what the open and the closing dialog call
 */
function tplinkTalkSounds(node, builtIn, offer) {
  // Relative, because the editor may live under another root.
  const PATH = 'tplink-talk/sounds';
  const OWN_CHIME = 'sound:';
  const audio = $('#node-input-audio');
  const buttons = $('#node-input-tplink-talk-listen, #node-input-tplink-talk-upload, #node-input-tplink-talk-delete');
  /** @type {HTMLInputElement | null} */
  const file = document.querySelector('#node-input-tplink-talk-file');
  /** @type {string[]} */
  let own = [];
  /** @type {HTMLAudioElement | undefined} */
  let playing;
  let open = true;

  /** @param {string} text */
  function say(text) {
    $('#node-input-tplink-talk-sounds-said').text(text);
  }

  /** @param {EditorRequest} request */
  function refuse(request) {
    if (!open) return;
    const { status, statusText } = request;
    /** @type {{ key: string, values?: { kind?: string, reason?: string } }} */
    let refusal = { key: 'lost', values: { reason: status ? `HTTP ${status}` : statusText } };
    // Reasons of our own come as JSON, which is no text when a sound was asked for.
    if (request.responseJSON?.key !== undefined) refusal = request.responseJSON;
    else if (status === 404) refusal = { key: 'missing' };
    else if (status === 401 || status === 403) refusal = { key: 'unauthorized' };
    const { key, values = {} } = refusal;
    const reason = values.kind && node._('tplink-talk.sounds.kind.' + values.kind);
    say(node._('tplink-talk.sounds.' + key, reason ? { reason } : values));
  }

  /** @param {Omit<EditorRequestOptions, 'url'> & { name?: string }} options */
  function ask({ name, ...options }) {
    buttons.prop('disabled', true);
    const url = name === undefined ? PATH : `${PATH}/${encodeURIComponent(name)}`;
    $.ajax({ ...options, url, error: refuse }).always(() => buttons.prop('disabled', false));
  }

  function chosen() {
    return audio.typedInput('type') === 'sound' ? (audio.val() ?? '') : '';
  }

  /** What the node says when its dialog opens: it may be chosen although it is gone. */
  const saved = {
    audio: node.audioType === 'sound' ? String(node['audio'] ?? '') : '',
    chime: node.chimeType === 'builtin' ? String(node['chime'] ?? '') : '',
  };

  /** @param {'audio' | 'chime'} field a chime of the user's own has a prefix, for it may also be a path */
  function choices(field) {
    const prefix = field === 'chime' ? OWN_CHIME : '';
    const values = new Set([...builtIn, ...own.map((name) => prefix + name), saved[field]]);
    values.delete('');
    return [...values].map((value) => ({
      value,
      label: builtIn.includes(value) ? node._('tplink-talk.chime.' + value) : value.replace(prefix, ''),
    }));
  }

  /** @param {string} [choice] what is chosen afterwards; what was, without it */
  function list(choice = chosen()) {
    ask({
      type: 'GET',
      success(answer) {
        if (!open) return;
        const names = /** @type {{ name: string }[]} */ (answer).map(({ name }) => name);
        const changed = names.join('/') !== own.join('/');
        own = names;
        // Showing them closes a menu that somebody has just opened.
        if (changed) offer();
        if (choice !== '') audio.typedInput('value', choice);
      },
    });
  }

  function stop() {
    playing?.pause();
    if (playing !== undefined) URL.revokeObjectURL(playing.src);
    playing = undefined;
  }

  function listen() {
    stop();
    say('');
    ask({
      name: chosen(),
      type: 'GET',
      xhrFields: { responseType: 'blob' },
      success(answer) {
        if (!open) return;
        playing = new Audio(URL.createObjectURL(/** @type {Blob} */ (answer)));
        playing.play().catch(() => say(node._('tplink-talk.sounds.unplayable')));
      },
    });
  }

  function upload() {
    const sound = file?.files?.[0];
    if (file === null || sound === undefined) return;
    const name = sound.name
      .normalize()
      .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, '_')
      .replace(/^[ .-]+|[ .]+$/g, '');
    say('');
    ask({
      name,
      type: 'PUT',
      contentType: 'application/octet-stream',
      data: sound,
      processData: false,
      success: () => list(name),
    });
    // The same file may be chosen again.
    file.value = '';
  }

  function remove() {
    const name = chosen();
    say('');
    if (builtIn.includes(name)) say(node._('tplink-talk.sounds.builtin'));
    else if (confirm(node._('tplink-talk.sounds.sure', { name }))) {
      ask({
        name,
        type: 'DELETE',
        success() {
          if (saved.audio === name) saved.audio = '';
          list(builtIn[0]);
        },
      });
    }
  }

  $('#node-input-tplink-talk-listen').on('click', listen);
  $('#node-input-tplink-talk-upload').on('click', () => file?.click());
  $('#node-input-tplink-talk-delete').on('click', remove);
  $('#node-input-tplink-talk-file').on('change', upload);
  return {
    choices,
    begin() {
      const row = $('#node-input-tplink-talk-sounds');
      const show = () => row.toggle(audio.typedInput('type') === 'sound');
      audio.on('change', show);
      show();
      list();
    },
    end() {
      open = false;
      stop();
    },
  };
}
