"use strict";
// node code-cache.cjs BUNDLE CACHE ARGUMENTS…: runs the bundle with the arguments, as the entry would, and writes
// V8's compiled form of it, which holds just the functions that this run called.
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const [filename, cache] = process.argv.splice(2, 2);
const script = new vm.Script(fs.readFileSync(filename, "utf8"), { filename });
process.on("exit", () => fs.writeFileSync(cache, script.createCachedData()));
script.runInThisContext()(exports, require, module, filename, path.dirname(filename));
