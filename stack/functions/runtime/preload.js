// Runs inside the function's own Deno process, before the function (plain JavaScript: the compiler's types here are Node's).
// It gives the function the environment that Supabase injects and nothing else, provides EdgeRuntime, and tells the supervisor
// the port. The function's code stays unmodified.
import process from "node:process";

const exit = Deno.exit;
const serve = Deno.serve;
const upgradeWebSocket = Deno.upgradeWebSocket;
const pending = new Set();

// The environment and the token arrive over the channel rather than in the process's own environment, where any process of the
// same user could read them and where a secret's name could change how Deno itself behaves.
const { environment, tokenHeader, token } = await new Promise((resolve) => process.once("message", resolve));
for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);
for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);

function waitUntil(promise) {
  const settled = Promise.resolve(promise)
    .catch((error) => console.error("waitUntil rejected:", error))
    .finally(() => pending.delete(settled));
  pending.add(settled);
  return promise;
}
globalThis.EdgeRuntime = Object.freeze({ waitUntil });

function announce(reason) {
  globalThis.dispatchEvent(new CustomEvent("beforeunload", { detail: { reason } }));
}

/** A function that is at work in the background is not dropped early: it hears of it when it is done. */
async function drain(reason) {
  if (reason !== "early_drop") announce(reason);
  while (pending.size > 0) await Promise.all(pending);
  if (reason === "early_drop") announce(reason);
  exit(0);
}

process.on("message", ({ drain: leaving, notice }) => (leaving ? drain(leaving) : announce(notice)));
// Disconnected means that the stack is gone, however it ended.
process.on("disconnect", () => exit(0));
// Otherwise the listeners above would keep this module from ever counting as finished.
process.channel.unref();

// A socket can be taken only from the request that came in, and the function sees a copy of it.
const originals = new WeakMap();
Deno.upgradeWebSocket = (request, options) => upgradeWebSocket(originals.get(request) ?? request, options);

/** Only the supervisor knows the token, so that nothing else on this machine reaches the function past its JWT gate. */
function guarded(handler) {
  return (request, info) => {
    if (request.headers.get(tokenHeader) !== token) return new Response("Forbidden", { status: 403 });
    const headers = new Headers(request.headers);
    headers.delete(tokenHeader);
    const copy = new Request(request, { headers });
    originals.set(copy, request);
    return handler(copy, info);
  };
}

let serving = false;
Deno.serve = (first, second) => {
  const options = typeof first === "function" ? {} : first;
  const handler = typeof first === "function" ? first : (second ?? first.handler);
  serving = true;
  return serve(
    {
      signal: options.signal,
      onError: options.onError,
      hostname: "127.0.0.1",
      port: 0,
      onListen(address) {
        process.channel.ref();
        process.send({ port: address.port });
        options.onListen?.(address);
      },
    },
    guarded(handler),
  );
};

globalThis.addEventListener("load", async () => {
  const { default: exported } = await import(Deno.mainModule);
  if (!serving && typeof exported?.fetch === "function") Deno.serve((request) => exported.fetch(request));
});
