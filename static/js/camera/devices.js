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

function picture({ shape, quality }) {
  const [long, short] = SIZES[quality];
  const [width, height] = shape === "portrait" ? [short, long] : [long, short];
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FRAME_RATE, max: FRAME_RATE } };
}

/**
 * A phone turns the picture of its camera with itself: held upright, 1280×720 comes as 720×1280, and asking for an
 * upright picture would make it cut one out of a lying one.
 */
function turnsByItself() {
  return matchMedia("(pointer: coarse) and (orientation: portrait)").matches;
}

/** One track of the camera. Rejects as getUserMedia does. */
export async function openCamera({ camera, shape, quality }) {
  const wanted = picture({ shape: turnsByItself() ? "landscape" : shape, quality });
  const device = camera ? { deviceId: { exact: camera } } : { facingMode: "user" };
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...device } });
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
export async function openScreen({ shape, quality }) {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: picture({ shape, quality }), audio: true });
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
