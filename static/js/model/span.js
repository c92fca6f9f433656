/** How many messages more are shown when one scrolls to an end of what is shown; at most half of those that are. */
const STEP = 50;

/**
 * Which of a log's messages are shown: at most `cap` of them, so that a long log doesn't make the page slow. It is said in seqs,
 * because messages come and go at both ends. `bottom` is Infinity while the newest are shown, whatever comes.
 */
export class Span {
  top = 0;
  bottom = Infinity;
  #cap;
  #step;

  /** @param {number} cap */
  constructor(cap) {
    this.#cap = cap;
    this.#step = Math.min(STEP, cap >> 1);
  }

  /** Whether there are newer messages than those that are shown. */
  get behind() {
    return this.bottom !== Infinity;
  }

  /**
   * The shown messages, after dropping what is beyond the cap: the oldest for one who follows the end, else the newest, which
   * are out of sight.
   * @template {{ seq?: number }} T
   * @param {T[]} messages by seq
   * @param {boolean} following
   * @returns {T[]}
   */
  of(messages, following) {
    const from = indexOf(messages, this.top);
    const to = this.behind ? indexOf(messages, this.bottom + 1) : messages.length;
    if (to - from <= this.#cap) return messages.slice(from, to);
    if (following && !this.behind) {
      this.top = messages[to - this.#cap].seq ?? 0;
      return messages.slice(to - this.#cap);
    }
    this.bottom = messages[from + this.#cap - 1].seq ?? Infinity;
    return messages.slice(from, from + this.#cap);
  }

  /** Shows older messages. @param {{ seq?: number }[]} messages @returns {boolean} false where all are shown */
  up(messages) {
    const from = indexOf(messages, this.top);
    if (from === 0) return false;
    this.top = messages[Math.max(0, from - this.#step)].seq ?? 0;
    return true;
  }

  /** Shows newer messages. @param {{ seq?: number }[]} messages @param {boolean} isCut whether there are newer ones yet @returns {boolean} false where all are shown */
  down(messages, isCut) {
    if (!this.behind) return false;
    const shown = indexOf(messages, this.bottom + 1);
    if (isCut && shown === messages.length) return false;
    const to = Math.min(messages.length, shown + this.#step);
    this.bottom = to === messages.length && !isCut ? Infinity : (messages[to - 1].seq ?? Infinity);
    const from = indexOf(messages, this.top);
    if (to - from > this.#cap) this.top = messages[to - this.#cap].seq ?? 0;
    return true;
  }

  /** Shows a message, and what is around it where it isn't shown yet. @param {{ seq?: number }[]} messages @param {number} seq @param {boolean} isCut */
  around(messages, seq, isCut) {
    if (seq >= this.top && seq <= this.bottom) return;
    const at = indexOf(messages, seq);
    const to = at + this.#step;
    this.top = messages[Math.max(0, at - this.#step)].seq ?? 0;
    this.bottom = to >= messages.length - 1 && !isCut ? Infinity : (messages[Math.min(to, messages.length - 1)].seq ?? Infinity);
  }

  /** Shows the newest messages. @param {{ seq?: number }[]} messages @returns {boolean} false where they are shown already */
  end(messages) {
    if (!this.behind) return false;
    this.bottom = Infinity;
    this.top = messages[Math.max(0, messages.length - 2 * this.#step)]?.seq ?? 0;
    return true;
  }
}

/** The index of the first message whose seq is not below `seq`. @param {{ seq?: number }[]} messages @param {number} seq */
export function indexOf(messages, seq) {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle].seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
