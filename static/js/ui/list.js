/**
 * Makes the children of a list those of items, in their order, keeping every element that is there already.
 * @template T
 * @param {HTMLElement} list
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {() => HTMLElement} make an empty element
 * @param {(element: HTMLElement, item: T) => void} fill
 */
export function drawList(list, items, keyOf, make, fill) {
  const wanted = new Set(items.map(keyOf));
  /** @type {Map<string, HTMLElement>} */
  const kept = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...list.children])) {
    const key = child.dataset.key ?? "";
    if (wanted.has(key)) kept.set(key, child);
    else child.remove();
  }
  let next = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const element = kept.get(key) ?? make();
    element.dataset.key = key;
    fill(element, item);
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
}

/** A copy of the first element in a <template> of the page. @param {string} id @returns {HTMLElement} */
export function fromTemplate(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}
