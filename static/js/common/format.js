/** Put numbers into a translated text: fill("{n}개", 3) → "3개", fill("{m}분 {s}초", {m: 1, s: 20}) → "1분 20초". */
export function fill(pattern, values) {
  const named = typeof values === "object" ? values : { n: values };
  return (pattern ?? "{n}").replace(/{(\w+)}/g, (whole, name) => named[name] ?? whole);
}

export function grouped(number) {
  return Number(number).toLocaleString("ko-KR");
}

const shortCount = new Intl.NumberFormat("ko-KR", { notation: "compact", maximumFractionDigits: 1 });

/** 950 → "950", 12000 → "1.2만". */
export function compact(number) {
  return number < 10_000 ? grouped(number) : shortCount.format(number);
}

/** Milliseconds as 4:32 or 1:04:32. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** 12_300_000 → "12.3MB". */
export function fileSize(bytes) {
  const [unit, name] = [[1e9, "GB"], [1e6, "MB"], [1e3, "KB"]].find(([size]) => bytes >= size) ?? [1, "B"];
  const amount = bytes / unit;
  return `${amount.toFixed(unit < 1e6 || amount >= 100 ? 0 : 1)}${name}`;
}

/** How long something will still take, in the words of `texts`: "1분 20초 남음". */
export function timeLeft(seconds, { textLeftHours, textLeftMinutes, textLeftSeconds }) {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  if (h) return fill(textLeftHours, { h, m });
  if (seconds >= 60) return fill(textLeftMinutes, { m, s: seconds % 60 });
  return fill(textLeftSeconds, { s: seconds });
}
