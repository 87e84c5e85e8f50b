// What Wagtail's date fields, choosers and inline panels start with, which its own templates write
// as inline scripts: here it is data in the page, so that the editor needs no unsafe-inline.

const START = {
  date: (id, options) => window.initDateChooser(id, options),
  datetime: (id, options) => window.initDateTimeChooser(id, options),
  time: (id, options) => window.initTimeChooser(id, options),
  Chooser: (id, options) => new window.Chooser(id, options),
  PageChooser: (id, options) => new window.PageChooser(id, options),
  inline: (_id, options) => new window.InlinePanel(options),
};

function start(block) {
  const kind = START[block.dataset.start];
  if (!kind || block.dataset.started) {
    return;
  }
  block.dataset.started = "yes";
  kind(block.dataset.for, JSON.parse(block.dataset.options));
}

function startWithin(node) {
  if (node.nodeType !== 1) {
    return;
  }
  if (node.matches("template[data-start]")) {
    start(node);
  }
  node.querySelectorAll("template[data-start]").forEach(start);
}

startWithin(document.documentElement);
// Rows that are added and dialogs that open bring fields of their own.
new MutationObserver((changes) => {
  for (const change of changes) {
    change.addedNodes.forEach(startWithin);
  }
}).observe(document.documentElement, { childList: true, subtree: true });
