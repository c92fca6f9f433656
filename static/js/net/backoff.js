/** The bound of the first wait, and of the longest. Milliseconds. */
const FIRST = 500;
const MOST = 15_000;

/**
 * How long to wait before the next try: anything from nothing to a bound that doubles with each try ("full jitter"), so that those
 * who lost a server together don't come back together. There is no last try.
 */
export class Backoff {
  #tries = 0;
  #random;

  /** @param {() => number} random */
  constructor(random) {
    this.#random = random;
  }

  /** Milliseconds to wait now. */
  next() {
    return this.#random() * Math.min(MOST, FIRST * 2 ** Math.min(this.#tries++, 10));
  }

  /** Goes on as if so many tries had failed: there is a reason not to hurry. @param {number} tries */
  atLeast(tries) {
    this.#tries = Math.max(this.#tries, tries);
  }

  reset() {
    this.#tries = 0;
  }
}
