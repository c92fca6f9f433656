/**
 * Time as the page's parts see it, so that tests can turn its hands. `now` and delays are milliseconds.
 * @typedef {{ now(): number, setTimeout(act: () => void, ms: number): any, clearTimeout(timer: any): void }} Clock
 */

/** The browser's clock. @type {Clock} */
export const clock = {
  now: () => Date.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};
