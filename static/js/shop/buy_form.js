import { fill, grouped } from "../common/format.js";
import { countDown } from "./hold_clock.js";

const ASK_AGAIN_MS = 3000;
const LOOK_AGAIN_MS = 4000;

/** The parts of the buying steps that move. Call it after each step. */
export function enliven(root) {
  root.querySelectorAll("form:has([data-stepper])").forEach(enlivenChoice);
  root.querySelectorAll("[data-hold]").forEach(countDown);
  root.querySelectorAll("[data-ask-again]").forEach(askAgain);
  root.querySelectorAll("[data-state-url]").forEach(lookAgain);
}

/** Option and quantity decide the total; what is left of the option decides how many. */
function enlivenChoice(form) {
  if ("lively" in form.dataset) return;
  form.dataset.lively = "";
  const stepper = form.querySelector("[data-stepper]");
  const input = stepper.querySelector("input");
  const total = form.querySelector("[data-total]");
  const shipping = form.querySelector("[data-shipping]");
  const won = (amount) => fill(form.dataset.textWon, grouped(amount));
  const chosen = () => form.querySelector("input[name=variant]:checked, input[name=variant][type=hidden]");
  const most = () => Math.min(Number(stepper.dataset.max), Number(chosen()?.dataset.leftOf ?? 0));

  const show = () => {
    const quantity = Math.max(1, Number(input.value) || 1);
    for (const button of stepper.querySelectorAll("[data-step]")) {
      const next = quantity + Number(button.dataset.step);
      button.disabled = next < 1 || next > most();
    }
    const { price, fee, freeFrom } = form.dataset;
    const amount = (Number(price) + Number(chosen()?.dataset.extra ?? 0)) * quantity;
    const sending = freeFrom && amount >= Number(freeFrom) ? 0 : Number(fee);
    if (shipping) shipping.textContent = won(sending);
    total.textContent = won(amount + sending);
  };

  stepper.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    input.value = Math.min(most(), Math.max(1, Number(input.value) + Number(button.dataset.step)));
    show();
  });
  form.addEventListener("input", show);
  form.addEventListener("change", () => {
    input.value = Math.max(1, Math.min(most(), Number(input.value) || 1));
    show();
  });
  form.addEventListener("stock", ({ detail: { left } }) => {
    if (left <= 0) for (const button of form.querySelectorAll(".buy-actions .button")) button.disabled = true;
  });
  show();
}

/** Who waits in line asks again until it is their turn. */
function askAgain(form) {
  setTimeout(() => {
    if (form.isConnected) form.requestSubmit();
  }, ASK_AGAIN_MS);
}

/** A payment may be made in another window, or its page may never come back. */
async function lookAgain(step) {
  if ("looking" in step.dataset) return;
  step.dataset.looking = "";
  while (step.isConnected) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const answer = await fetch(step.dataset.stateUrl).catch(() => null);
    const state = answer?.ok ? await answer.json() : null;
    if (state && state.status !== "open" && step.isConnected) {
      step.dispatchEvent(new CustomEvent("over", { bubbles: true }));
      return;
    }
  }
}
