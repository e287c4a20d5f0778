const SLICE_MS = 100;
const KEYFRAME_MS = 2000;
const AUDIO_BITS = 128_000;

/** H.264 first: the server passes it on as it is. The others are encoded there once more. */
const FORMATS = [
  "video/webm;codecs=h264,opus",
  "video/x-matroska;codecs=avc1,opus",
  "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
  "video/mp4;codecs=avc1,mp4a.40.2",
  "video/webm;codecs=vp8,opus",
  "video/webm;codecs=vp9,opus",
];

/** What this browser's recorder makes; undefined if it is nothing that can be sent. */
export const FORMAT = globalThis.MediaRecorder ? FORMATS.find((format) => MediaRecorder.isTypeSupported(format)) : undefined;

/** Record a stream in slices of 100 ms; returns what stops it. `onFailed` is called when the recorder gives up. */
export function record(stream, { kbps, onSlice, onFailed }) {
  const recorder = new MediaRecorder(stream, {
    mimeType: FORMAT,
    videoBitsPerSecond: kbps * 1000,
    audioBitsPerSecond: AUDIO_BITS,
    videoKeyFrameIntervalDuration: KEYFRAME_MS,
  });
  let stopped = false;
  recorder.addEventListener("dataavailable", ({ data }) => !stopped && data.size && onSlice(data));
  recorder.addEventListener("error", () => !stopped && onFailed());
  recorder.addEventListener("stop", () => !stopped && onFailed());
  recorder.start(SLICE_MS);
  return () => {
    stopped = true;
    if (recorder.state !== "inactive") recorder.stop();
  };
}
