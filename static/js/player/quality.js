import { fill } from "../common/format.js";

const AUTO = "-1";

/** The choice of picture size, where the source has several and the browser lets us choose. */
export function connectQuality(select, source) {
  const auto = select.querySelector(`[value="${AUTO}"]`);
  const plain = auto.textContent;
  const name = ({ width, height }) => `${Math.min(width, height)}p`;

  source.addEventListener("levels", () => {
    const { levels } = source;
    const rungs = levels.map((level, index) => new Option(name(level), index)).reverse();
    select.replaceChildren(auto, ...rungs);
    select.value = AUTO;
    select.closest("[data-quality-place]").hidden = levels.length < 2;
  });
  source.addEventListener("level", () => {
    const level = source.levels[source.level];
    auto.textContent = level && select.value === AUTO ? fill(select.dataset.textAuto, name(level)) : plain;
  });
  select.addEventListener("change", () => source.choose(Number(select.value)));
}
