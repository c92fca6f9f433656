/**
 * Sends a file to a room by a request of its own. XMLHttpRequest, as fetch does not say how much has been sent.
 * @type {import("./uploads.js").Transfer}
 */
export const transfer = ({ room, name, source }, { progress, done }) => {
  const request = new XMLHttpRequest();
  request.open("POST", `/rooms/${encodeURIComponent(room)}/files?name=${encodeURIComponent(name)}`);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream"); // the server goes by what is in it
  request.upload.onprogress = ({ loaded }) => progress(loaded);
  request.onload = () => done({ status: request.status, body: parsed(request.responseText) });
  request.onerror = () => done({ status: 0, body: null });
  request.send(source);
  return () => request.abort();
};

/** @param {string} json */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null; // a proxy's page, say
  }
}
