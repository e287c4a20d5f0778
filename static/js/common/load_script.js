const loading = new Map();

/** Load a classic script once and return what it leaves in the global variable `name`; a failed try may be repeated. */
export function loadScript(address, name) {
  if (!loading.has(address)) {
    loading.set(
      address,
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", () => resolve(window[name]));
        script.addEventListener("error", () => {
          loading.delete(address);
          reject(new Error(`${name} did not load`));
        });
        document.head.append(script);
      }),
    );
  }
  return loading.get(address);
}
