const KEY = "uploads";
const KEPT_MS = 24 * 60 * 60 * 1000;
const KEPT = 20;

/** Uploads that this browser began and has not finished, newest first: [{code, purpose, name, size, modified, at}]. */
function read() {
  try {
    const entries = JSON.parse(localStorage.getItem(KEY)) ?? [];
    return entries.filter(({ at }) => Date.now() - at < KEPT_MS);
  } catch {
    return [];
  }
}

function write(entries) {
  try {
    localStorage.setItem(KEY, JSON.stringify(entries.slice(0, KEPT)));
  } catch {
    // Without storage an upload cannot go on after a reload; it still goes through.
  }
}

export function remember(code, purpose, { name, size, lastModified: modified }) {
  write([{ code, purpose, name, size, modified, at: Date.now() }, ...read().filter((entry) => entry.code !== code)]);
}

export function forget(code) {
  write(read().filter((entry) => entry.code !== code));
}

/** The asset code under which this very file was begun, undefined if it was not. */
export function recall(purpose, file) {
  return read().find(
    (entry) =>
      entry.purpose === purpose &&
      entry.name === file.name &&
      entry.size === file.size &&
      entry.modified === file.lastModified,
  )?.code;
}

/** The newest unfinished upload of this purpose, for a hint beside the button. */
export function unfinished(purpose) {
  return read().find((entry) => entry.purpose === purpose);
}
