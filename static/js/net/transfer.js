/** The header that shows that a request comes from a page of ours. */
const TOKEN = "Parley-Token";

/**
 * Sends each file by a request of its own. XMLHttpRequest, as fetch does not say how much has been sent.
 * @param {string} token of the page's forms
 * @returns {import("./uploads.js").Transfer}
 */
export function transferWith(token) {
  return ({ room, name, source }, { progress, done }) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/rooms/${encodeURIComponent(room)}/files?name=${encodeURIComponent(name)}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream"); // the server goes by what is in it
    request.setRequestHeader(TOKEN, token);
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => done({ status: request.status, body: parsed(request.responseText) });
    request.onerror = () => done({ status: 0, body: null });
    request.send(source);
    return () => request.abort();
  };
}

/** Takes back a file that was uploaded and not sent. Where that fails, the server removes it by itself later. @param {string} id @param {string} token */
export function takeBack(id, token) {
  fetch(`/files/${encodeURIComponent(id)}`, { method: "DELETE", headers: { [TOKEN]: token } }).catch(() => {});
}

/** @param {string} json */
function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null; // a proxy's page, say
  }
}
