/** Put a number into a translated text: fill("{n}개", 3) → "3개". */
export function fill(pattern, number) {
  return (pattern ?? "{n}").replace("{n}", number);
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
