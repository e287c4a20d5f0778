// Times are shown in the zone of the browser once the server knows it.
const YEAR_S = 365 * 24 * 60 * 60;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cookie = `tz=${zone}`;
const known = () => document.cookie.split("; ").includes(cookie);

if (zone && zone !== document.body.dataset.timeZone && !known()) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${cookie}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  // A form that asks for a time must not show one zone and be read in another.
  if (known() && document.querySelector("input[type='datetime-local']")) location.reload();
}
