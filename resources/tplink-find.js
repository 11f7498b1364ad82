// *Find* of the camera form: lists the cameras of this network as they answer; the chosen one fills the fields.

/**
 * @typedef {{ name: string, model: string, address: string, talk: 'can' | 'cannot' | 'unknown', dialect: string, ports: { rtsp?: number, http?: number, stream?: number }, unasked?: 'time' }} FoundCamera
 */

/** @param {(request: EditorRequest) => { key: string, values?: object }} refusalOf why a button was refused */
function tplinkFind(refusalOf) {
  const BUTTON = '#node-config-tplink-camera-find';
  const LIST = '#node-config-tplink-camera-found';
  /** What TP-Link calls every camera that nobody has named. */
  const UNNAMED = 'TP-IPC';
  /** Dialects that want passwords of their own. */
  const HTTP_TALK = ['tapo', 'vigi-stream'];
  /** @type {EditorRequest | undefined} */
  let finding;

  function endFind() {
    const request = finding;
    // First, because ending it calls back.
    finding = undefined;
    request?.abort();
  }

  /**
   * @param {string} property
   * @param {string | number | undefined} value
   */
  function fill(property, value) {
    if (value !== undefined && value !== '') $(`#node-config-input-${property}`).val(value).trigger('change');
  }

  /** @param {FoundCamera} camera */
  function choose({ name, model, address, dialect, ports }) {
    fill('host', address);
    fill('port', ports.rtsp);
    fill('httpPort', ports.http);
    if (HTTP_TALK.includes(dialect)) {
      fill('dialect', dialect);
      fill('streamPort', ports.stream);
    } else if (dialect !== '' && HTTP_TALK.includes($('#node-config-input-dialect').val() ?? '')) {
      // The two lines of MULTITRANS are told apart at each log-in.
      fill('dialect', 'auto');
    }
    if (!$('#node-config-input-name').val()) fill('name', name === UNNAMED ? model : name || model);
  }

  /**
   * @param {FormNode} node
   * @param {FoundCamera} camera
   */
  function showCamera(node, camera) {
    const { name, model, address, talk, dialect, unasked } = camera;
    const answer = HTTP_TALK.includes(dialect) ? dialect : talk;
    const said = unasked === undefined ? answer : 'noTime';
    const called = [...new Set([name, model])].filter((text) => text !== '').join(', ');
    const line = $('<li>').addClass(`tplink-talk-${talk}`);
    const pick = $('<button type="button" class="red-ui-button">').text(address);
    pick.on('click', () => choose(camera));
    line.append(pick, ' ', $('<b>').text(called), ' ', $('<span>').text(node._(`tplink-camera.find.${said}`)));
    $(LIST).append(line);
  }

  /**
   * @param {FormNode} node
   * @param {string} key
   * @param {object} [values]
   */
  function showNote(node, key, values) {
    const note = $('<li class="tplink-note">').text(node._(`tplink-camera.${key}`, values));
    $(LIST).append(note);
    return note;
  }

  /** @param {FormNode} node */
  function showRunning(node) {
    const stop = $('<button type="button" class="red-ui-button red-ui-button-small">');
    stop.text(node._('tplink-camera.test.button.stop')).on('click', () => finding?.abort());
    showNote(node, 'find.running').append(' ', stop);
  }

  /**
   * @param {string} json
   * @returns {unknown}
   */
  function parsed(json) {
    return JSON.parse(json);
  }

  /** @param {FormNode} node */
  function runFind(node) {
    let read = 0;
    let told = false;
    /** @param {string} text */
    function readLines(text) {
      for (let end = text.indexOf('\n', read); end !== -1; end = text.indexOf('\n', read)) {
        const line = text.slice(read, end);
        read = end + 1;
        // A proxy may answer with a page of its own.
        if (!line.startsWith('{')) return;
        const { camera, cameras } = /** @type {{ camera?: FoundCamera, cameras?: FoundCamera[] }} */ (parsed(line));
        if (camera) showCamera(node, camera);
        if (!cameras) continue;
        told = true;
        $(LIST).empty();
        for (const one of cameras) showCamera(node, one);
        if (cameras.length === 0) showNote(node, 'find.none');
      }
    }
    $(LIST).empty();
    showRunning(node);
    $(BUTTON).prop('disabled', true);
    const fields = Object.fromEntries(
      ['port', 'httpPort', 'streamPort'].map((name) => [name, $(`#node-config-input-${name}`).val()]),
    );
    const request = $.ajax({
      // Relative, because the editor may live under another root.
      url: 'tplink-camera/find',
      type: 'POST',
      contentType: 'application/json',
      data: JSON.stringify(fields),
      dataType: 'text',
      xhrFields: {
        onprogress({ target }) {
          if (finding === request && target.status === 200) readLines(target.responseText);
        },
      },
    });
    finding = request;
    request.always(() => {
      // The dialog was closed meanwhile.
      if (finding !== request) return;
      finding = undefined;
      $(BUTTON).prop('disabled', false);
      if (request.status === 200) readLines(request.responseText);
      if (told) return;
      const { key, values } = refusalOf(request);
      // Who answered until then stays.
      $(`${LIST} > .tplink-note`).remove();
      showNote(node, `test.${key}`, values);
    });
  }

  return { runFind, endFind };
}
