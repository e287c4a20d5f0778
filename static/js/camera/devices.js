const FRAME_RATE = 30;
const SIZES = { 720: [1280, 720], 1080: [1920, 1080] };
const PROBLEMS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "no-device",
  OverconstrainedError: "no-device",
  NotReadableError: "in-use",
  AbortError: "in-use",
};

/** Why a device could not be had, as the name of a text: "denied", "no-device", "in-use". */
export function problemOf(error) {
  return PROBLEMS[error.name] ?? "in-use";
}

/**
 * Recorders (Chromium 140s) cut out what is not wanted of a camera's picture but do not make it smaller: asked for
 * 720×1280, a camera with 3840×2160 is recorded in 1216×2160. So an upright picture is what 1920×1080 has room for.
 */
const UPRIGHT_CUT = [608, 1080];

function picture([width, height]) {
  return {
    width: { ideal: width, max: width },
    height: { ideal: height, max: height },
    frameRate: { ideal: FRAME_RATE, max: FRAME_RATE },
  };
}

/** A phone turns the picture of its camera with itself: held upright, 1280×720 comes as 720×1280. */
function turnsByItself() {
  return matchMedia("(pointer: coarse)").matches;
}

function sizeFor({ shape, quality }) {
  return shape === "portrait" && !turnsByItself() ? UPRIGHT_CUT : SIZES[quality];
}

/** One track of the camera. Rejects as getUserMedia does. */
export async function openCamera({ camera, ...choices }) {
  const device = camera ? { deviceId: { exact: camera } } : { facingMode: "user" };
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...picture(sizeFor(choices)), ...device } });
  return stream.getVideoTracks()[0];
}

/** One track of the microphone. */
export async function openMicrophone({ microphone }) {
  const device = microphone ? { deviceId: { exact: microphone } } : {};
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: true, ...device },
  });
  return stream.getAudioTracks()[0];
}

/** The screen, a window or a tab: {video, audio}, the sound only where the browser and the seller give it. */
export async function openScreen({ quality }) {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: picture(SIZES[quality]), audio: true });
  return { video: stream.getVideoTracks()[0], audio: stream.getAudioTracks()[0] ?? null };
}

export const canShareScreen = Boolean(navigator.mediaDevices?.getDisplayMedia) && !matchMedia("(pointer: coarse)").matches;

/** Fill two <select>s with what is there; names are known once a permission was given. */
export async function listDevices(cameras, microphones, { textCameraN, textMicrophoneN }) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  fillWith(cameras, devices.filter(({ kind }) => kind === "videoinput"), textCameraN);
  fillWith(microphones, devices.filter(({ kind }) => kind === "audioinput"), textMicrophoneN);
}

function fillWith(select, devices, pattern) {
  const chosen = select.value;
  const known = devices.filter(({ deviceId }) => deviceId);
  const options = known.map(({ deviceId, label }, index) => new Option(label || pattern.replace("{n}", index + 1), deviceId));
  select.replaceChildren(select.options[0], ...options);
  select.value = known.some(({ deviceId }) => deviceId === chosen) ? chosen : "";
}
