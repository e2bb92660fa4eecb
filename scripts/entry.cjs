"use strict";
// Loads the bundle beside this file with V8's compiled form of it. V8 rejects a cache made by another version
// of itself and then compiles as usual; it cannot see that a cache belongs to another bundle, so both carry the
// same hash in their names, and this file, replaced last, says which pair is current.
const fs = require("node:fs");
const vm = require("node:vm");

const bundle = `${__dirname}/__BUNDLE__`;
let cachedData;
try {
  cachedData = fs.readFileSync(`${bundle}.cache`);
} catch {}
const filename = `${bundle}.cjs`;
const script = new vm.Script(fs.readFileSync(filename, "utf8"), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
