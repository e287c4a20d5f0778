/**
 * Fetches pages of a room's messages from the address on the chat's element; `asHeard(message)` makes each what was heard
 * of it while the page was on its way.
 */
export function pagesOf({ dataset }, asHeard) {
  return {
    /** Return {messages, more}; throws when they do not come. */
    async get(wanted, { signal } = {}) {
      const url = new URL(dataset.messagesUrl, location.href);
      for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value);
      const response = await fetch(url, { signal: signal ?? AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`messages: ${response.status}`);
      const { messages, more } = await response.json();
      return { messages: messages.map(asHeard), more };
    },
  };
}
