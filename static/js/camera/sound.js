const QUIET = 0.002;
const QUIET_AFTER_MS = 5000;
const LOUD = 0.97;
const FLOOR_DB = -60;

/**
 * Mixes microphone and screen into one track that stays the same while what feeds it changes, so that another
 * microphone needs no new recording. Tells "level" ({level: 0–1, loud}) and "quiet" ({quiet}).
 */
export class Sound extends EventTarget {
  #context = new AudioContext({ sampleRate: 48_000 });
  #volume = this.#context.createGain();
  #analyser = this.#context.createAnalyser();
  #out = this.#context.createMediaStreamDestination();
  #samples = new Float32Array(this.#analyser.fftSize);
  #sources = new Map();
  #heardAt = performance.now();
  #quiet = false;
  #timer = 0;

  constructor() {
    super();
    this.#volume.connect(this.#analyser);
    this.#volume.connect(this.#out);
    this.#timer = setInterval(() => this.#measure(), 100);
  }

  get track() {
    return this.#out.stream.getAudioTracks()[0];
  }

  /** Browsers let sound begin only with a tap. */
  resume() {
    return this.#context.resume();
  }

  /** Let `track` be what comes in under this name ("microphone", "screen"), in the place of the one before. */
  put(name, track) {
    this.#sources.get(name)?.stop();
    this.#sources.delete(name);
    if (!track) return;
    const node = this.#context.createMediaStreamSource(new MediaStream([track]));
    node.connect(this.#volume);
    this.#sources.set(name, { stop: () => (node.disconnect(), track.stop()) });
  }

  set muted(muted) {
    this.#volume.gain.value = muted ? 0 : 1;
  }

  close() {
    clearInterval(this.#timer);
    for (const name of [...this.#sources.keys()]) this.put(name, null);
    return this.#context.close();
  }

  #measure() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const mean = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const peak = this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    const loudness = Math.sqrt(mean);
    const level = loudness > 0 ? Math.max(0, 1 - (20 * Math.log10(loudness)) / FLOOR_DB) : 0;
    this.#tell("level", { level, loud: peak > LOUD });
    const now = performance.now();
    if (loudness > QUIET) this.#heardAt = now;
    const quiet = now - this.#heardAt > QUIET_AFTER_MS;
    if (quiet !== this.#quiet) this.#tell("quiet", { quiet: (this.#quiet = quiet) });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
