// The list of further cameras in the talk node's form: a checkbox for each camera that the select above it does not show.

function tplinkTalkCameras() {
  const ROW = '#node-tplink-talk-cameras-row';
  const LIST = '#node-tplink-talk-cameras';
  const VARIABLE = /^\$[{(]\w+[)}]$/;
  /**
   * What is ticked in the open dialog.
   * @type {{ node: FormNode, ticked: Set<string> } | undefined}
   */
  let open;

  /**
   * @param {FormNode} node
   * @returns {string[]}
   */
  function savedIn({ cameras }) {
    // A list of one may have become a text.
    const list = /** @type {unknown[]} */ (Array.isArray(cameras) ? cameras : [cameras]);
    return list.filter((id) => typeof id === 'string').filter((id) => id !== '');
  }

  /**
   * Ids of the further cameras, in the open dialog or as they are saved.
   * @param {FormNode} node
   */
  function furtherCameras(node) {
    return open !== undefined && open.node.id === node.id ? [...open.ticked] : savedIn(node);
  }

  /** @param {FormNode | null | undefined} camera */
  function isThere(camera) {
    return Boolean(camera) && camera?.valid !== false;
  }

  /**
   * Whether the id is that of a camera whose settings are complete, or a variable that only the runtime knows.
   * @param {string} id
   */
  function isSound(id) {
    return VARIABLE.test(id) || isThere(RED.nodes.node(id));
  }

  /**
   * The cameras that a node may name: those of all flows, and those of its own.
   * @param {FormNode} node
   */
  function camerasFor(node) {
    /** @type {FormNode[]} */
    const cameras = [];
    RED.nodes.eachConfig((camera) => {
      const inReach = !camera.z || camera.z === node.z;
      if (camera.type === 'tplink-camera' && inReach) cameras.push(camera);
    });
    return cameras;
  }

  /**
   * @param {FormNode} node
   * @param {Elements} select
   */
  function showList(node, select) {
    const others = camerasFor(node).filter(({ id }) => id !== select.val());
    $(LIST).empty();
    for (const { id, name, host } of others) {
      const box = $('<input type="checkbox">')
        .val(id)
        .prop('checked', open?.ticked.has(id) === true);
      box.on('change', () => {
        if (open?.ticked.delete(id) === false) open.ticked.add(id);
        // One camera of the two fields is enough: has the select checked again.
        select.trigger('keyup');
      });
      $(LIST).append($('<label>').append(box, ' ', $('<span>').text(name || host || id)));
    }
    $(ROW).toggle(others.length > 0);
  }

  /**
   * @param {FormNode} node
   * @param {Elements} select of the single camera
   */
  function openList(node, select) {
    open = { node, ticked: new Set(savedIn(node)) };
    select.on('change', () => showList(node, select));
    showList(node, select);
  }

  function closeList() {
    open = undefined;
  }

  /**
   * Stores what is ticked, without the camera of the select and without those that are gone.
   * @param {FormNode} node
   * @param {Elements} select
   */
  function saveList(node, select) {
    const ids = furtherCameras(node).filter((id) => id !== select.val() && (VARIABLE.test(id) || RED.nodes.node(id)));
    // Node-RED does this for single cameras only, and relies on it when the edit is undone.
    for (const id of savedIn(node)) {
      const users = RED.nodes.node(id)?.users ?? [];
      if (users.includes(node) && id !== node.camera) users.splice(users.indexOf(node), 1);
    }
    for (const id of ids) {
      const users = RED.nodes.node(id)?.users;
      // It may move here from the select, whose change takes one entry away.
      if (users?.includes(node) === false || id === node.camera) users?.push(node);
    }
    node.cameras = ids;
    closeList();
  }

  return { furtherCameras, isSound, openList, closeList, saveList };
}
