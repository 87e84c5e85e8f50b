/* How good the line is, before anything was played: what the browser knows, what a person chose,
   and how fast the page's own style sheets came. Pure: everything is passed in. */

/* Bits a second below which a lecture plays as one light file, without hls.js. */
export const GOOD_LINE = 1200000;
const SLOW_TYPES = ["slow-2g", "2g", "3g"];
/* Less than this came from a cache, or says nothing. */
const LEAST_BYTES = 4000;

/* `entries`: PerformanceResourceTiming of what was loaded so far; null when they tell nothing. */
export function measuredRate(entries) {
  const carried = entries.filter((one) => one.transferSize > LEAST_BYTES && one.responseEnd > one.requestStart);
  if (!carried.length) {
    return null;
  }
  const bytes = carried.reduce((sum, one) => sum + one.transferSize, 0);
  const begin = Math.min.apply(null, carried.map((one) => one.requestStart));
  const end = Math.max.apply(null, carried.map((one) => one.responseEnd));
  return (bytes * 8000) / (end - begin);
}

/* "slow" when it is known to be, else "good". `saveData`: the page was asked for with Save-Data. */
export function lineOf({ connection, saveData, rate }) {
  const told = connection || {};
  if (saveData || told.saveData || SLOW_TYPES.indexOf(told.effectiveType) >= 0) {
    return "slow";
  }
  if (typeof told.downlink === "number" && told.downlink > 0 && told.downlink * 1e6 < GOOD_LINE) {
    return "slow";
  }
  // Style sheets are small: latency hides what a fast line could carry, so only clearly slow counts.
  return rate !== null && rate < GOOD_LINE / 2 ? "slow" : "good";
}

/* The line of this page, from the browser's own objects. */
export function lineHere(win, saveData) {
  const { navigator, performance } = win;
  const entries = performance && performance.getEntriesByType ? performance.getEntriesByType("resource") : [];
  return lineOf({
    connection: navigator.connection,
    saveData,
    rate: measuredRate(entries.filter((one) => one.initiatorType === "link")),
  });
}
