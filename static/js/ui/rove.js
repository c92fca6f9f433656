// The rows of the log as one stop of the Tab key: the arrows go from message to message, Tab from there to what can be done with one.

/** Gives the focus to a row. @param {HTMLElement} row */
export function focusRow(row) {
  const rows = /** @type {HTMLElement} */ (row.parentElement);
  for (const other of rows.querySelectorAll('.row[tabindex="0"]')) other.setAttribute("tabindex", "-1");
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
}

/** Lets Tab come to the newest message, unless another has the focus. @param {HTMLElement} rows */
export function rove(rows) {
  const stop = rows.querySelector('.row[tabindex="0"]');
  if (stop?.contains(document.activeElement)) return;
  let newest = rows.lastElementChild;
  while (newest && !newest.classList.contains("row")) newest = newest.previousElementSibling;
  if (stop === newest) return;
  stop?.removeAttribute("tabindex");
  newest?.setAttribute("tabindex", "0");
}

/**
 * The row before or after one.
 * @param {Element} row @param {1 | -1} by
 * @returns {HTMLElement | null}
 */
export function rowBeside(row, by) {
  const next = (/** @type {Element} */ of) => (by > 0 ? of.nextElementSibling : of.previousElementSibling);
  let other = next(row);
  while (other && !other.classList.contains("row")) other = next(other);
  return /** @type {HTMLElement | null} */ (other);
}
