import { Refused, Temporary } from "./retry.js";

/** Without a byte for so long, a connection is dead even if nobody said so. */
const STALLED_MS = 45_000;

/** The leave to send has run out; another has to be asked for. */
export class GrantExpired extends Error {}

/** POST a file with the fields of its grant. */
export function postForm({ url, fields }, file, options) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("file", file);
  return send("POST", url, body, options);
}

/** PUT one part of a file. */
export function putPart(url, part, options) {
  return send("PUT", url, part, options);
}

/** fetch() tells nothing of what has been sent; XMLHttpRequest does. */
function send(method, url, body, { signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled = 0;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_MS);
    };
    const abort = () => request.abort();
    const end = (settle, value) => {
      clearTimeout(stalled);
      signal.removeEventListener("abort", abort);
      settle(value);
    };
    request.open(method, url);
    request.upload.addEventListener("progress", (event) => {
      watch();
      onProgress(event.loaded);
    });
    request.addEventListener("load", () => {
      const problem = problemOf(request);
      if (problem) end(reject, problem);
      else end(resolve);
    });
    request.addEventListener("error", () => end(reject, new Temporary("", { cause: "no answer" })));
    request.addEventListener("abort", () =>
      end(reject, signal.aborted ? signal.reason : new Temporary("", { cause: "stalled" })),
    );
    signal.addEventListener("abort", abort, { once: true });
    watch();
    request.send(body);
  });
}

function problemOf(request) {
  const { status } = request;
  if (status >= 200 && status < 300) return null;
  if (status === 403) return new GrantExpired();
  if (status === 0 || status === 408 || status === 429 || status >= 500) return new Temporary(wordsOf(request));
  return new Refused(wordsOf(request), status);
}

/** Our own receiver answers in words; a bucket answers in XML, which is for nobody's eyes. */
function wordsOf(request) {
  return request.getResponseHeader("Content-Type")?.startsWith("text/plain") ? request.responseText.trim() : "";
}
