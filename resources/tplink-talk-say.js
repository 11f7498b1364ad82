// *Say it now* in the talk node's form: what the form holds, on its camera, with progress and a way to stop.

/** @param {(node: FormNode) => readonly string[]} furtherCameras */
function tplinkTalkSay(furtherCameras) {
  const { runTest, endTest, stopTest, toTry } = tplinkReport('tplink-talk', ['say'], 'node');

  /**
   * What a select of config nodes shows; '' for none.
   * @param {string} property
   */
  function chosen(property) {
    const id = $(`#node-input-${property}`).val() ?? '';
    return id === '_ADD_' ? '' : id;
  }

  /** @param {FormNode} node */
  function prepareSay(node) {
    $('#node-tplink-talk-stop').prop('disabled', true).on('click', stopTest);
    $('#node-tplink-talk-say').on('click', () => {
      const camera = toTry(chosen('camera') || (furtherCameras(node)[0] ?? ''));
      runTest(node, 'tplink-talk/say-now', 'tplink-talk.test.running', { camera, voice: toTry(chosen('voice')) });
    });
  }

  return { prepareSay, endSay: endTest };
}
