import { clock, fill, grouped } from "./format.js";

/** The parts of the buying steps that move: quantity and total, the clock of the hold. Call it after each step. */
export function enliven(root) {
  root.querySelectorAll("[data-stepper]").forEach(enlivenStepper);
  root.querySelectorAll("[data-countdown]").forEach(countDown);
}

function enlivenStepper(stepper) {
  const form = stepper.closest("form");
  const input = stepper.querySelector("input");
  const total = form.querySelector("[data-total]");
  const send = form.querySelector(".button--buy");
  let most = Number(stepper.dataset.max);

  const show = () => {
    const quantity = Number(input.value);
    for (const button of stepper.querySelectorAll("[data-step]")) {
      const next = quantity + Number(button.dataset.step);
      button.disabled = next < 1 || next > most;
    }
    const amount = Number(form.dataset.unitPrice) * Math.max(1, quantity || 1);
    total.textContent = fill(form.dataset.textWon, grouped(amount));
  };

  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    input.value = Math.min(most, Math.max(1, Number(input.value) + Number(button.dataset.step)));
    show();
  });
  input.addEventListener("input", show);
  form.addEventListener("stock", ({ detail: { left } }) => {
    most = Math.min(Number(stepper.dataset.max), left);
    send.disabled = left <= 0;
    show();
  });
  show();
}

function countDown(time) {
  const end = Date.parse(time.dateTime);
  const tick = () => {
    const left = end - Date.now();
    time.textContent = left > 0 ? clock(left + 999) : time.dataset.textOver;
    time.toggleAttribute("data-low", left < 60_000);
    if (time.isConnected && left > 0) setTimeout(tick, 1000 - (Date.now() % 1000));
    else if (time.isConnected) time.dispatchEvent(new CustomEvent("over", { bubbles: true }));
  };
  tick();
}
