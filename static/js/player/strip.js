/* Draws the watch strip: runs of watched seconds as rectangles in an SVG of 1000 by 8, where the
   group scales fractions of the recording to the full width. The same form as the server draws. */

const SVG = "http://www.w3.org/2000/svg";

/* `runs`: [[from, to), …] in seconds. */
export function drawRuns(group, runs, duration) {
  while (group.childNodes.length > runs.length) {
    group.removeChild(group.lastChild);
  }
  runs.forEach(([from, to], i) => {
    let rect = group.childNodes[i];
    if (!rect) {
      rect = group.ownerDocument.createElementNS(SVG, "rect");
      rect.setAttribute("y", "0");
      rect.setAttribute("height", "8");
      group.appendChild(rect);
    }
    const start = Math.min(1, from / duration);
    rect.setAttribute("x", start.toFixed(5));
    rect.setAttribute("width", (Math.min(1, to / duration) - start).toFixed(5));
  });
}

/* A group for `name` inside the strip, made when the template has none. */
export function stripGroup(svg, name) {
  let group = svg.querySelector(`.${name}`);
  if (!group) {
    group = svg.ownerDocument.createElementNS(SVG, "g");
    group.setAttribute("class", name);
    group.setAttribute("transform", "scale(1000 1)");
    svg.insertBefore(group, svg.querySelector(".strip-seen"));
  }
  return group;
}
