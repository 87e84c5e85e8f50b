/* What the browsers of the floor (Android WebView 78, iOS 13) can parse: ES2019, nothing newer. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { parse } from "acorn";

const root = fileURLToPath(new URL("../../", import.meta.url));

function scripts(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return scripts(path);
    }
    return entry.name.endsWith(".js") ? [path] : [];
  });
}

const parses = (path, sourceType) => parse(readFileSync(join(root, path), "utf8"), { ecmaVersion: 2019, sourceType });

test("the parser refuses newer syntax, so that these tests mean something", () => {
  assert.throws(() => parse("a?.b", { ecmaVersion: 2019 }));
  assert.throws(() => parse("class A { b = 1 }", { ecmaVersion: 2019 }));
});

for (const path of scripts("static/js")) {
  test(`${path} is a module in ES2019`, () => {
    parses(path, "module");
  });
}

for (const path of ["node_modules/hls.js/dist/hls.min.js", "node_modules/tus-js-client/dist/tus.min.js"]) {
  test(`${path} is a script in ES2019`, () => {
    parses(path, "script");
  });
}
